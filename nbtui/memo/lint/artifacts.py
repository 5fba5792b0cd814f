"""Rules about what stages leave behind."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding, Scope
from nbtui.memo.names import OUTDIR
from nbtui.memo.programs import is_own_tool, option
from nbtui.memo.variables import items


def check_artifacts(scope: Scope) -> Iterator[Finding]:
    """Report results outside of the bundle, where nobody would look for them."""
    reports = f"{scope.settings.reports}/"
    for step in scope.plan.stages:
        argv = step.command.argv if step.command else ()
        outdir = option(argv, "--outdir") if argv else None
        if outdir is not None and is_own_tool(argv) and not _inside(outdir):
            yield scope.block(
                "outside-bundle",
                step.lines.first,
                f"--outdir {outdir} lies outside of the bundle",
                f"--outdir {OUTDIR}/...",
            )
            continue
        for word in argv:
            path = word.partition("=")[2] if word.startswith("--") else word
            if path.removeprefix("./").startswith(reports):
                text = f"{path} lies in another bundle, or in none"
                yield scope.warn("outside-bundle", step.lines.first, text, f"use {OUTDIR}/...")


def _inside(path: str) -> bool:
    return (path == OUTDIR or path.startswith(f"{OUTDIR}/")) and ".." not in path.split("/")


def check_captured_output(scope: Scope) -> Iterator[Finding]:
    """Report ``| tee`` without ``pipefail``: by hand it would hide a failure."""
    safe = any("pipefail" in part.text for item in items(scope.memo) for part in item.parts)
    piped = [
        (step, deviation)
        for step in scope.plan.stages
        for deviation in step.deviations
        if "| tee " in deviation.memo_says
    ]
    if piped and not safe:
        lines = ", ".join(str(step.lines.first) for step, _ in piped)
        yield scope.info(
            "tee-exit-code",
            piped[0][0].lines.first,
            f"| tee hides the exit code of the command before it (lines {lines}); "
            "run here, the tool captures the output itself",
            "by hand: set -o pipefail first",
        )
