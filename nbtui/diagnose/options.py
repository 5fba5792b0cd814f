"""From what an operator types to a case: programs, images, arguments."""

import os
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import engine
from engine.parity.arguments import prepare
from engine.parity.errors import ParityError
from nbtui.diagnose.model import Case, Party, Side
from nbtui.errors import PlanError

IMAGES = (".bin", ".raw", ".float", ".img")
"""Suffixes of images; anything else that can be executed is a program."""


@dataclass(frozen=True, slots=True)
class AskedSide:
    """One side as it was typed.

    Parameters
    ----------
    words
        A program (in words), an image, or both.
    folder
        Where the program is run by hand; the current folder when it is not said.
    console
        A file with what the program printed when it made the image.
    """

    words: tuple[str, ...]
    folder: Path | None = None
    console: Path | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A comparison as it was typed.

    Parameters
    ----------
    c, py
        The two sides.
    args
        nanoBragg arguments that both sides are believed to have been given.
    shape
        ``(slow, fast)`` pixels, where no report tells.
    golden
        The golden image.
    since
        A commit at which the two agreed; empty for no search through commits.
    """

    c: AskedSide
    py: AskedSide
    args: tuple[str, ...] = ()
    shape: tuple[int, int] | None = None
    golden: Path | None = None
    since: str = ""


def case_of(asked: Asked, here: Path, root: Path) -> Case:
    """Return the case for what was typed.

    Parameters
    ----------
    asked
        The two sides.
    here
        Folder that relative paths start from, and where a side runs unless it says otherwise.
    root
        The project's root.

    Raises
    ------
    PlanError
        A side is neither image nor program, or an argument names a file that is not there.
    """
    try:
        prepared = prepare(asked.args, here)
    except ParityError as error:
        raise PlanError(str(error), where="--args") from error
    c = _party(Side.C, asked.c, here)
    py = _party(Side.PY, asked.py, here, prepared.engine)
    return Case(
        title=f"{c.known} against {py.known}",
        c=c,
        py=py,
        args=prepared.physics,
        shape=asked.shape,
        root=root,
        golden=asked.golden,
        since=asked.since,
    )


def _party(side: Side, asked: AskedSide, here: Path, engine_options: Sequence[str] = ()) -> Party:
    argv: tuple[str, ...] = ()
    image: Path | None = None
    for word in asked.words:
        path = here / Path(word).expanduser()
        if path.is_file() and (path.suffix in IMAGES or not os.access(path, os.X_OK)):
            image = path
        else:
            argv = (*_program(side, word, here), *engine_options)
    return Party(
        side=side,
        argv=argv,
        environment=environment_of(argv),
        image=image,
        console=asked.console,
        folder=asked.folder or (here if argv else None),
    )


def _program(side: Side, text: str, here: Path) -> tuple[str, ...]:
    """Return the words of a program, the first as an absolute path."""
    path = here / Path(text).expanduser()
    words = [text] if path.is_file() else _split(side, text)
    found = here / Path(words[0]).expanduser() if os.sep in words[0] else None
    named = found if found and found.is_file() else shutil.which(words[0])
    if named is None and path.is_file():
        named = path
    if named is None or not os.access(named, os.X_OK):
        raise PlanError(
            f"{words[0]} is neither an image nor a program",
            where=f"--{side.value}",
            fix="give the path of a float image, or a command in quotes: --py 'python -m engine'",
        )
    # Not resolved: a virtual environment's interpreter is known by the name it is called by.
    return (str(Path(named).absolute()), *words[1:])


def _split(side: Side, text: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise PlanError(str(error), where=f"--{side.value}") from error
    if not words:
        raise PlanError("is empty", where=f"--{side.value}", fix="name a program or an image")
    return words


def environment_of(argv: Sequence[str]) -> dict[str, str]:
    """Return what this project's engine needs to be found from any folder."""
    if tuple(argv[1:3]) != ("-m", "engine"):
        return {}
    root = str(Path(engine.__file__).resolve().parent.parent)
    inherited = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": f"{root}{os.pathsep}{inherited}" if inherited else root}
