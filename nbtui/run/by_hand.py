"""A run that a person leads step by step: the same machine, with somebody to ask.

Preflight, guards, collectors, gates and the journal are those of every run. What differs:
the person says of each command whether the tool runs it or they do, answers the questions
of the memo, and attests the manual steps. The run lives and ends with their terminal.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from nbtui.errors import NbtuiError
from nbtui.evidence.records import Answer, Attestation, Blocker, StageOutcome, Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan, Role, Step, StepKind
from nbtui.project import Project
from nbtui.run import launch, locks, process, recover, stamp
from nbtui.run.conduct import Conductor, Halt
from nbtui.run.environment import Resolved
from nbtui.run.events import Answered, AnyEvent, Attested
from nbtui.run.interrupts import Interrupts
from nbtui.run.supervisor import Options, conduct


class LeftError(NbtuiError):
    """The operator left: end of input, a closed terminal, or a wish to stop."""

    exit_code = ExitCode.INTERRUPTED


class Operator(Protocol):
    """Whoever leads the run, as the run sees them."""

    name: str

    def attend(self, interrupts: Interrupts) -> None:
        """Learn which signals end a wait for an answer."""

    def begins(self, bundle: Path) -> None:
        """Hear where the run is recorded."""

    def hears(self, event: AnyEvent) -> None:
        """Hear of an event."""

    def runs_itself(self, step: Step, resolved: Resolved) -> bool:
        """Whether the operator, and not the tool, runs this command."""

    def exit_code(self, step: Step) -> int:
        """Wait until a command run by hand has ended; return its exit code."""

    def attests(self, step: Step) -> tuple[bool, str]:
        """Return whether a step was done, and what was seen."""

    def answers(self, step: Step) -> str:
        """Return the answer to a step's question."""


@dataclass(kw_only=True)
class HandConductor(Conductor):
    """A conductor that asks its operator at every step."""

    operator: Operator

    def __post_init__(self) -> None:
        """Let the operator hear what is recorded."""
        self.recorder.listener = self.operator.hears
        self.operator.begins(self.recorder.bundle)

    def _work(self) -> None:
        for step in self.plan.steps:
            try:
                self._lead(step)
            except LeftError as error:
                self._heed(step)
                raise Halt(
                    Blocker(kind="stopped", where=step.id, reason=error.what),
                    Verdict.CANCELLED,
                    ExitCode.INTERRUPTED,
                ) from error

    def _lead(self, step: Step) -> None:
        if step.kind is StepKind.MANUAL:
            self._attest(step)
        elif step.kind is StepKind.NEEDS_ANSWER:
            answer = self.operator.answers(step)
            given = Answer(
                step_id=step.id,
                question=step.question or step.title,
                answer=answer,
                by=self.operator.name,
            )
            self.recorder.emit(Answered(answer=given))
            self._attest(step)
        elif step.role not in {Role.SETTING, Role.SUMMARY}:
            self._stage(step)

    def _attest(self, step: Step) -> None:
        done, note = self.operator.attests(step)
        said = Attestation(
            step_id=step.id, title=step.title, by=self.operator.name, done=done, note=note
        )
        self.recorder.emit(Attested(attestation=said))
        if not done:
            raise Halt(
                Blocker(
                    kind="manual",
                    where=step.id,
                    reason=f"{self.operator.name} could not attest this step: {note}",
                    source=f"{self.plan.memo_name}:{step.lines.first}",
                    fix="do it, then start a new run",
                ),
                exit_code=ExitCode.WAITING,
            )

    def _perform(self, step: Step, resolved: Resolved) -> StageOutcome:
        if not self.operator.runs_itself(step, resolved):
            return super()._perform(step, resolved)
        outcome = self._runner().attest(step, resolved, lambda: self.operator.exit_code(step))
        note = f"run by hand, exit code {outcome.exit_code}"
        said = Attestation(
            step_id=step.id, title=step.title, by=self.operator.name, done=True, note=note
        )
        self.recorder.emit(Attested(attestation=said))
        return outcome


def run(
    project: Project, memo: bytes, plan: Plan, env: Mapping[str, str], operator: Operator
) -> int:
    """Lead a run of a plan from here; return its exit code.

    Raises
    ------
    LockHeldError
        When another run holds the machine.
    PlanError, RecordingError
        When the plan wants to write outside its bundle, or the bundle cannot be made.
    """
    root = project.root.resolve()
    launch.check_paths(plan)
    lock = locks.acquire(env)
    try:
        recover.recover_dead(root, project.settings.reports)
        allocation = stamp.allocate(root, plan.artifacts_root)
        launch.fill(allocation.bundle, memo, plan)
        notes = [allocation.warning] if allocation.warning else []
        options = Options(
            allocation.bundle,
            root,
            notes=(*notes, f"led by {operator.name} at a terminal, step by step"),
            operator=operator.name,
        )
        process.adopt_orphans()
        with Interrupts() as interrupts:
            operator.attend(interrupts)
            make: Callable[..., Conductor] = partial(HandConductor, operator=operator)
            return conduct(options, interrupts, lock, make)
    finally:
        lock.close()


def identity(root: Path, env: Mapping[str, str] = os.environ) -> str:
    """Return the operator's name as git has it, else the system's; empty when unknown."""
    from nbtui.vcs import identity as from_git  # noqa: PLC0415  (git is asked only here)

    try:
        name = from_git(root)
    except (NbtuiError, OSError):
        name = ""
    return name or env.get("USER", "")
