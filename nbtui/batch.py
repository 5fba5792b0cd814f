"""The headless face: shows the plan, starts the run, prints its events, returns its verdict.

A viewer like any other: the run belongs to its supervisor. stdout carries data (event
lines, or the journal verbatim), stderr the narration; neither can harm the run.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from nbtui import step_summary, vcs
from nbtui.durable import dump_json
from nbtui.errors import NbtuiError, NotConfirmedError
from nbtui.evidence.records import Verdict
from nbtui.evidence.text import one_line, printable
from nbtui.exit_codes import ExitCode
from nbtui.history.of_project import recalled
from nbtui.listing import asked_text, earlier_text, findings_text, plan_text
from nbtui.memo.danger import dangers
from nbtui.memo.plan import StepKind
from nbtui.narration import describe
from nbtui.run import approvals, events, launch
from nbtui.run.catalog import find_bundle, is_sealed
from nbtui.run.clock import SYSTEM, iso_ms
from nbtui.run.forecast import forecasts_of
from nbtui.run.prepare import Prepared, prepare
from nbtui.run.recover import recover
from nbtui.store import JournalFollower, RunState

POLL_S = 0.1
ALIVE_EVERY_S = 0.5
SEAL_TIMEOUT_S = 120.0
_ENDED_BY = {
    signal.SIGINT: ExitCode.SIGINT,
    signal.SIGTERM: ExitCode.SIGTERM,
    signal.SIGHUP: ExitCode.HANGUP,
}


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator asked for."""

    start: Path
    memo: Path | None = None
    plan: Path | None = None
    """An edited plan of the memo."""
    yes: bool = False
    approve: str | None = None
    as_json: bool = False
    colour: bool = False
    resume: str | None = None
    """STAMP of an interrupted run whose completed stages may be taken over."""
    independent: tuple[str, ...] = ()
    """Stages that run after a block too, for information only, because the operator says so."""


class Output:
    """A stream whose reader may go away without anybody minding."""

    def __init__(self, stream: TextIO, *, colour: bool = False) -> None:
        self._stream = stream
        self._colour = colour
        self._gone = False

    def line(self, text: str, *, good: bool | None = None) -> None:
        """Write lines that cannot steer a terminal, coloured when good or bad and colour is on."""
        text = printable(text)
        if self._colour and good is not None:
            text = f"\x1b[{32 if good else 31}m{text}\x1b[0m"
        self.raw(f"{text}\n")

    def raw(self, text: str) -> None:
        """Write text as it is."""
        if self._gone:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._gone = True
            self._let_go()

    def _let_go(self) -> None:
        """Point the descriptor elsewhere, so that the flush at exit has nothing to say."""
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stream.fileno())
            os.close(null)
        except (OSError, ValueError):
            return


@dataclass(slots=True)
class Signals:
    """The signals this viewer received, in order."""

    received: list[signal.Signals] = field(default_factory=list)

    def install(self) -> None:
        """Start to collect SIGINT, SIGTERM and SIGHUP."""
        for number in _ENDED_BY:
            signal.signal(number, lambda n, _: self.received.append(signal.Signals(n)))


def prepared_for(options: Options) -> Prepared:
    """Return the plan that the options name."""
    return prepare(
        options.start, options.memo, plan_file=options.plan, independent=options.independent
    )


def run(options: Options, env: Mapping[str, str]) -> int:
    """Run the plan of a memo headless; return the exit code.

    Raises
    ------
    NbtuiError
        When memo or project are not understood, the plan is not confirmed, or the run
        cannot be started.
    """
    out = Output(sys.stdout, colour=options.colour)
    err = Output(sys.stderr)
    prepared = prepared_for(options)
    err.line(plan_text(prepared.plan, prepared.project.root, env, forecasts_of(prepared)))
    err.line(f"\n{earlier_text(recalled(prepared, env))}")
    if prepared.findings or prepared.history:
        said = findings_text(prepared.findings, prepared.plan.memo_name, prepared.history)
        err.line(f"\n{said}")
    err.line(f"\n{asked_text(prepared.asked)}")
    refused = _refusal(prepared, err)
    if refused is not None:
        return int(refused)
    confirm(options, prepared, env, err)
    signals = Signals()
    signals.install()
    project = prepared.project
    resume = None
    if options.resume is not None:
        resume = find_bundle(project.root, options.resume, project.settings.reports)
    bundle = launch.start(prepared, env, resume=resume)
    launch.step_aside()
    err.line(f"\nbundle {bundle}")
    viewer = Viewer(bundle, out, err, signals, as_json=options.as_json, owns=True)
    return viewer.follow()


