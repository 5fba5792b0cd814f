"""A stage on CUDA where a pitfall keeps the gate on the CPU."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.fixes import replacing
from nbtui.memo.lint.scope import Scope
from nbtui.memo.lint.words import words_of
from nbtui.memo.programs import option


def check_device(scope: Scope) -> Iterator[Finding]:
    """Report ``--device cuda`` against the memo's own pitfall."""
    guard = next((g for g in scope.plan.guards if g.id == "no-cuda"), None)
    if guard is None:
        return
    for step in scope.plan.stages:
        argv = words_of(step)
        device = option(argv, "--device") if argv else None
        if device is not None and device.startswith("cuda"):
            remedy = replacing(
                step,
                ["cpu" if w == device else w.replace(f"={device}", "=cpu") for w in argv],
                says=f"--device {device}",
                runs="--device cpu",
                why=f"{guard.source} keeps the gate on the CPU",
            )
            text = f"--device {device}, but {guard.source} keeps the gate on the CPU"
            yield scope.block("cuda", step.lines.first, text, "--device cpu", remedy)
