"""A stage that is to run after a block too, and reads what another stage makes."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.names import OUTDIR
from nbtui.memo.plan import Step
from nbtui.memo.programs import option


def check_independent(scope: Scope) -> Iterator[Finding]:
    """Report independent stages that name files of an earlier stage: they are not independent."""
    stages = scope.plan.stages
    for number, step in enumerate(stages):
        if not step.independent or step.command is None:
            continue
        own = option(step.command.argv, "--outdir")
        text = " ".join(w for w in step.command.argv if w != own)
        for earlier in stages[:number]:
            used = next((place for place in _places(earlier) if place in text), None)
            if used is not None:
                yield scope.warn(
                    "independent-reads",
                    step.lines.first,
                    f"{step.id} is marked independent and reads {used}, which {earlier.id} makes",
                    "take the mark away, or the file",
                )


def _places(step: Step) -> Iterator[str]:
    """Yield the files and folders of the bundle that a stage makes for itself."""
    outdir = option(step.command.argv, "--outdir") if step.command else None
    if outdir and outdir.startswith(f"{OUTDIR}/"):
        yield outdir
    yield from step.artifacts
