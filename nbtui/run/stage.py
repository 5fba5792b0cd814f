"""One stage from start to end: start, sample, deadline, stop, wait, tidy up."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from nbtui.durable import sha256_file
from nbtui.errors import PlanError
from nbtui.evidence.records import StageOutcome
from nbtui.evidence.secrets import redacted
from nbtui.evidence.streams import Told
from nbtui.evidence.text import size
from nbtui.memo.plan import Step, resolve
from nbtui.project import Settings
from nbtui.run import limits, process
from nbtui.run.clock import Clock, iso_ms
from nbtui.run.environment import Resolved, inside, run_variables
from nbtui.run.events import (
    CancelRequested,
    GuardChecked,
    Noted,
    Sampled,
    StageEnded,
    StageSignalled,
    StageStarted,
    StreamsTold,
)
from nbtui.run.forecast import Forecast
from nbtui.run.interrupts import Interrupts
from nbtui.run.output import MOST_SPANS, Output
from nbtui.run.recorder import Recorder
from nbtui.run.reuse import Reused, environment_digest
from nbtui.run.sampler import FIRST_S, PERIOD_S, Sampler

MOST_HASHED_BYTES = 256 << 20
"""Of a log whose hash stands in the journal."""
SETTLE_S = 1.0
"""Helpers that end together with their stage get this long before they are leftovers."""


@dataclass(slots=True)
class _Stop:
    """A stage that is being ended: why, since when, and whether it came to KILL."""

    reason: str
    since_s: float
    timed_out: bool = False
    killed: bool = False


@dataclass(frozen=True, slots=True)
class StageRunner:
    """Runs the stages of one run, one at a time.

    Parameters
    ----------
    recorder, interrupts, clock
        Where events go, who may ask to stop, what time it is.
    token
        The run's token: finds processes that left their group.
    grace_s
        Time between TERM and KILL.
    sampling_s
        Takes the time each stage's sampling cost.
    settings
        Limits of log and disk.
    forecast
        What earlier runs of the stages took, by step.
    look
        Called now and then while a stage runs, and once it has ended.
    information_only
        Whether the stages run after a block.
    """

    recorder: Recorder
    interrupts: Interrupts
    clock: Clock
    token: str
    grace_s: float
    sampling_s: list[float]
    settings: Settings = field(default_factory=Settings)
    forecast: Mapping[str, Forecast] = field(default_factory=dict)
    look: Callable[[], None] = lambda: None
    information_only: bool = False

    def run(self, step: Step, resolved: Resolved) -> StageOutcome:
        """Run one stage to its end and return how it went.

        Raises
        ------
        RecordingError
            When events can no longer be written; the stage's processes are ended first.
        """
        begin = self.clock.mono_ns()
        base = self._base(step, resolved)
        try:
            child = process.Child(
                resolved.argv, resolved.env, resolved.cwd, resolved.log, self.token
            )
        except (OSError, ValueError) as error:
            self._announce(step, resolved, base, None)
            return self._end(base, failure=f"cannot be started: {error}")
        with contextlib.closing(child.output):
            try:
                self._announce(step, resolved, base, child)
                other = self._environment(step, resolved, child)
                ended, stop = self._follow(step, child, resolved.log, begin, other)
                wall_s = self._seconds(begin)
            except BaseException:
                _kill(child)
                raise
            leftovers = self._leftovers(step, child)
            self._tell_all(step, child.output)
        missing = self._missing(step)
        return self._end(
            base,
            wall_s=wall_s,
            exit_code=ended.code,
            signal=ended.signal,
            timed_out=stop is not None and stop.timed_out,
            peak_rss_bytes=ended.peak_rss_bytes,
            cpu_s=round(ended.cpu_s, 3),
            sampling_s=round(self.sampling_s[-1], 4),
            leftovers=leftovers,
            missing=missing,
            failure=_failure(ended, stop, leftovers, missing),
        )

    def attest(self, step: Step, resolved: Resolved, ended: Callable[[], int]) -> StageOutcome:
        """Record a stage that a person runs by hand; ``ended`` waits and returns its exit code.

        Nothing is known of its memory or CPU time; its artifacts are looked for all the same.
        """
        begin = self.clock.mono_ns()
        base = self._base(step, resolved)
        self._announce(step, resolved, base, None)
        exit_code = ended()
        missing = self._missing(step)
        failure = f"exit code {exit_code}, as the operator says" if exit_code else None
        if not failure and missing:
            failure = f"done by hand, but missing or empty: {', '.join(missing)}"
        return self._end(
            base,
            wall_s=self._seconds(begin),
            exit_code=exit_code,
            missing=missing,
            failure=failure,
        )

    def announce_reused(self, step: Step, resolved: Resolved, reused: Reused, stamp: str) -> None:
        """Record a stage whose results are taken over from an earlier run."""
        outcome = reused.outcome
        self.recorder.emit(
            StageStarted(
                step_id=step.id,
                title=step.title,
                pid=None,
                argv=outcome.argv,
                env=redacted(resolved.delta),
                cwd=outcome.cwd,
                log=outcome.log,
                timeout_s=step.timeout_s,
                env_sha256=environment_digest(resolved, self.recorder.bundle),
                inputs=resolved.inputs,
                reused_from=stamp,
            )
        )
        self._record(step, reused.streams)
        self.recorder.emit(StageEnded(outcome=outcome))

    def _base(self, step: Step, resolved: Resolved) -> StageOutcome:
        """Return what is known of the outcome before the start."""
        resolved.log.parent.mkdir(parents=True, exist_ok=True)
        return StageOutcome(
            step_id=step.id,
            role=step.role,
            title=step.title,
            argv=resolved.argv,
            cwd=str(resolved.cwd),
            log=str(resolved.log.relative_to(self.recorder.bundle)),
            started=iso_ms(self.clock.now()),
            wall_s=0.0,
            exit_code=None,
        )

    def _announce(
        self, step: Step, resolved: Resolved, base: StageOutcome, child: process.Child | None
    ) -> None:
        before = self.forecast.get(step.id)
        self.recorder.emit(
            StageStarted(
                step_id=step.id,
                title=step.title,
                pid=child.pid if child else None,
                pid_started=child.started if child else 0.0,
                argv=resolved.argv,
                env=redacted(resolved.delta),
                cwd=str(resolved.cwd),
                log=base.log,
                timeout_s=step.timeout_s,
                forecast_s=before.wall_s if before else None,
                forecast_longest_s=before.longest_s if before else None,
                env_sha256=environment_digest(resolved, self.recorder.bundle),
                inputs=resolved.inputs,
                information_only=self.information_only,
            )
        )

    def _environment(self, step: Step, resolved: Resolved, child: process.Child) -> str | None:
        """Hold the child's environment against the plan's; return what differs."""
        names = process.differing_environment(child.pid, resolved.argv, resolved.env)
        if names is None:
            return None
        found = f"differs in {', '.join(names)}" if names else "as planned"
        self.recorder.emit(
            GuardChecked(
                guard="child-environment", ok=not names, found=found, expected="as planned",
                when=f"start of {step.id}",
            )
        )  # fmt: skip
        return f"its environment {found}" if names else None

    def _follow(
        self, step: Step, child: process.Child, log: Path, begin: int, refused: str | None
    ) -> tuple[process.Exit, _Stop | None]:
        sampler = Sampler(child.pid)
        stop: _Stop | None = None
        next_sample = FIRST_S
        log_limit = limits.log_limit_bytes(self.settings, self.recorder.bundle)
        while (ended := child.poll()) is None:
            elapsed = self._seconds(begin)
            due = elapsed >= next_sample
            if due:
                # Before anything is recorded: the journal's flush waits for what a flood wrote.
                refused = refused or self._no_room(log, log_limit)
            stop = self._stopping(step, child, stop, elapsed, refused)
            if due:
                self._sample(step, sampler, log, elapsed)
                looked = time.thread_time()
                self._tell(step, child.output)
                self.look()
                sampler.cost_s += time.thread_time() - looked
                next_sample = elapsed + PERIOD_S
            self.interrupts.wait(self._until(step, stop, next_sample, self._seconds(begin)))
        self._sample(step, sampler, log, self._seconds(begin))
        self.look()
        self.sampling_s.append(sampler.cost_s)
        return ended, stop

    def _no_room(self, log: Path, log_limit: int) -> str | None:
        """Return why a stage may not go on writing."""
        written = log.stat().st_size if log.exists() else 0
        if written > log_limit:
            return f"log limit of {size(log_limit)} passed ({size(written)} written)"
        free = limits.free_bytes(self.recorder.bundle)
        if free < limits.low_disk_bytes(self.settings):
            return f"the disk is nearly full ({size(free)} free)"
        return None

    def _until(self, step: Step, stop: _Stop | None, next_sample: float, elapsed: float) -> float:
        moments = [next_sample, step.timeout_s]
        if stop is not None:
            moments = [next_sample] + ([] if stop.killed else [stop.since_s + self.grace_s])
        return max(min(moments) - elapsed, 0.005)

    def _stopping(
        self,
        step: Step,
        child: process.Child,
        stop: _Stop | None,
        elapsed: float,
        refused: str | None,
    ) -> _Stop | None:
        asked = self.interrupts.requested
        if stop is None and asked is not None:
            self.recorder.emit(CancelRequested(by=asked))
            self.interrupts.announced = True
            stop = _Stop(f"stopped on request ({asked})", elapsed)
        elif stop is None and elapsed >= step.timeout_s:
            stop = _Stop(self._late(step), elapsed, timed_out=True)
        elif stop is None and refused is not None:
            stop = _Stop(refused, elapsed)
        else:
            return self._insist(step, child, stop, elapsed)
        self._signal(step, child, signal.SIGTERM, stop.reason)
        return self._insist(step, child, stop, elapsed)

    def _late(self, step: Step) -> str:
        """Return that a deadline passed, when the stage last spoke, and what it took before."""
        words = f"deadline of {step.timeout_s:g} s passed"
        if step.command is not None:
            with contextlib.suppress(OSError, PlanError):
                name = resolve(step.command.log, run_variables(self.recorder.bundle))
                spoke = inside(self.recorder.bundle, name).stat()
                silent = max(self.clock.now().timestamp() - spoke.st_mtime, 0.0)
                words += f", last output {silent:.0f} s before" if spoke.st_size else ", no output"
        if before := self.forecast.get(step.id):
            words += f"; it took {before.wall_s:.3g} s before"
        return words

    def _insist(
        self, step: Step, child: process.Child, stop: _Stop | None, elapsed: float
    ) -> _Stop | None:
        if stop is None or stop.killed:
            return stop
        if self.interrupts.forced:
            self._signal(step, child, signal.SIGKILL, "asked again")
            stop.killed = True
        elif elapsed >= stop.since_s + self.grace_s:
            self._signal(step, child, signal.SIGKILL, f"still there after {self.grace_s:g} s")
            stop.killed = True
        return stop

    def _signal(
        self, step: Step, child: process.Child, number: signal.Signals, reason: str
    ) -> None:
        child.signal(number)
        self.recorder.emit(StageSignalled(step_id=step.id, signal=number.name, reason=reason))

    def _sample(self, step: Step, sampler: Sampler, log: Path, elapsed: float) -> None:
        sample = sampler.sample()
        self.recorder.emit(
            Sampled(
                step_id=step.id,
                elapsed_s=round(elapsed, 3),
                cpu_percent=sample.cpu_percent,
                rss_bytes=sample.rss_bytes,
                threads=sample.threads,
                log_bytes=log.stat().st_size if log.exists() else 0,
                read_bytes=sample.read_bytes,
                written_bytes=sample.written_bytes,
            )
        )

    def _tell(self, step: Step, output: Output, *, ended: bool = False) -> None:
        """Record which bytes of the log came through stdout, which through stderr."""
        self._record(step, output.news(ended=ended))

    def _record(self, step: Step, told: Told) -> None:
        if told.spans or told.why_not:
            event = StreamsTold(step_id=step.id, spans=told.spans, why_not=told.why_not)
            self.recorder.emit(event)

    def _tell_all(self, step: Step, output: Output) -> None:
        self._tell(step, output, ended=True)
        if output.disturbed:
            text = f"{step.id}: {output.disturbed}; its stdout and stderr are not told apart"
            self.recorder.emit(Noted(text=text))
        if output.full:
            text = (
                f"{step.id}: stdout and stderr took turns {MOST_SPANS} times; from byte "
                f"{output.told} of its log on they are not told apart"
            )
            self.recorder.emit(Noted(text=text))

    def _leftovers(self, step: Step, child: process.Child) -> tuple[str, ...]:
        deadline = self.clock.mono_ns() + int(SETTLE_S * 1e9)
        while left := process.anyone_left(child.token, child.pid):
            if self.clock.mono_ns() >= deadline:
                break
            self.interrupts.wait(0.05)
        names = process.end_family(child.token, child.pid, self.grace_s) if left else ()
        if names:
            reason = f"left running: {'; '.join(names)}"
            self.recorder.emit(StageSignalled(step_id=step.id, signal="SIGTERM", reason=reason))
        _reap_orphans()
        return names

    def _missing(self, step: Step) -> tuple[str, ...]:
        bundle = self.recorder.bundle
        paths = [inside(bundle, resolve(a, run_variables(bundle))) for a in step.artifacts]
        return tuple(str(p.relative_to(bundle)) for p in paths if not _there(p))

    def _end(self, base: StageOutcome, **how: object) -> StageOutcome:
        digest = _log_hash(self.recorder.bundle / base.log) if base.log else ""
        outcome = msgspec.structs.replace(base, log_sha256=digest, **how)
        self.recorder.emit(StageEnded(outcome=outcome))
        return outcome

    def _seconds(self, begin: int) -> float:
        return round((self.clock.mono_ns() - begin) / 1e9, 3)


def _failure(
    ended: process.Exit, stop: _Stop | None, leftovers: tuple[str, ...], missing: tuple[str, ...]
) -> str | None:
    if stop is not None:
        return f"{stop.reason}; ended by {ended.signal or f'itself, exit code {ended.code}'}"
    if ended.signal:
        memory = (
            " that this tool did not send (out of memory?)" if ended.signal == "SIGKILL" else ""
        )
        return f"killed by {ended.signal}{memory}"
    if ended.code != 0:
        return f"exit code {ended.code}"
    if leftovers:
        return f"left {len(leftovers)} processes running: {'; '.join(leftovers)}"
    if missing:
        return f"exit code 0, but missing or empty: {', '.join(missing)}"
    return None


def _log_hash(log: Path) -> str:
    """Return the hash of a log; a flood of gigabytes is left to the seal, which hashes it once."""
    small = log.is_file() and log.stat().st_size <= MOST_HASHED_BYTES
    return sha256_file(log) if small else ""


def _there(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size > 0


def _kill(child: process.Child) -> None:
    child.signal(signal.SIGKILL)
    process.end_family(child.token, child.pid, 0.0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child.pid, 0)


def _reap_orphans() -> None:
    """Collect grandchildren that became ours when their parent died."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
