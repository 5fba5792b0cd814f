"""One simulator run with everything that has to be known about it.

Shared by the comparison and the benchmark, so that both start programs in the same way and
refuse the same things: failures, hidden inputs, missing reports, different experiments.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.parity import parameters, runner
from engine.parity.arguments import PreparedArguments
from engine.parity.errors import ParametersDifferError, RunnerError
from engine.parity.images import sha256_file
from engine.parity.parameters import Difference, EffectiveParameters

SIDES = {"c": "the C program", "py": "the port"}

Say = Callable[[str], None]
"""Told what begins and what ended, as it happens: a log silent for seconds looks hung."""


def say_nothing(_line: str) -> None:
    """Keep the progress to oneself."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """A finished run of one side.

    Attributes
    ----------
    side
        ``c`` or ``py``.
    program, outcome
        What ran, and how it ended.
    prepared
        The arguments it was given.
    stdout, stderr
        Its output.
    image
        The float image; the file may be missing when the program failed.
    """

    side: str
    program: runner.Program
    outcome: runner.Outcome
    prepared: PreparedArguments
    stdout: Path
    stderr: Path
    image: Path

    def record(self) -> dict[str, object]:
        """Return the run as it stands in result files."""
        written = self.image.is_file()
        return {
            "argv": self.outcome.argv,
            "exit_code": self.outcome.exit_code,
            "signal": self.outcome.signal,
            "timed_out": self.outcome.timed_out,
            "wall_s": self.outcome.wall_s,
            "user_s": self.outcome.user_s,
            "system_s": self.outcome.system_s,
            "peak_rss_bytes": self.outcome.peak_rss_bytes,
            "peak_rss_floor_bytes": self.outcome.rss_floor_bytes,
            "sha256_binary": self.program.sha256,
            "stdout": self.stdout.name,
            "stderr": self.stderr.name,
            "image": self.image.name if written else None,
            "image_sha256": sha256_file(self.image) if written else None,
        }

    def check_ended_well(self) -> None:
        """Raise :class:`RunnerError` unless the program ended with exit code 0."""
        if self.outcome.ok:
            return
        last = runner.tail(self.stderr) or "nothing on stderr"
        raise RunnerError(
            f"{self.outcome.ending()}: {last}",
            where=SIDES[self.side],
            fix=f"read {self.stderr}",
        )

    def effective_parameters(self) -> EffectiveParameters:
        """Return what the program says it simulated.

        Raises
        ------
        RunnerError
            It read structure factors nobody named, or printed no report.
        """
        text = self.stdout.read_text("utf-8", "replace")
        hidden = parameters.hidden_inputs(text, self.prepared.physics)
        if hidden:
            raise RunnerError(
                f"used structure factors nobody named: {'; '.join(hidden)}",
                where=SIDES[self.side],
                fix="remove the file, or name the reflections with -hkl",
            )
        try:
            return EffectiveParameters.from_run(text, self.prepared.physics)
        except parameters.ParametersError as error:
            error.where = SIDES[self.side]
            raise


def simulate(
    side: str,
    program: runner.Program,
    prepared: PreparedArguments,
    *,
    outdir: Path,
    timeout_s: float,
    environment: Mapping[str, str] | None = None,
) -> Simulation:
    """Run one side to its end; see :func:`started`.

    A run that fails is a result too: see :meth:`Simulation.check_ended_well`.
    """
    with started(side, program, prepared, outdir=outdir, environment=environment) as going:
        return going.end(timeout_s)


@contextlib.contextmanager
def started(
    side: str,
    program: runner.Program,
    prepared: PreparedArguments,
    *,
    outdir: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator["Started"]:
    """Start one side in a fresh empty folder; its image and output end up in ``outdir``.

    When the block is left, the program is gone, and its folder too.

    Raises
    ------
    RunnerError
        The program cannot be started.
    """
    stdout, stderr = outdir / f"{side}_stdout.txt", outdir / f"{side}_stderr.txt"
    engine = prepared.engine if side == "py" else ()
    # Our words come first: -misset_seed and -curved_det look at what follows them. The integer
    # image goes to the scratch folder; noise and PGM need not be computed.
    argv = [*program.argv, *engine, *runner.OUTPUT_WORDS, *prepared.physics]
    with (
        runner.scratch_folder(outdir) as scratch,
        runner.running(
            argv,
            folder=scratch,
            stdout=stdout,
            stderr=stderr,
            environment={**program.environment, **(environment or {})},
        ) as running,
    ):
        image = outdir / f"{side}_float.bin"
        yield Started(side, program, prepared, stdout, stderr, image, running, scratch)


@dataclass(frozen=True, slots=True)
class Started:
    """One side while it runs."""

    side: str
    program: runner.Program
    prepared: PreparedArguments
    stdout: Path
    stderr: Path
    image: Path
    running: runner.Running
    scratch: Path

    def end(self, timeout_s: float) -> Simulation:
        """Wait for its end, at most so many seconds after its start."""
        outcome = self.running.end(timeout_s)
        written = self.scratch / runner.FLOAT_IMAGE
        if written.is_file():
            written.replace(self.image)
        return Simulation(
            self.side, self.program, outcome, self.prepared, self.stdout, self.stderr, self.image
        )


def refuse_differences(c: EffectiveParameters, py: EffectiveParameters) -> None:
    """Raise :class:`ParametersDifferError` unless both sides simulated the same experiment."""
    differences: tuple[Difference, ...] = parameters.diff(c, py)
    if not differences:
        return
    table = "; ".join(f"{d.name}: C {d.c}, port {d.py}" for d in differences)
    raise ParametersDifferError(
        f"the two sides simulated different experiments ({table})",
        fix="name these parameters in the arguments, so that no default decides",
    )


def both(c: EffectiveParameters, py: EffectiveParameters) -> dict[str, object]:
    """Return the parameters of both sides as they stand in result files.

    ``hash`` is null unless they are equal; ``differences`` lists what is not.
    """
    differences = parameters.diff(c, py)
    return {
        "c": dict(c.values),
        "py": dict(py.values),
        "hash": None if differences else c.digest(),
        "differences": [{"name": d.name, "c": d.c, "py": d.py} for d in differences],
    }
