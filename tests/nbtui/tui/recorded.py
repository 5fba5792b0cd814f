"""Recorded runs: real bundles with journals, logs and reports, at fixed moments.

They are written through the journal's own types, so what the app shows in tests is what it
shows of a run that a supervisor journalled.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from nbtui.evidence.records import (
    Blocker,
    Collected,
    GateResult,
    Metric,
    StageOutcome,
    Verdict,
)
from nbtui.memo.plan import Comparison, Plan, encode
from nbtui.preflight.model import CheckResult, CheckStatus
from nbtui.run import events as ev
from nbtui.run.forecast import Forecast
from tests.nbtui.tui.recorded_plan import MEMO, STRATEGY, sample_plan

__all__ = ["MEMO", "sample_plan"]

STAMP = "20261124T101500Z"
PARAMETERS = "ad6d9e6e8d42f456" * 4
START = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


def _check(
    check_id: str, title: str, found: str, expected: str, source: str, **more: str
) -> CheckResult:
    return CheckResult(
        id=check_id,
        title=title,
        status=CheckStatus(more.get("status", "ok")),
        found=found,
        expected=expected,
        source=source,
        fix=more.get("fix", ""),
    )


def good_checks() -> tuple[CheckResult, ...]:
    """Return the results of a preflight that passes, with one warning."""
    return (
        _check("memory", "Available memory", "31.2 GB", ">= 16 GB", "input.md:17"),
        _check("disk", "Free disk space", "212 GB", ">= 2 GB", "docs/preflight.md"),
        _check("env:NB_C_BIN", "NB_C_BIN", "not in the shell; set to ./build/reference/nanoBragg "
               "for every stage", "./build/reference/nanoBragg", "input.md:9"),
        _check("interpreter", "Interpreter", ".venv/bin/python 3.11.7", "in .venv", "input.md:9"),
        _check("branch", "Branch", "main", "main", "input.md:4"),
        _check("clean-tree", "Work tree", "1 untracked file: notes.txt", "nothing uncommitted",
               "docs/preflight.md", status="warn", fix="git stash --include-untracked"),
        _check("reports-ignored", "reports/ ignored", "ignored, nothing tracked", "ignored",
               "input.md:16"),
        _check("c-binary", "C binary", "executable, SHA-256 3f9a6c1e…", "executable",
               "input.md:9"),
        _check("golden", "Golden image", "SHA-256 2df24451…", "2df24451…",
               "golden_data/cases.json"),
        _check("hidden-inputs", "Hidden inputs", "none", "none", "docs/preflight.md"),
    )  # fmt: skip


def hidden_input_check() -> CheckResult:
    """Return the finding that blocked a team for days."""
    return _check(
        "hidden-input:Fdump.bin",
        "Hidden inputs",
        "Fdump.bin: 1,204,480 bytes, 412 days old, SHA-256 9c0f1e27…",
        "none: nanoBragg reads Fdump.bin silently when no -hkl is given",
        "docs/preflight.md",
        status="block",
        fix="mv Fdump.bin ../Fdump.bin.aside",
    )


def bad_checks() -> tuple[CheckResult, ...]:
    """Return a preflight in which memory and a hidden input block."""
    memory = _check(
        "memory", "Available memory", "8.1 GB", ">= 16 GB", "input.md:17", status="block",
        fix="free memory (largest now: firefox 3.2 GB), then check again",
    )  # fmt: skip
    return (memory, *good_checks()[1:-1], hidden_input_check())


def recorded_forecast() -> dict[str, Forecast]:
    """Return what earlier runs took; the tests of pytest never ran before."""
    took = {"03-benchmark": (5.0, 6.1), "04-nb-compare": (8.0, 9.5)}
    return {
        step_id: Forecast(wall_s, longest_s, 1_500_000_000, 3, "20261123T091500Z")
        for step_id, (wall_s, longest_s) in took.items()
    }


@dataclass
class Recorder:
    """Writes a bundle as a supervisor would, with a clock that only it moves.

    Parameters
    ----------
    root
        The project's root; the bundle goes below its reports folder.
    """

    root: Path
    plan: Plan = field(default_factory=sample_plan)
    stamp: str = STAMP
    seconds: float = 0.0
    seq: int = 0
    prev: str = "0" * 64

    @property
    def bundle(self) -> Path:
        """The bundle's folder."""
        return self.root / self.plan.artifacts_root / self.stamp

    def write(self, *events: ev.AnyEvent, after: float = 0.1) -> None:
        """Append events, each ``after`` seconds later than the one before."""
        self.bundle.mkdir(parents=True, exist_ok=True)
        with (self.bundle / "events.jsonl").open("ab") as stream:
            for event in events:
                self.seconds += after
                moment = START + timedelta(seconds=self.seconds)
                line = ev.Line(
                    seq=self.seq,
                    t=moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                    mono_ns=int(self.seconds * 1e9),
                    prev=self.prev,
                    event=event,
                )
                raw = msgspec.json.encode(line)
                stream.write(raw + b"\n")
                self.prev = hashlib.sha256(raw).hexdigest()
                self.seq += 1

    def start(self) -> "Recorder":
        """Journal the beginning of the run."""
        self.write(
            ev.RunStarted(
                stamp=self.stamp,
                root=str(self.root),
                bundle=str(self.bundle.relative_to(self.root)),
                plan_sha256=self.plan.digest(),
                memo_name=self.plan.memo_name,
                supervisor_pid=4242,
                host="beamline-7",
                operator="operator",
                boot_id="00000000-0000-0000-0000-000000000000",
                version="0.1.0",
            ),
            *(ev.DeviationNoted(step_id=s, deviation=d) for s, d in self.plan.all_deviations()),
        )
        return self

    def preflight(self, checks: Sequence[CheckResult]) -> "Recorder":
        """Journal the supervisor's own preflight."""
        self.write(*(ev.CheckDone(result=c) for c in checks), after=0.02)
        count = [sum(c.status == s for c in checks) for s in ("block", "warn")]
        self.write(ev.PreflightEnded(blocked=count[0], warned=count[1]))
        return self

    def stage(self, step_id: str, log: bytes, seconds: float, peak: int) -> "Recorder":
        """Journal a stage that has started and was sampled for ``seconds``."""
        step = next(s for s in self.plan.steps if s.id == step_id)
        name = step.command.log.removeprefix("$OUTDIR/") if step.command else ""
        before = recorded_forecast().get(step_id)
        if name:
            path = self.bundle / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(log)
        self.write(
            ev.StageStarted(
                step_id=step_id,
                title=step.title,
                pid=4300 if step.command else None,
                argv=step.command.argv if step.command else (),
                cwd=str(self.root),
                log=name,
                timeout_s=step.timeout_s,
                forecast_s=before.wall_s if before else None,
                forecast_longest_s=before.longest_s if before else None,
            )
        )
        count = max(int(seconds * 2), 1)
        for i in range(count if step.command else 0):
            rise = 1 - math.exp(-3 * (i + 1) / count)
            self.write(
                ev.Sampled(
                    step_id=step_id,
                    elapsed_s=(i + 1) * 0.5,
                    cpu_percent=100 + 95 * math.sin(0.7 * i) ** 2,
                    rss_bytes=int(peak * rise),
                    threads=4,
                    log_bytes=len(log) * (i + 1) // count,
                    read_bytes=3_000_000 * (i + 1),
                    written_bytes=5_000_000 * (i * i // 4),
                ),
                after=0.5,
            )
        return self

    def end_stage(
        self, step_id: str, wall_s: float, peak: int, failure: str | None = None
    ) -> "Recorder":
        """Journal how a stage's process ended."""
        step = next(s for s in self.plan.steps if s.id == step_id)
        self.write(
            ev.StageEnded(
                outcome=StageOutcome(
                    step_id=step_id,
                    role=step.role,
                    title=step.title,
                    argv=step.command.argv if step.command else (),
                    cwd=str(self.root),
                    log=step.command.log.removeprefix("$OUTDIR/") if step.command else "",
                    started=START.isoformat(),
                    wall_s=wall_s,
                    exit_code=1 if failure else 0,
                    peak_rss_bytes=peak,
                    cpu_s=wall_s * 1.7,
                    failure=failure,
                )
            )
        )
        return self

    def gate(self, step_id: str, metric: str, value: float) -> "Recorder":
        """Journal a gate held against ``value``."""
        step = next(s for s in self.plan.steps if s.id == step_id)
        spec = next(g for g in self.plan.gates if g.role is step.role and g.metric == metric)
        above = value - spec.threshold
        margin = -above if spec.comparison is Comparison.AT_MOST else above
        self.write(
            ev.GateHeld(
                result=GateResult(
                    gate=spec,
                    step_id=step_id,
                    value=value,
                    passed=margin >= 0,
                    margin=margin,
                    measured_from="full_frame/summary.json#metrics." + metric,
                )
            )
        )
        return self

    def collect(self, step_id: str, **figures: float) -> "Recorder":
        """Journal the figures a stage wrote."""
        metrics = tuple(
            Metric(name=n, value=v, source=f"summary.json#metrics.{n}") for n, v in figures.items()
        )
        collected = Collected(step_id=step_id, metrics=metrics, parameter_hash=PARAMETERS)
        self.write(ev.ResultsCollected(collected=collected))
        return self

    def report(self, name: str, text: str, what: str) -> "Recorder":
        """Write a file of the bundle and journal it."""
        (self.bundle / name).write_text(text, encoding="utf-8")
        self.write(ev.FileWritten(path=name, what=what))
        return self

    def end(self, verdict: Verdict, code: int, reason: str = "") -> "Recorder":
        """Journal the end of the run."""
        self.write(ev.RunEnded(verdict=verdict, exit_code=code, reason=reason, wall_s=self.seconds))
        return self


BENCHMARK_LOG = b"""first simulation of the live PyTorch process ...
round 1 of 1: the C program 1.31 s
round 1 of 1: PyTorch, fresh process 1.45 s
round 1 of 1: PyTorch, live process 0.13 s
one more simulation, not timed, under the profiler ...
size       4096 x 4096 pixels (slow x fast), 1 round in random order, parameters ad6d9e6e8d42f456
C / PyTorch  warm 10.1 (single run, no confidence interval)
correlation  0.999999999999975  >= 0.99  PASS
"""
COMPARE_LOG = b"""running the C program ...
the C program ended after 1.24 s
running the port ...
the port ended after 1.33 s
measuring 4096 x 4096 pixels ...
drawing both images and their difference ...
results    full_frame
C program  1.24 s, peak 103 MB, build/reference/nanoBragg -floatfile float.bin ...
port       1.33 s, peak 392 MB, python -m engine ...
parameters equal, 55 values, hash ad6d9e6e8d42f456
compared   4096 x 4096 pixels (slow x fast)
"""


def preflight_blocked(root: Path) -> Recorder:
    """Record a run that its own preflight stopped."""
    run = Recorder(root).start().preflight(bad_checks())
    run.write(
        ev.Blocked(
            blocker=Blocker(
                kind="preflight",
                where="memory",
                reason="2 preflight checks block: Available memory, Hidden inputs",
                expected=">= 16 GB",
                found="8.1 GB",
                source="input.md:17",
                fix="free memory, then check again",
            )
        )
    )
    run.report("blockers.md", "# Blocked\n\n2 preflight checks block.\n", "blockers")
    return run.end(Verdict.BLOCKED, 3)


def running(root: Path) -> Recorder:
    """Record a run whose comparison is at work."""
    run = Recorder(root).start().preflight(good_checks())
    _benchmark(run)
    so_far = COMPARE_LOG[: COMPARE_LOG.index(b"results")]
    return run.stage("04-nb-compare", so_far, 6.0, 1_430_000_000)


def _benchmark(run: Recorder) -> None:
    run.stage("03-benchmark", BENCHMARK_LOG, 5.0, 612_000_000)
    run.end_stage("03-benchmark", 5.2, 612_000_000)
    run.collect("03-benchmark", correlation=0.9999999999, speedup_warm=5.38)
    run.gate("03-benchmark", "correlation", 0.9999999999)


def gate_blocked(root: Path) -> Recorder:
    """Record the run of the case that started it all: a correlation of 0.721177."""
    run = running(root)
    failed = COMPARE_LOG + b"correlation 0.721177 is below 0.999: FAILED\n"
    (run.bundle / "logs/nb_compare.log").write_bytes(failed)
    run.end_stage("04-nb-compare", 6.4, 1_430_000_000)
    run.collect("04-nb-compare", correlation=0.721177, sum_ratio=1.2013, rmse=0.0412)
    run.gate("04-nb-compare", "correlation", 0.721177)
    run.gate("04-nb-compare", "sum_ratio_deviation", 0.2013)
    run.write(
        ev.Blocked(
            blocker=Blocker(
                kind="gate",
                where="04-nb-compare",
                reason="correlation 0.721177 is below the threshold 0.999",
                expected=">= 0.999",
                found="0.721177",
                source=f"{STRATEGY}:62",
            )
        )
    )
    run.report("attempt_failed.log", failed.decode(), "the failed stage's output")
    run.report("blockers.md", "# Blocked\n\ncorrelation 0.721177 < 0.999\n", "blockers")
    return run.end(Verdict.BLOCKED, 1)


def cleared(root: Path) -> Recorder:
    """Record a run that passed every gate."""
    run = running(root)
    (run.bundle / "logs/nb_compare.log").write_bytes(COMPARE_LOG)
    run.end_stage("04-nb-compare", 6.4, 1_430_000_000)
    run.collect("04-nb-compare", correlation=0.99999999999994, sum_ratio=1.0000000021, rmse=1.07e-7)
    run.gate("04-nb-compare", "correlation", 0.99999999999994)
    run.gate("04-nb-compare", "sum_ratio_deviation", 2.1e-9)
    run.stage("05-pytest", b"1 passed in 3.11s\n", 3.0, 804_000_000)
    run.end_stage("05-pytest", 3.4, 804_000_000)
    run.collect("05-pytest", correlation=0.9999999998, matched_fraction=1.0)
    run.gate("05-pytest", "correlation", 0.9999999998)
    run.gate("05-pytest", "matched_fraction", 1.0)
    run.stage("06-summary", b"", 0.0, 0)
    run.report("phase_e_summary.md", "# Phase E: cleared\n", "summary")
    run.end_stage("06-summary", 0.1, 0)
    return run.end(Verdict.CLEARED, 0)


def led(root: Path, what: str = "attest") -> Recorder:
    """Record a led run that waits for its operator."""
    run = running(root)
    run.end_stage("04-nb-compare", 6.4, 1_430_000_000)
    run.stage("05-pytest", b"1 passed in 3.11s\n", 3.0, 804_000_000)
    run.end_stage("05-pytest", 3.4, 804_000_000)
    step_id = "sign-off" if what == "sign-off" else "07-ledger"
    text = "the whole checklist" if what == "sign-off" else "Update the ledgers (Phase E2)"
    run.write(ev.Asked(step_id=step_id, what=what, text=text))
    return run


def several(root: Path) -> tuple[Path, ...]:
    """Record a cleared run and two that blocked with the same figure, each with its plan."""
    bundles = []
    makers = ((cleared, "20261122T081500Z"), (gate_blocked, "20261123T091500Z"))
    for make, stamp in (*makers, (gate_blocked, "20261124T101500Z")):
        bundle = make(root).bundle
        (bundle / "plan.json").write_bytes(encode(sample_plan()))
        target = bundle.with_name(stamp)
        if target != bundle:
            bundle.rename(target)
        bundles.append(target)
    return tuple(bundles)
