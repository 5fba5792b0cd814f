"""Golden files named as outputs."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.fixes import exchanging
from nbtui.memo.lint.scope import Scope
from nbtui.memo.lint.words import commands_of
from nbtui.memo.names import OUTDIR
from nbtui.memo.plan import Step
from nbtui.memo.programs import is_golden, is_own_tool, outputs


def check_golden_outputs(scope: Scope) -> Iterator[Finding]:
    """Report commands that would write over golden data, or seem to."""
    for step in scope.plan.stages:
        for nth, argv in enumerate(commands_of(step)):
            for flag, path in outputs(argv):
                if is_golden(path):
                    yield _finding(scope, step, nth, flag, path)


def _finding(scope: Scope, step: Step, nth: int, flag: str, path: str) -> Finding:
    argv, line = commands_of(step)[nth], step.lines.first
    at = next(n for n, w in enumerate(argv) if w == flag and argv[n + 1] == path)
    why = "golden data are never written"
    if is_own_tool(argv) and "--" in argv:
        text = f"{flag} names a golden file as output: {path}; {argv[0]} leaves it out"
        left_out = exchanging(step, nth, at, 2, (), runs="leaves it out", why=why)
        return scope.warn("golden-output", line, text, f"remove {flag} {path}", left_out)
    place = f"{OUTDIR}/stages/{step.id}/{PurePosixPath(path).name}"
    remedy = exchanging(step, nth, at, 2, (flag, place), runs=f"{flag} {place}", why=why)
    text = f"{flag} names a golden file as output and would overwrite it: {path}"
    return scope.block("golden-output", line, text, f"write {flag} {place}", remedy)