def attach(bundle: Path, *, as_json: bool, colour: bool) -> int:
    """Show a run from its first event on; Ctrl-C leaves it running."""
    launch.step_aside()
    signals = Signals()
    signals.install()
    out, err = Output(sys.stdout, colour=colour), Output(sys.stderr)
    return Viewer(bundle, out, err, signals, as_json=as_json, owns=False).follow()


def approve(options: Options, env: Mapping[str, str]) -> int:
    """Show a plan and record that it was approved; nothing runs.

    Raises
    ------
    NotConfirmedError
        When the hash given is another one, or nobody confirmed.
    """
    out, err = Output(sys.stdout), Output(sys.stderr)
    prepared = prepared_for(options)
    err.line(plan_text(prepared.plan, prepared.project.root, env, forecasts_of(prepared)))
    err.line(f"\n{earlier_text(recalled(prepared, env))}")
    refused = _refusal(prepared, err)
    if refused is not None:
        return int(refused)
    if options.approve is None and not options.yes:
        _ask("\nApprove this plan? [y/N] ", prepared, "nothing was approved")
    elif options.approve is not None:
        _match(options.approve, prepared)
    root, plan = prepared.project.root, prepared.plan
    approval = approvals.Approval(
        digest=plan.digest(),
        memo=plan.memo_name,
        memo_sha256=plan.memo_sha256,
        by=operator(root, env),
        at=iso_ms(SYSTEM.now()),
        root=str(root),
    )
    approvals.record(approval, env)
    if options.as_json:
        out.raw(dump_json(approval).decode())
    else:
        out.line(f"approved sha256:{approval.digest} by {approval.by}")
    named = f" --plan {options.plan}" if options.plan else ""
    err.line(f"next: nbtui --batch{named}")
    return int(ExitCode.CLEARED)


def operator(root: Path, env: Mapping[str, str]) -> str:
    """Return who acts here: the git identity, else the user's name."""
    try:
        name = vcs.identity(root)
    except NbtuiError:
        name = ""
    return name or env.get("USER") or env.get("LOGNAME") or "unknown"


def confirm(options: Options, prepared: Prepared, env: Mapping[str, str], err: Output) -> None:
    """Return when the plan may run.

    Raises
    ------
    NotConfirmedError
        When it was shown but neither confirmed nor approved.
    """
    marked = [s.id for s in prepared.plan.stages if dangers(s.command)]
    if marked:
        err.line(f"\nmarked DANGER above: {', '.join(marked)}", good=False)
    if options.approve is not None:
        _match(options.approve, prepared)
        return
    if options.yes:
        return
    if (approval := approvals.find(prepared.plan, env)) is not None:
        err.line(f"approved by {approval.by}, {approval.at}")
        return
    _ask("\nRun these commands? [y/N] ", prepared, "not confirmed: nothing ran")


def _match(given: str, prepared: Prepared) -> None:
    digest = prepared.plan.digest()
    if given.removeprefix("sha256:").lower() != digest:
        raise NotConfirmedError(
            f"the plan is sha256:{digest}, not the approved one",
            where=prepared.plan.memo_name,
            fix="read the plan again (nbtui plan) and approve it anew",
        )


def _ask(question: str, prepared: Prepared, otherwise: str) -> None:
    if sys.stdin.isatty() and sys.stderr.isatty():
        sys.stderr.write(question)
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() in {"y", "yes"}:
            return
    raise NotConfirmedError(
        otherwise,
        where=prepared.plan.memo_name,
        fix=f"nbtui --batch --yes, or nbtui --batch --approve sha256:{prepared.plan.digest()}",
    )


def _refusal(prepared: Prepared, err: Output) -> ExitCode | None:
    """Return why the plan cannot run at all, said on stderr."""
    if prepared.blocking:
        count = len(prepared.blocking)
        err.line(
            f"\nnothing ran: {count} lint finding{'s block' if count > 1 else ' blocks'}",
            good=False,
        )
        return ExitCode.NOT_STARTED
    open_steps = [s for s in prepared.plan.steps if s.kind is StepKind.NEEDS_ANSWER]
    if open_steps:
        for step in open_steps:
            err.line(f"needs an answer: {step.id}: {one_line(step.question or step.title)}")
        err.line("nothing ran: answer these steps first (nbtui), or complete the memo")
        return ExitCode.WAITING
    if not any(s.command for s in prepared.plan.stages):
        err.line("nothing to do: the memo holds no step that a machine could run")
        return ExitCode.NOTHING_TO_DO
    return None


