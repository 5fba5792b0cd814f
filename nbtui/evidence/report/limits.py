"""What this run did not check, so that nobody reads more into it than is there."""

from collections.abc import Iterator
from pathlib import Path

from nbtui.evidence.facts import RunFacts, StageFacts
from nbtui.evidence.report.markup import bullets, paragraph
from nbtui.evidence.text import one_line
from nbtui.memo.plan import Role, StepKind


def render(facts: RunFacts, _bundle: Path) -> Iterator[str]:
    """Yield the list of limits: of this run first, then those of any run."""
    own = list(_of_this_run(facts))
    if own:
        yield paragraph("In this run:")
        yield from bullets(own)
    yield paragraph("In any run:")
    yield from bullets(_OF_ANY)


_OF_ANY = (
    (
        "That the machine did what the log says. Altering a bundle afterwards is evident, forging "
        "one is laborious: no more. An independent rerun is the remedy."
    ),
    "Experiments other than those whose parameters are listed above.",
    "Whether the C program is right: agreement of two programs is not truth.",
    (
        "Times: they are the tools' own measurements of one machine at one moment, and nothing "
        "stored allows to derive them again."
    ),
)


def _of_this_run(facts: RunFacts) -> Iterator[str]:
    for stage in facts.stages:
        yield from _of_stage(stage)
    attested = {a.step_id for _, a in facts.attestations}
    for step in facts.plan.steps:
        if step.kind is not StepKind.RUNNABLE and step.id not in attested:
            yield f"{step.id}, which a person has to do: {one_line(step.title)}."
    if not any(s.role is Role.COMPARE for s in facts.plan.stages):
        yield "No stage compares two images."
    known = facts.provenance
    dirty = known.get("git_dirty", "") or known.get("git_untracked", "")
    if dirty:
        yield f"The work tree was not clean: the commit alone is not the code ({one_line(dirty)})."
    if not facts.plan.golden_image:
        yield "No golden image: both programs could have changed together."
    yield "The run is unsigned when it is sealed; a signature is added by a person (nbtui sign)."


def _of_stage(stage: StageFacts) -> Iterator[str]:
    step = stage.step
    if not stage.started:
        yield f"{step.id} was not run: {one_line(step.title)}."
        return
    if step.role is Role.PYTEST:
        yield f"{step.id}: the tests' images are not kept; their figures are what pytest recorded."
    held = {g.gate.metric for g in stage.gates}
    if step.role is Role.COMPARE and "relative_l2" not in held:
        yield f"{step.id}: no gate on relative_l2; a correlation does not see scale or offset."
    for result in stage.gates:
        if not result.gate.binding:
            yield f"{step.id}: {result.gate.metric} is reported, it does not block."
