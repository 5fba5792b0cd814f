"""Measures one experiment: C process, fresh PyTorch process, live PyTorch process.

Every round runs the three once, in an order drawn anew, so that neither warming caches nor
drifting clocks favour a side. All processes get the same arguments and the same number of
threads and start in empty folders.
"""

import dataclasses
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.benchmark import noise, statistics
from engine.benchmark.noise import Noise, Snapshot
from engine.benchmark.statistics import Times, speed_up
from engine.benchmark.warm import WarmProcess, warm_process
from engine.parity import runner
from engine.parity.arguments import PreparedArguments, prepare, without_outputs
from engine.parity.images import Shape
from engine.parity.metrics import Metrics, compare_files
from engine.parity.parameters import EffectiveParameters
from engine.parity.simulation import (
    Say,
    Simulation,
    both,
    refuse_differences,
    say_nothing,
    simulate,
)

C, COLD, WARM = "c", "py_cold", "py_warm"
WARM_IMAGE = "py_warm_float.bin"


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for every size.

    Attributes
    ----------
    c, py
        The programs.
    worker
        Program of the live process.
    folder
        Where relative input paths start.
    device, dtype, threads
        Where and how the port computes; the C program gets the same number of threads.
    iterations
        Rounds.
    seed
        Of the order and of the bootstrap.
    threshold
        Least correlation of the images.
    timeout_s
        Longest time for one run.
    keep
        Whether the images stay.
    say
        Told what begins and what ended; never while a run is timed.
    compiled
        Whether the port compiles its kernel; what that takes is told apart from the rounds.
    precision
        After the rounds asked for, go on until half of the warm ratio's interval is below this
        share of it, or 30 rounds are done; ``None`` for no more than asked for.
    """

    c: runner.Program
    py: runner.Program
    worker: runner.Program
    folder: Path
    device: str
    dtype: str
    threads: int
    iterations: int
    seed: int
    threshold: float
    threshold_source: str
    timeout_s: float
    keep: bool
    say: Say = say_nothing
    compiled: bool = False
    precision: float | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """The port's own options."""
        return (
            "--device", self.device, "--dtype", self.dtype, "--threads", str(self.threads),
            *(("--compile",) if self.compiled else ()),
        )  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        """Variables that every measured process gets."""
        return {"OMP_NUM_THREADS": str(self.threads)}


