"""A run that a person leads step by step: the same machine, with somebody to ask.

Preflight, guards, collectors, gates and the journal are those of every run. What differs:
the person says of each command whether the tool runs it or they do, answers the questions
of the memo, attests the manual steps and signs the list at its end. At a terminal the run
lives and ends with it (:func:`run`); led by the app it is a supervisor like any other
(:mod:`nbtui.run.inbox`).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from nbtui.errors import PlanError
from nbtui.evidence.records import Answer, Attestation, Blocker, StageOutcome, Verdict
from nbtui.evidence.text import one_line
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Deviation, Role, Step, StepKind
from nbtui.memo.planfile import command_words
from nbtui.run import launch, locks, process, recover, sign_offs, stamp
from nbtui.run.answering import Answering, Compiled
from nbtui.run.conduct import Conductor
from nbtui.run.environment import Resolved
from nbtui.run.events import Answered, Asked, Attested, DeviationNoted, Noted
from nbtui.run.halt import Halt
from nbtui.run.interrupts import Interrupts
from nbtui.run.operator import SIGN_OFF, How, LeftError, Operator, Reply, Said, initials_of
from nbtui.run.supervisor import Options, conduct

if TYPE_CHECKING:
    from nbtui.run.prepare import Prepared


@dataclass(kw_only=True)
class HandConductor(Conductor):
    """A conductor that asks its operator at every step."""

    operator: Operator
    answering: Answering

    def __post_init__(self) -> None:
        """Let the operator hear what is recorded."""
        super().__post_init__()
        self.recorder.listener = self.operator.hears
        self.operator.begins(self.recorder.bundle)

    def _work(self) -> None:
        for step in self.plan.steps:
            with self._leaving(step.id, step):
                self._lead(step)
        with self._leaving(SIGN_OFF):
            self._sign_off()

    @contextmanager
    def _leaving(self, where: str, step: Step | None = None) -> Iterator[None]:
        """Make an operator who leaves the end of the run."""
        try:
            yield
        except LeftError as error:
            self._heed(step)
            raise Halt(
                Blocker(kind="stopped", where=where, reason=error.what),
                Verdict.CANCELLED,
                ExitCode.INTERRUPTED,
            ) from error

    def _lead(self, step: Step) -> None:
        if step.kind is StepKind.MANUAL:
            self._attest(step)
        elif step.kind is StepKind.NEEDS_ANSWER:
            self._answer(step)
        elif step.role not in {Role.SETTING, Role.SUMMARY}:
            self._stage(step)

    def _answer(self, step: Step) -> None:
        """Ask until the answer is a command that somebody confirmed, or a person's work."""
        while True:
            self._ask(step.id, "answer", step.question or step.title)
            reply = self.operator.answers(step)
            if reply.how is How.HAND:
                self._record_answer(step, "by hand", reply)
                self._attest(step)
                return
            if reply.how is How.LEAVE_OUT:
                self._leave_out(step, reply)
                return
            try:
                compiled = self.answering.compile(self.plan, step.id, reply.text)
            except PlanError as error:
                self.recorder.emit(Noted(text=f"{step.id}: the answer cannot be used: {error}"))
                continue
            self._ask(step.id, "confirm", command_words(compiled.step), _details(compiled))
            if self.operator.confirms(compiled):
                self._record_answer(step, reply.text, reply, compiled)
                self._run_answered(compiled)
                return

    def _record_answer(
        self, step: Step, words: str, reply: Reply, compiled: Compiled | None = None
    ) -> None:
        given = Answer(
            step_id=step.id,
            question=step.question or step.title,
            answer=words,
            by=reply.by or self.operator.name,
            step=compiled.step if compiled else None,
            gates=compiled.plan.gates if compiled else (),
        )
        self.recorder.emit(Answered(answer=given))

    def _run_answered(self, compiled: Compiled) -> None:
        self.plan = compiled.plan
        for deviation in compiled.step.deviations:
            self.recorder.emit(DeviationNoted(step_id=compiled.step.id, deviation=deviation))
        (self.recorder.bundle / "stages" / compiled.step.id).mkdir(parents=True, exist_ok=True)
        self._stage(compiled.step)

    def _leave_out(self, step: Step, reply: Reply) -> None:
        self._record_answer(step, f"left out: {reply.text}", reply)
        why = f"{reply.by or self.operator.name} left it out: {reply.text}"
        left = Deviation(memo_says=step.title, runs="nothing", why=why)
        self.recorder.emit(DeviationNoted(step_id=step.id, deviation=left))

    def _attest(self, step: Step) -> None:
        self._ask(step.id, "attest", step.title)
        said = self.operator.attests(step)
        self._record(step.id, step.title, said)
        if not said.done:
            self._wait_for(step, said)

    def _sign_off(self) -> None:
        title = "the whole checklist"
        self._ask(SIGN_OFF, SIGN_OFF, title)
        said = self.operator.signs_off()
        self._record(SIGN_OFF, title, said)
        if not said.done:
            raise Halt(
                Blocker(
                    kind="manual",
                    where=SIGN_OFF,
                    reason=f"{self._name(said)} did not sign the checklist: {said.note}",
                    fix="settle what the note says, then start a new run",
                ),
                exit_code=ExitCode.WAITING,
            )

    def _ask(self, step_id: str, what: str, text: str, details: tuple[str, ...] = ()) -> None:
        """Record what is waited for, so that every viewer can say so."""
        self.recorder.emit(Asked(step_id=step_id, what=what, text=text, details=details))

    def _record(self, step_id: str, title: str, said: Said) -> None:
        name = self._name(said)
        attested = Attestation(
            step_id=step_id,
            title=title,
            by=name,
            done=said.done,
            note=said.note,
            initials=said.initials or initials_of(name),
        )
        self.recorder.emit(Attested(attestation=attested))

    def _name(self, said: Said) -> str:
        return said.by or self.operator.name

    def _wait_for(self, step: Step, said: Said) -> None:
        raise Halt(
            Blocker(
                kind="manual",
                where=step.id,
                reason=f"{self._name(said)} could not attest this step: {said.note}",
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
        self._record(step.id, step.title, Said(done=True, note=note))
        return outcome


def _details(compiled: Compiled) -> tuple[str, ...]:
    """Return what somebody should know before confirming: deviations and findings."""
    changes = (
        f"memo: {one_line(d.memo_says)}; runs: {one_line(d.runs)} ({one_line(d.why)})"
        for d in compiled.step.deviations
    )
    found = (f"lint {f.severity.value} [{f.id}]: {one_line(f.text)}" for f in compiled.findings)
    return (*changes, *found)


def run(prepared: "Prepared", env: Mapping[str, str], operator: Operator) -> int:
    """Lead a run of a plan from here; return its exit code.

    Raises
    ------
    LockHeldError
        When another run holds the machine.
    PlanError, RecordingError
        When the plan wants to write outside its bundle, or the bundle cannot be made.
    """
    project, plan = prepared.project, prepared.plan
    root = project.root.resolve()
    launch.check_paths(plan)
    lock = locks.acquire(env)
    try:
        recover.recover_dead(root, project.settings.reports)
        allocation = stamp.allocate(root, plan.artifacts_root)
        settings = project.settings
        signers = settings.allowed_signers
        sign_offs.bring(root, settings.reports, plan, allocation.bundle, signers)
        launch.fill(allocation.bundle, prepared.memo.data, plan, launch.lint_record(prepared))
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
            answering = Answering(project, prepared.memo.data, env)
            make: Callable[..., Conductor] = partial(
                HandConductor, operator=operator, answering=answering
            )
            return conduct(options, interrupts, lock, make)
    finally:
        lock.close()
