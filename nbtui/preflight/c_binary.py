"""The C program that the port is held against: there, executable, known by its hash."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from nbtui.memo.plan import Role
from nbtui.preflight.files import age, sha256, utc
from nbtui.preflight.model import CheckResult, Context
from nbtui.preflight.report import Subject

VARIABLE = "NB_C_BIN"
OWN_BUILD = Path("build/reference/nanoBragg")
OWN_SOURCES = Path("engine/reference")
_BUILD = "nb-golden build-reference"


def check_c_binary(context: Context) -> Iterator[CheckResult]:
    """Check the program that ``NB_C_BIN`` names for the stages."""
    given = next((v for v in context.plan.environment if v.name == VARIABLE), None)
    value = (given.value if given else None) or context.env.get(VARIABLE)
    source = given.source if given else f"${VARIABLE}"
    subject = Subject("c-binary", "C program", "an executable file", source)
    if not value:
        roles = {s.role for s in context.plan.stages}
        if roles & {Role.COMPARE, Role.BENCHMARK}:
            fix = f"{_BUILD}; export {VARIABLE}=./{OWN_BUILD}"
            yield subject.block(f"{VARIABLE} is not set", fix)
        return
    yield _look(subject, context.root, context.root / value, value)


def _look(subject: Subject, root: Path, path: Path, value: str) -> CheckResult:
    own = path.resolve() == (root / OWN_BUILD).resolve()
    if not path.exists():
        fix = _BUILD if own else f"build it, or correct {VARIABLE}; here: {_BUILD}"
        return subject.block(f"{value} does not exist", fix, path=str(path))
    if not path.is_file():
        return subject.block(f"{value} is no regular file", f"correct {VARIABLE}", path=str(path))
    if not os.access(path, os.X_OK):
        fix = f"chmod +x {shlex.quote(str(path))}"
        return subject.block(f"{value} is not executable", fix, path=str(path))
    status = path.stat()
    digest = sha256(path)
    facts = {"path": str(path), "sha256": digest, "built": utc(status.st_mtime)}
    found = f"{value}, built {age(status.st_mtime)} ago, sha256 {digest}"
    newest = _newest_source(root) if own else None
    if newest is not None and newest.stat().st_mtime > status.st_mtime:
        name = newest.relative_to(root)
        return subject.block(f"{found}, older than {name}", f"{_BUILD} --force", **facts)
    return subject.ok(found, **facts)


def _newest_source(root: Path) -> Path | None:
    sources = [p for p in (root / OWN_SOURCES).rglob("*.[ch]") if p.is_file()]
    return max(sources, key=lambda p: p.stat().st_mtime, default=None)
