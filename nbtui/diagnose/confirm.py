"""Commands that show what was found; each can be pasted into a shell as it is."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from engine.parity import runner
from nbtui.diagnose.model import Case, Party, Side

_IMAGES = (
    "import numpy as np; x, y = (np.fromfile(p, '<f4').reshape({shape}) for p in ({c!r}, {py!r})); "
)


def command_line(party: Party, args: Sequence[str], extra: Sequence[str] = ()) -> str:
    """Return the command that runs a side, with what it needs of the environment."""
    variables = [f"{name}={value}" for name, value in sorted(party.environment.items())]
    words = [*party.argv, *runner.OUTPUT_WORDS, *args, *extra]
    return shlex.join([*(["env", *variables] if variables else []), *words])


def grep(case: Case, text: str, extra: Sequence[str] = ()) -> str:
    """Return a command that runs both programs in an empty folder and shows lines of theirs."""
    consoles = [p.console for p in (case.c, case.py)]
    if not extra and all(c is not None and c.is_file() for c in consoles):
        names = [str(c) for c in consoles if c is not None]
        return shlex.join(["grep", "-nF", "--", text, *names])
    runs = "; ".join(command_line(p, case.args, extra) for p in (case.c, case.py) if p.argv)
    if not runs:
        return ""
    return f'(cd "$(mktemp -d)" && {{ {runs}; }}) | grep -F -- {shlex.quote(text)}'


def in_empty_folder(case: Case, side: Side, text: str) -> str:
    """Return a command that runs one program in an empty folder and shows lines of it."""
    run = command_line(case.party(side), case.args)
    return f'(cd "$(mktemp -d)" && {run}) | grep -F -- {shlex.quote(text)}'


def hashes(case: Case, side: Side, image: Path) -> str:
    """Return a command that makes a side's image again and prints the hashes of both."""
    run = command_line(case.party(side), case.args)
    return (
        f'(cd "$(mktemp -d)" && {run} >/dev/null && sha256sum {runner.FLOAT_IMAGE} '
        f"{shlex.quote(str(image.resolve()))})"
    )


def pixels(images: tuple[Path, Path], shape: tuple[int, int], expression: str) -> str:
    """Return a command that reads both images as ``x`` and ``y`` and prints an expression."""
    c, py = (str(i.resolve()) for i in images)
    code = _IMAGES.format(shape=shape, c=c, py=py) + f"print({expression})"
    return shlex.join(["python3", "-c", code])