@dataclass
class Measurement:
    """One experiment being measured; ``entry`` is what ``benchmark_results.json`` will hold."""

    setting: Setting
    outdir: Path
    args: tuple[str, ...]
    entry: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    times: dict[str, list[float]] = field(default_factory=lambda: {C: [], COLD: [], WARM: []})
    noise: list[Noise] = field(default_factory=list)
    _known: EffectiveParameters | None = None

    def run(self, *, trace: Path | None = None) -> bool:
        """Measure, compare the images, and say whether they agree well enough.

        Parameters
        ----------
        trace
            Where a profiler trace goes, from a further run that is not timed.

        Raises
        ------
        RunnerError
            A program failed, or both simulated different experiments.
        ImageError
            An image is incomplete.
        """
        self.outdir.mkdir(parents=True, exist_ok=True)
        prepared = prepare(self.args, self.setting.folder)
        prepared = dataclasses.replace(prepared, engine=self.setting.options)
        self.entry |= {"size": None, "shape": None, "args": without_outputs(self.args)}
        self.entry |= {"parameters": None, "gate": None, "notes": list(prepared.notes)}
        with runner.scratch_folder(self.outdir) as scratch:
            self._measure(prepared, scratch, trace)
        self._summarise()
        return bool(self.entry["gate"]["passed"])

    def _measure(self, prepared: PreparedArguments, scratch: Path, trace: Path | None) -> None:
        setting = self.setting
        self.entry |= {"rounds": [], "runs": [], "peak_rss_bytes": {"c": 0, "py": 0}}
        with warm_process(
            setting.worker.argv,
            folder=scratch,
            log=self.outdir / "py_warm_log.txt",
            timeout_s=setting.timeout_s,
            environment={**setting.worker.environment, **setting.environment},
            options=setting.options,
            args=prepared.physics,
        ) as (worker, ready):
            setting.say("first simulation of the live PyTorch process ...")
            first = worker.ask(do="simulate")["seconds"]
            self.entry["py_warm_start"] = {**ready, "first_simulate_s": first}
            self._calibrate(prepared)
            self._rounds(prepared, worker)
            if self._known is None:
                raise ValueError("no round was measured")
            self._finish(worker, self._known.shape, trace)

    def _calibrate(self, prepared: PreparedArguments) -> None:
        """Run both processes once, apart from the rounds, when there are rounds to spare.

        What ran first since boot pays for the disk; it is told apart and enters no ratio.
        """
        firsts: dict[str, float] = {}
        if self.setting.iterations >= statistics.ROUNDS_FOR_INTERVAL:
            self.setting.say("first run of both processes, not counted ...")
            firsts = {side: self._process(side, prepared).outcome.wall_s for side in (C, COLD)}
        self.entry["first_runs_s"] = firsts

    def _rounds(self, prepared: PreparedArguments, worker: WarmProcess) -> None:
        order = random.Random(self.setting.seed)  # noqa: S311  (an order, not a secret)
        number = 0
        while self._wants_another(number):
            number += 1
            sides = order.sample([C, COLD, WARM], 3)
            self.entry["rounds"].append(sides)
            for side in sides:
                self._time(number, side, prepared, worker)

    def _wants_another(self, done: int) -> bool:
        """Whether to measure one more round: as asked, then until the ratio is known well."""
        setting = self.setting
        if done < setting.iterations:
            return True
        if setting.precision is None or done >= statistics.MOST_ROUNDS:
            return False
        found = speed_up(self.times[C], self.times[WARM], setting.seed)
        return found.half_width is None or found.half_width > setting.precision

    def _time(
        self, number: int, side: str, prepared: PreparedArguments, worker: WarmProcess
    ) -> None:
        """Run one side once, with what the machine did meanwhile."""
        before = Snapshot.now()
        if side == WARM:
            seconds = float(worker.ask(do="simulate")["seconds"])
            used: dict[str, object] = {"wall_s": seconds}
        else:
            done = self._process(side, prepared)
            seconds, used = done.outcome.wall_s, _used(done)
        around = before.until_now()
        self.noise.append(around)
        self.times[side].append(seconds)
        self.entry["runs"].append({"round": number, "side": side, **used, **around.record()})
        self._say_round(number, side)

    def _say_round(self, number: int, side: str) -> None:
        program = {
            C: "the C program",
            COLD: "PyTorch, fresh process",
            WARM: "PyTorch, live process",
        }
        self.setting.say(
            f"round {number} of {max(number, self.setting.iterations)}: "
            f"{program[side]} {self.times[side][-1]:.2f} s"
        )

    def _process(self, side: str, prepared: PreparedArguments) -> Simulation:
        setting = self.setting
        done = simulate(
            "c" if side == C else "py",
            setting.c if side == C else setting.py,
            prepared,
            outdir=self.outdir,
            timeout_s=setting.timeout_s,
            environment=setting.environment,
        )
        self.entry[done.side] = done.record()
        done.check_ended_well()
        peaks = self.entry["peak_rss_bytes"]
        peaks[done.side] = max(peaks[done.side], done.outcome.peak_rss_bytes)
        self._known = self._same_experiment(done, self._known)
        return done

    def _same_experiment(
        self, done: Simulation, known: EffectiveParameters | None
    ) -> EffectiveParameters:
        """Return what a run simulated; it must be what every run before it did."""
        found = done.effective_parameters()
        if known is not None:
            c, py = (found, known) if done.side == "c" else (known, found)
            self.entry["parameters"] = both(c, py)
            refuse_differences(c, py)
        return found

    def _finish(self, worker: WarmProcess, shape: Shape, trace: Path | None) -> None:
        """Do what nobody times: profile once more, and compare the images meanwhile."""
        written = worker.ask(do="write", path=str(self.outdir / WARM_IMAGE))
        self.entry["py_warm_start"] |= {
            "write_s": written["seconds"],
            "peak_rss_bytes": written["peak_rss_bytes"],
        }
        if trace is not None:
            self.setting.say("one more simulation, not timed, under the profiler ...")
            worker.tell(do="profile", path=str(trace))
        self._compare(shape)
        if trace is not None:
            worker.answer()

    def _compare(self, shape: Shape) -> None:
        paths = {n: self.outdir / n for n in ("c_float.bin", "py_float.bin", WARM_IMAGE)}
        cold = compare_files(paths["c_float.bin"], paths["py_float.bin"], shape)
        warm = compare_files(paths["c_float.bin"], paths[WARM_IMAGE], shape)
        passed = all(self._passes(m) for m in (cold, warm))
        self.entry |= {
            "size": shape[0] if shape[0] == shape[1] else None,
            "shape": shape,
            "correlation": cold.correlation,
            "correlation_warm": warm.correlation,
            "sum_ratio": cold.sum_ratio,
            "rmse": cold.rmse,
            "metrics": dataclasses.asdict(cold),
            "gate": {
                "metric": "correlation",
                "comparison": ">=",
                "threshold": self.setting.threshold,
                "source": self.setting.threshold_source,
                "passed": passed,
            },
            "images": None,
        }
        if self.setting.keep:
            names = {"c": "c_float.bin", "py": "py_float.bin", "py_warm": WARM_IMAGE}
            folder = self.outdir.name
            self.entry["images"] = {side: f"{folder}/{name}" for side, name in names.items()}
        else:
            for path in paths.values():
                path.unlink()

    def _passes(self, measured: Metrics) -> bool:
        value = measured.correlation
        return value is not None and value >= self.setting.threshold

    def _summarise(self) -> None:
        c, cold, warm = (Times.of(self.times[side]) for side in (C, COLD, WARM))
        seed = self.setting.seed
        self.entry |= {
            "c_s": dataclasses.asdict(c),
            "py_cold_s": dataclasses.asdict(cold),
            "py_warm_s": dataclasses.asdict(warm),
            "speedup_warm": dataclasses.asdict(speed_up(c.samples, warm.samples, seed)),
            "speedup_cold": dataclasses.asdict(speed_up(c.samples, cold.samples, seed)),
        }
        self.warnings += noise.warnings(self.noise)
        for name, times in (("C", c), ("PyTorch cold", cold), ("PyTorch warm", warm)):
            self.warnings += statistics.warnings(name, times)


def _used(done: Simulation) -> dict[str, object]:
    """Return what a process used, as it stands beside its time."""
    outcome = done.outcome
    return {
        "wall_s": outcome.wall_s,
        "user_s": outcome.user_s,
        "system_s": outcome.system_s,
        "peak_rss_bytes": outcome.peak_rss_bytes,
        "voluntary_switches": outcome.voluntary_switches,
        "involuntary_switches": outcome.involuntary_switches,
        "major_faults": outcome.major_faults,
    }
