"""The search: one step after the other, until the difference is explained."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.parity.diagnosis.signature import Kind, Signature
from engine.parity.errors import ParityError
from nbtui.diagnose.lab import Lab
from nbtui.diagnose.model import (
    Case,
    Diagnosis,
    Finding,
    Outcome,
    Say,
    State,
    StepReport,
    say_nothing,
)
from nbtui.diagnose.registry import STEPS, Step


def diagnose(
    case: Case,
    *,
    run_programs: bool = True,
    steps: Sequence[Step] = STEPS,
    scratch: Path | None = None,
    say: Say = say_nothing,
) -> Diagnosis:
    """Find out why the two sides of a case differ.

    Parameters
    ----------
    case
        What is to be explained.
    run_programs
        Whether programs may be run. Without, only stored images and reports are read: the
        form that a blocked run takes by itself.
    steps
        The steps, in order.
    scratch
        Where programs run and leave their output; a temporary folder, removed afterwards,
        by default.
    say
        Told of each step as it ends.
    """
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nbtui-diagnose-", dir=scratch) as folder:
        lab = Lab(case, Path(folder), run_programs=run_programs)
        reports: list[StepReport] = []
        explained = False
        for group in _groups(steps, case):
            for step in group:
                if explained and step.asked is None:
                    continue
                report = _take(step, lab)
                reports.append(report)
                say(report)
            explained = any(r.finding and r.finding.certain for r in reports)
        seen = lab.signature() if _looked(reports) else None
        agreement = _agreement(seen) if seen is not None and seen.kind is Kind.NONE else ""
    return Diagnosis(
        title=case.title,
        steps=tuple(reports),
        finding=_decide(reports, steps),
        wall_s=time.monotonic() - begin,
        agreement=agreement,
    )


def _agreement(seen: Signature) -> str:
    largest = abs(seen.survey.worst[0][3] - seen.survey.worst[0][2]) if seen.survey.worst else 0.0
    top = max(seen.survey.maximum)
    share = largest / top if top > 0.0 else 0.0
    return f"relative L2 {seen.survey.relative_l2:.1e}, largest {share:.1e} of the maximum"


def _groups(steps: Sequence[Step], case: Case) -> Iterator[tuple[Step, ...]]:
    """Yield the steps that cost nothing together, then each of the others by itself."""
    steps = tuple(s for s in steps if s.asked is None or s.asked(case))
    cheap = tuple(s for s in steps if s.together is not None)
    if cheap:
        yield cheap
    yield from ((s,) for s in steps if s.together is None)


def _take(step: Step, lab: Lab) -> StepReport:
    begin = time.monotonic()
    try:
        outcome = step.look(lab)
    except (ParityError, OSError) as error:
        # One step that cannot look must not keep the others from looking.
        outcome = Outcome(skipped=f"could not look: {error}")
    state = State.FOUND if outcome.finding else State.SKIPPED if outcome.skipped else State.OK
    return StepReport(
        id=step.id,
        title=step.title,
        state=state,
        cost_s=time.monotonic() - begin,
        lines=outcome.lines,
        finding=outcome.finding,
        skipped=outcome.skipped,
    )


def _looked(reports: Sequence[StepReport]) -> bool:
    return any(r.id == "signature" and r.state is not State.SKIPPED for r in reports)


def _decide(reports: Sequence[StepReport], steps: Sequence[Step]) -> Finding | None:
    """Return the finding that says most: proven before likely, then by the steps' rank.

    What was asked for besides comes last: since when is no better an answer than what.
    """
    rank = {s.id: (s.together if s.together is not None else -n) for n, s in enumerate(steps)}
    rank |= {s.id: len(steps) for s in steps if s.asked is not None}
    found = [(r, r.finding) for r in reports if r.finding is not None]
    if not found:
        return None
    return min(found, key=lambda pair: (not pair[1].certain, rank[pair[0].id]))[1]