class Viewer:
    """Follows one run and prints it.

    Parameters
    ----------
    bundle
        The run.
    out, err
        Data and narration.
    signals
        What this process was told meanwhile.
    as_json
        Print the journal's lines verbatim.
    owns
        Whether a signal to this viewer is meant for the run.
    """

    def __init__(
        self, bundle: Path, out: Output, err: Output, signals: Signals, *, as_json: bool, owns: bool
    ) -> None:
        self._follower = JournalFollower(bundle)
        self._bundle = bundle
        self._out, self._err = out, err
        self._signals = signals
        self._json = as_json
        self._owns = owns
        self._passed_on = 0

    def follow(self) -> int:
        """Print the run until its bundle is sealed; return the exit code."""
        while not self._until(lambda: self._follower.state.ended):
            if self._detached():
                return self._leave()
            self._recover()
        self._until(lambda: is_sealed(self._bundle), timeout_s=SEAL_TIMEOUT_S)
        if not is_sealed(self._bundle):
            self._recover()
        return self._finish()

    def _until(self, done: Callable[[], bool], timeout_s: float | None = None) -> bool:
        """Print what comes until ``done``; ``False`` when the supervisor is gone or we leave."""
        begin = asked = time.monotonic()
        missed = 0
        while True:
            self._print_new()
            if done():
                return True
            self._pass_on_signals()
            now = time.monotonic()
            if self._detached() or (timeout_s is not None and now - begin > timeout_s):
                return False
            if now - asked >= ALIVE_EVERY_S:
                asked = now
                missed = 0 if launch.is_alive(self._follower.state) else missed + 1
                if missed > 1:
                    return False
            time.sleep(POLL_S)

    def _print_new(self) -> None:
        for raw, line in self._follower.poll_raw():
            if self._json:
                self._out.raw(raw.decode() + "\n")
            elif _worth_a_line(line.event):
                bad = isinstance(line.event, events.Blocked)
                text = printable(describe(line.event)).replace("\n", " ")
                self._out.line(f"{line.t} {text}", good=False if bad else None)

    def _pass_on_signals(self) -> None:
        """Make a signal to this viewer a request to the run, unless it only watches."""
        if not self._owns:
            return
        for number in self._signals.received[self._passed_on :]:
            self._passed_on += 1
            if number == signal.SIGHUP:
                continue
            again = self._passed_on > 1
            self._err.line(
                "ending the stage at once" if again else "stopping the run; once more: at once"
            )
            launch.cancel(self._bundle, number=number, force=again)

    def _detached(self) -> bool:
        """Whether this viewer goes while the run goes on."""
        if not self._owns:
            return bool(self._signals.received)
        return signal.SIGHUP in self._signals.received

    def _leave(self) -> int:
        self._err.line(f"the run goes on: nbtui attach {self._bundle.name}")
        return int(_ENDED_BY[self._signals.received[-1]])

    def _recover(self) -> None:
        self._err.line("the supervisor is gone; closing the run")
        try:
            recover(self._bundle)
        except NbtuiError as error:
            self._err.line(f"the run cannot be closed: {error}")
            raise

    def _finish(self) -> int:
        state = self._follower.state
        if not self._json:
            word = state.verdict_words if state.verdict else "open"
            self._out.line(f"verdict: {word}", good=state.verdict is Verdict.CLEARED)
            self._out.line(f"bundle: {self._bundle}")
        self._err.line(_advice(state))
        self._show_in_github(state)
        stopped = [n for n in self._signals.received if n != signal.SIGHUP]
        if self._owns and stopped and state.verdict is not Verdict.CLEARED:
            return int(_ENDED_BY[stopped[0]])
        return ExitCode.INTERRUPTED if state.exit_code is None else state.exit_code

    def _show_in_github(self, state: RunState) -> None:
        """Let a workflow's page show the verdict's reasons; only the face that started it does."""
        name = next((n for n, what in reversed(state.files) if what == "phase summary"), "")
        if self._owns and step_summary.VARIABLE in os.environ:
            problem = step_summary.append(os.environ, step_summary.of_run(self._bundle, name))
            if problem:
                self._err.line(problem)


def _worth_a_line(event: events.AnyEvent) -> bool:
    """Return whether an event is shown: samples and what is as expected only fill the journal."""
    if isinstance(event, events.Sampled | events.StreamsTold):
        return False
    if isinstance(event, events.ConsoleRead):
        return bool(event.problem)
    return not (isinstance(event, events.GuardChecked) and event.ok)


def _advice(state: RunState) -> str:
    folder = state.bundle
    if state.verdict is Verdict.CLEARED:
        return f"next: nbtui verify {folder.name}; to look at: {folder / 'report.html'}"
    return f"next: read {folder / 'blockers.md'}; raw output in {folder / 'attempt_failed.log'}"
