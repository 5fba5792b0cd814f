"""The engine that the stages import is this checkout's, not that of another one.

An environment made in one clone and activated in another starts the other clone's tools:
the record names this commit, the figures come from code that it does not hold.
"""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

from nbtui.preflight.files import sha256
from nbtui.preflight.model import CheckResult, Context
from nbtui.preflight.report import Subject

PACKAGE = "engine"
_SHOWN = 3


def check_installed(context: Context) -> Iterator[CheckResult]:
    """Hold the importable engine against the checkout's; nothing to say where it has none."""
    own = context.root / PACKAGE
    if not (own / "parity").is_dir():
        return
    subject = Subject("engine-source", "Engine that is run", f"that of {own}", "docs/preflight.md")
    fix = f"{sys.executable} -m pip install --editable {context.root}"
    used = imported_from(PACKAGE)
    if used is None:
        yield subject.block(f"{PACKAGE} is not installed in {sys.prefix}", fix)
        return
    facts = {"path": str(used)}
    if used.resolve() == own.resolve():
        yield subject.ok(str(used), **facts)
        return
    ours, theirs = _contents(own), _contents(used)
    differing = sorted(n for n in ours.keys() | theirs.keys() if ours.get(n) != theirs.get(n))
    if differing:
        names = ", ".join(differing[:_SHOWN])
        more = f" and {len(differing) - _SHOWN} more" if len(differing) > _SHOWN else ""
        found = f"{used}, which differs from this checkout in {names}{more}"
        yield subject.block(found, fix, **facts)
    else:
        yield subject.warn(f"{used}, with the same content as this checkout", fix, **facts)


def imported_from(package: str) -> Path | None:
    """Return the folder that this interpreter imports a package from, without importing it."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _contents(folder: Path) -> dict[str, str]:
    """Return the files of a package with their hashes, byte code left out."""
    return {
        str(path.relative_to(folder)): sha256(path)
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
