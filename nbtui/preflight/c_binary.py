"""The C program that the port is held against: there, executable, known by its hash."""

import hashlib
import json
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
OWN_SOURCES = Path("engine/reference/src")
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
        fix = _BUILD if own else f"{_BUILD}  # or correct {VARIABLE}"
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
    if not own and _is_script(path):
        fix = f"let {VARIABLE} name the compiled program itself"
        text = f"{found}; a script, whose hash does not cover the programs it starts"
        return subject.warn(text, fix, **facts)
    if not own:
        return subject.ok(found, **facts)
    record = _record(path)
    facts |= {k: str(record[k]) for k in ("compiler_version", "sources_sha256") if k in record}
    if stale := _stale(root, status.st_mtime, record):
        return subject.block(f"{found}; {stale}", f"{_BUILD} --force", **facts)
    if record.get("binary_sha256", digest) != digest:
        return subject.warn(f"{found}; not what {_BUILD} made", f"{_BUILD} --force", **facts)
    return subject.ok(found, **facts)


def _is_script(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"#!"


def _record(path: Path) -> dict[str, object]:
    """Return what the build wrote beside the program; empty without a record."""
    try:
        record = json.loads(path.with_name(f"{path.name}.build.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _stale(root: Path, built: float, record: dict[str, object]) -> str | None:
    """Return why our own build is not of the sources that are here.

    The record's hash decides; times only where there is none, since a checkout changes them.
    """
    sources = sorted(p for p in (root / OWN_SOURCES).glob("*.[ch]") if p.is_file())
    if not sources:
        return None
    if "sources_sha256" in record:
        return None if record["sources_sha256"] == _hash(sources) else "built from other sources"
    newest = max(sources, key=lambda p: p.stat().st_mtime)
    if newest.stat().st_mtime > built:
        return f"older than {newest.relative_to(root)}"
    return None


def _hash(sources: list[Path]) -> str:
    """Return one hash over names and contents, as the build records it."""
    total = hashlib.sha256()
    for path in sources:
        total.update(path.name.encode() + b"\0" + bytes.fromhex(sha256(path)))
    return total.hexdigest()
