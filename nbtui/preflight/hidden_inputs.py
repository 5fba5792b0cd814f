"""Files that a simulator would read though nobody named them.

nanoBragg, given no ``-hkl``, reads the cache ``Fdump.bin`` (or the name given with
``-dump``) from its working folder, even with ``-default_F``. A leftover one changes the C
image only, and looks like a defect of the port.
"""

import shlex
from collections.abc import Iterator
from pathlib import Path

from nbtui.memo.hidden import candidates
from nbtui.preflight.files import age, sha256, utc
from nbtui.preflight.model import CheckResult, Context
from nbtui.preflight.report import Subject

_TITLE = "Hidden inputs"
_SOURCE = "docs/preflight.md"


def check_hidden_inputs(context: Context) -> Iterator[CheckResult]:
    """Block on every implicit input in the stages' working folder, the root."""
    found = False
    for name in candidates(context.plan):
        path = context.root / name
        if path.is_symlink() or path.exists():
            found = True
            yield _describe(path, name, context.root)
    if not found:
        names = ", ".join(candidates(context.plan))
        subject = Subject("hidden-inputs", _TITLE, f"no {names} in {context.root}", _SOURCE)
        yield subject.ok("none")


def _describe(path: Path, name: str, root: Path) -> CheckResult:
    subject = Subject(
        f"hidden-input:{name}", f"Hidden input {name}", f"no {name} in the working folder", _SOURCE
    )
    if not path.is_file():
        text = f"{path} exists and is no regular file"
        return subject.block(text, _moved_out(path, root, "aside"), path=str(path))
    status = path.stat()
    digest = sha256(path)
    return subject.block(
        f"{path}: {status.st_size} bytes, {age(status.st_mtime)} old, sha256 {digest}; "
        "nanoBragg reads it silently when no -hkl is given",
        _moved_out(path, root, digest[:8]),
        path=str(path),
        size=str(status.st_size),
        modified=utc(status.st_mtime),
        sha256=digest,
    )


def _moved_out(path: Path, root: Path, mark: str) -> str:
    """Return the command that puts a file beside the repository.

    Left inside it under any name, the untracked file would block the next attempt.
    """
    aside = root.parent / f"{root.name}-{path.name}.{mark}"
    return f"mv {shlex.quote(str(path))} {shlex.quote(str(aside))}"
