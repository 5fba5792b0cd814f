"""Results outside of the bundle, where nobody would look for them."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.fixes import replacing
from nbtui.memo.lint.scope import Scope
from nbtui.memo.lint.words import words_of
from nbtui.memo.names import OUTDIR
from nbtui.memo.programs import is_own_tool, option


def check_artifacts(scope: Scope) -> Iterator[Finding]:
    """Report folders for results that do not lie in the bundle."""
    reports = f"{scope.settings.reports}/"
    for step in scope.plan.stages:
        argv = words_of(step)
        line = step.lines.first
        outdir = option(argv, "--outdir") if argv else None
        if outdir is not None and is_own_tool(argv) and not _inside(outdir):
            place = f"{OUTDIR}/stages/{step.id}"
            remedy = replacing(
                step,
                [place if w == outdir else w.replace(f"={outdir}", f"={place}") for w in argv],
                says=f"--outdir {outdir}",
                runs=f"--outdir {place}",
                why="what a stage writes belongs in the bundle",
            )
            text = f"--outdir {outdir} lies outside of the bundle"
            yield scope.block("outside-bundle", line, text, f"--outdir {place}", remedy)
            continue
        for word in argv:
            path = word.partition("=")[2] if word.startswith("--") else word
            if path.removeprefix("./").startswith(reports):
                text = f"{path} lies in another bundle, or in none"
                yield scope.warn("outside-bundle", line, text, f"use {OUTDIR}/...")


def _inside(path: str) -> bool:
    return (path == OUTDIR or path.startswith(f"{OUTDIR}/")) and ".." not in path.split("/")
