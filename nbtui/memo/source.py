"""Which memo is read: ``--memo FILE``, else ``./input.md``, else the packaged one."""

from importlib import resources
from pathlib import Path

from nbtui.errors import MemoError
from nbtui.memo.extract import PartKind
from nbtui.memo.model import Memo, SectionKey
from nbtui.memo.parse import parse_memo
from nbtui.memo.variables import items

INPUT_NAME = "input.md"
PACKAGED_NAME = "packaged"
MAX_BYTES = 1 << 20
"""A memo is one or two pages; a megabyte of it is a wrong file."""


def load(root: Path, memo: Path | None = None) -> Memo:
    """Read the memo that a run in ``root`` is about.

    Parameters
    ----------
    root
        The project's root folder.
    memo
        A file chosen by the operator, relative to the current folder or absolute.

    Raises
    ------
    MemoError
        The file is missing, empty, too large, not text, or holds neither a label nor a command.
    """
    if memo is not None:
        return _read(memo, root)
    if (default := root / INPUT_NAME).exists():
        return _read(default, root)
    return packaged()


def packaged() -> Memo:
    """Return the memo that comes with the package."""
    data = resources.files("nbtui.memo").joinpath("packaged.md").read_bytes()
    return parse_memo(data, name=PACKAGED_NAME)


def _read(path: Path, root: Path) -> Memo:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise MemoError(
                f"the memo has {path.stat().st_size} bytes, more than {MAX_BYTES}",
                where=str(path),
                fix="name the memo itself; logs and data belong elsewhere",
            )
        data = path.read_bytes()
    except OSError as error:
        raise MemoError(
            f"the memo cannot be read ({error.strerror})",
            where=str(path),
            fix="name an existing text file with --memo FILE",
        ) from error
    return check(data, name=_name(path, root), where=str(path))


_COMMANDS = frozenset({PartKind.COMMAND, PartKind.QUESTION})


def check(data: bytes, *, name: str, where: str) -> Memo:
    """Return the parsed memo, or raise :class:`MemoError` with the line when it is none."""
    if not data.strip():
        raise MemoError("the memo is empty", where=where, fix="write the memo first")
    if (at := data.find(b"\x00")) >= 0:
        raise MemoError(
            "the memo is not text: it holds a NUL byte",
            where=_at(where, data, at),
            fix="name a UTF-8 text file",
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MemoError(
            f"the memo is not UTF-8 (byte 0x{data[error.start]:02x})",
            where=_at(where, data, error.start),
            fix="save it as UTF-8",
        ) from error
    memo = parse_memo(data, name=name)
    named = any(s.key not in {SectionKey.PREAMBLE, SectionKey.OTHER} for s in memo.sections)
    if not (named or any(p.kind in _COMMANDS for item in items(memo) for p in item.parts)):
        raise MemoError(
            "neither a label of a memo was found nor a command",
            where=f"{where}:1",
            fix="begin lines with Branch:, Artifacts:, Do Now:, How-To Map: (docs/memos.md)",
        )
    return memo


def _at(where: str, data: bytes, offset: int) -> str:
    line = data.count(b"\n", 0, offset) + 1
    return f"{where}:{line}"


def _name(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.name  # a plan says nothing about the machine it was made on
