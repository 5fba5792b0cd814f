"""Files in a stage's working folder that its program reads though nobody named them."""

import hashlib
import shlex
from collections.abc import Iterator

from nbtui.memo.hidden import candidates
from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope


def check_hidden_inputs(scope: Scope) -> Iterator[Finding]:
    """Report hidden inputs; preflight blocks on each, with age and the command that moves it."""
    for name in candidates(scope.plan):
        path = scope.root / name
        if not (path.is_symlink() or path.exists()):
            continue
        readers = [s for s in scope.plan.stages if s.command and s.command.argv]
        line = readers[0].lines.first if readers else 1
        size = f"{path.stat().st_size} bytes, " if path.is_file() else ""
        digest = ""
        if path.is_file():
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        text = (
            f"{name} lies in the working folder of stages ({size}sha256 {digest[:16]}): "
            "nanoBragg reads it silently when no -hkl is given; preflight will block"
        )
        aside = f"../{scope.root.name}-{path.name}.{digest[:8] or 'aside'}"
        fix = f"mv {shlex.quote(name)} {shlex.quote(aside)}"
        yield scope.warn("hidden-input", line, text, fix)
