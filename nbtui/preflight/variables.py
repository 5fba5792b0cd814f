"""The memo's environment against the operator's shell, and what the shell smuggles in."""

import difflib
import shlex
from collections.abc import Iterator
from pathlib import Path

from nbtui.memo.plan import Variable
from nbtui.preflight.model import CheckResult, Context
from nbtui.preflight.report import Subject

HELD_BACK = (
    "BASH_ENV", "ENV", "LD_AUDIT", "LD_PRELOAD", "PYTEST_ADDOPTS", "PYTEST_PLUGINS",
    "PYTHONHASHSEED", "PYTHONHOME", "PYTHONOPTIMIZE", "PYTHONPATH", "PYTHONSTARTUP",
)  # fmt: skip
"""Variables that could change a result without a trace; stages never see them."""

_LIBRARIES = ("LD_LIBRARY_PATH",)
"""Passed on, since programs may not start without; which libraries they load, it decides."""

_FAMILY = (
    "NB_C_BIN", "NB_RUN_PARALLEL", "KMP_DUPLICATE_LIB_OK", "AUTHORITATIVE_CMDS_DOC",
    "NANOBRAGG_DISABLE_COMPILE", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS",
)  # fmt: skip
"""Names that memos use; a name close to one of them is probably a slip."""

_CLOSE = 0.88


def check_variables(context: Context) -> Iterator[CheckResult]:
    """Hold each variable of the plan against the operator's shell."""
    for variable in context.plan.environment:
        yield _check(variable, context)


def _check(variable: Variable, context: Context) -> CheckResult:
    name, wanted = variable.name, variable.value
    shell = context.env.get(name)
    subject = Subject(
        f"env:{name}",
        f"Environment {name}",
        f"{name}={wanted}" if wanted is not None else f"{name} is set",
        variable.source,
    )
    if wanted is None:
        if shell is None:
            fix = f"export {name}=..., with the value the memo's author means"
            return subject.block("not set, and the memo gives no value", fix)
        return subject.ok(f"{name}={shell} (from the shell)", value=shell, set_by="shell")
    if shell is None:
        return subject.ok(
            f"not set in the shell; set to {wanted} for the stages", value=wanted, set_by="memo"
        )
    if _same(shell, wanted, context.root):
        return subject.ok(f"{name}={shell}", value=wanted, set_by="shell and memo")
    fix = f"export {name}={shlex.quote(wanted)}  # or unset it"
    return subject.block(f"the shell says {name}={shell}", fix, value=shell, set_by="shell")


def _same(shell: str, wanted: str, root: Path) -> bool:
    """Whether two values mean the same; two paths do when they name the same place."""
    if shell == wanted:
        return True
    if "/" not in wanted:
        return False
    return (root / shell).resolve() == (root / wanted).resolve()


def check_near_names(context: Context) -> Iterator[CheckResult]:
    """Warn of variables in the shell whose name is almost one that the memo means."""
    known = {v.name for v in context.plan.environment} | set(_FAMILY)
    found = False
    for name in sorted(context.env.keys() - known):
        near = difflib.get_close_matches(name, known, n=1, cutoff=_CLOSE)
        if near and not _shared_stem(name, near[0]):
            found = True
            subject = Subject(
                f"env-near:{name}", f"Environment {name}", f"{near[0]}, spelled so", "plan"
            )
            yield subject.warn(
                f"{name}={context.env[name]} is set, close to {near[0]}",
                f"unset {name}  # did you mean {near[0]}?",
            )
    if not found:
        subject = Subject("env-near", "Misspelt variables", "no name close to a known one", "plan")
        yield subject.ok("none")


def _shared_stem(name: str, known: str) -> bool:
    """Whether two names differ in a whole word: ``OMP_NUM_TEAMS`` is no slip."""
    words, others = name.split("_"), known.split("_")
    if len(words) != len(others):
        return False
    pairs = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
    return any(difflib.SequenceMatcher(a=a, b=b).ratio() < 0.6 for a, b in pairs)


def check_inherited(context: Context) -> Iterator[CheckResult]:
    """Warn of inherited variables that could change a result."""
    planned = {v.name for v in context.plan.environment}
    found = [n for n in (*HELD_BACK, *_LIBRARIES) if n in context.env and n not in planned]
    for name in found:
        subject = Subject(
            f"env-inherited:{name}", f"Inherited {name}", "not set", "docs/preflight.md"
        )
        said = f"{name}={context.env[name]} is set"
        if name in _LIBRARIES:
            text = f"{said}; the stages get it, and may load other libraries than the tested ones"
            yield subject.warn(text, f"unset {name}  # unless a program needs it")
        else:
            text = f"{said}; it is not passed to the stages"
            yield subject.warn(text, f"unset {name}  # so that hand-made runs agree")
    if not found:
        subject = Subject(
            "env-inherited", "Inherited variables", "none that changes results", "docs/preflight.md"
        )
        yield subject.ok("none")
