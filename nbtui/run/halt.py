"""Why a run stops: one exception, and the sentences for each kind of reason."""

from collections.abc import Sequence

from nbtui.evidence.experiment import Agreement
from nbtui.evidence.gates import failed, sentence
from nbtui.evidence.records import Blocker, Collected, GateResult, StageOutcome, Verdict, excused
from nbtui.evidence.text import figure
from nbtui.exit_codes import ExitCode
from nbtui.preflight.model import CheckResult
from nbtui.run.events import ConsoleRead, GuardChecked


class Halt(Exception):  # noqa: N818  (a decision, not an error)
    """The run stops here, with this reason."""

    def __init__(
        self,
        blocker: Blocker,
        verdict: Verdict = Verdict.BLOCKED,
        exit_code: ExitCode = ExitCode.BLOCKED,
    ) -> None:
        super().__init__(blocker.reason)
        self.blocker = blocker
        self.verdict = verdict
        self.exit_code = exit_code


def failed_preflight(blocking: Sequence[CheckResult], made: int) -> Halt:
    """Return the halt for checks that block, ``made`` being the number of all checks."""
    first = blocking[0]
    names = ", ".join(r.id for r in blocking)
    return Halt(
        Blocker(
            kind="preflight",
            where=first.id,
            reason=f"{len(blocking)} of {made} checks block ({names}): {first.title}",
            expected=first.expected,
            found=first.found,
            source=first.source,
            fix=first.fix,
        ),
        exit_code=ExitCode.NOT_STARTED,
    )


_OUTSIDE = {
    "free-memory": "end what uses the memory",
    "free-disk": "free space, or archive old bundles elsewhere",
    "clock": "let the clock be: a run with timings needs one that runs evenly",
    "machine-lock": "never delete the lock file while a run works",
}
"""What to do about the limits; everything else changed by somebody's doing."""


def broken_guard(broken: Sequence[GuardChecked], when: str) -> Halt:
    """Return the halt for guards that do not hold; the first one speaks."""
    first = broken[0]
    remedy = _OUTSIDE.get(first.guard)
    verb = "changed during the run" if remedy is None else "does not hold"
    return Halt(
        Blocker(
            kind="guard",
            where=first.guard,
            reason=f"{first.guard} {verb} ({when})",
            expected=first.expected,
            found=first.found,
            source="as it was when the run started" if remedy is None else "docs/bundles.md",
            fix=f"{remedy or 'find out who changed it'}; then start a new run",
        )
    )


def other_experiment(step_id: str, agreement: Agreement) -> Halt:
    """Return the halt for stages that did not simulate the same experiment."""
    return Halt(
        Blocker(
            kind="gate",
            where=step_id,
            reason="the stages ran different experiments; their figures do not belong together",
            expected=agreement.expected,
            found=agreement.found,
            source="effective parameters of the stages",
            fix="give all stages of the memo the same nanoBragg arguments",
        )
    )


def judge(
    outcome: StageOutcome,
    collected: Collected | None,
    said: Sequence[ConsoleRead],
    gates: tuple[GateResult, ...],
    odd: Blocker | None = None,
) -> Blocker | None:
    """Return why a stage blocks, the most telling reason first; ``None`` when it does not.

    A crash or a deadline comes before anything it left behind; a figure below its
    threshold says more than the exit code of the tool that noticed it too. ``said`` are the
    console readings that nobody asked for: they explain a figure, so they come before it.
    ``odd`` is why figures cannot be right although their gates pass.
    """
    where = outcome.step_id
    crashed = outcome.failure and (outcome.exit_code is None or outcome.timed_out)
    if outcome.failure and (crashed or outcome.leftovers):
        return Blocker(kind="stage", where=where, reason=outcome.failure, source=outcome.log)
    if collected is not None and collected.problems:
        # Errors of the tools end with their remedy; the report has a line of its own for it.
        reason, _, fix = "; ".join(collected.problems[:5]).partition("; fix: ")
        return Blocker(kind="result", where=where, reason=reason, source=outcome.log, fix=fix)
    for reading in said:
        return Blocker(
            kind="console",
            where=where,
            reason=reading.problem,
            found=f"{reading.name} {reading.value}",
            source=reading.source,
            fix="give both programs this value on their command lines, or remove the file that "
            "was read; then start a new run",
        )
    for result in failed(gates):
        return Blocker(
            kind="gate",
            where=where,
            reason=sentence(result),
            expected=f"{result.gate.comparison.value} {result.gate.threshold:.10g}",
            found=figure(result.value),
            source=result.gate.source,
            fix="find the cause; a threshold is lowered by the supervisor's sign-off only",
        )
    if odd is not None:
        return odd
    if outcome.failure and not excused(outcome, gates):
        return Blocker(kind="stage", where=where, reason=outcome.failure, source=outcome.log)
    return None
