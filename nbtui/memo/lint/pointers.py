"""Pointers ``path:line`` that lead nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path

from nbtui.memo.lint.finding import Finding, Scope
from nbtui.memo.model import SectionKey

_POINTER = re.compile(
    r"(?<![\w/.-])(?P<path>[\w.-]+(?:/[\w.-]+)*\.(?:md|py|c|h|toml|txt|json|yaml|yml|sh|cfg))"
    r":(?P<first>\d+)(?:[-–](?P<last>\d+))?"
)
_MENTION = re.compile(r"^`?(?P<path>[\w.-]+(?:/[\w.-]+)+\.\w{1,5})`?(?=\s|$)")


def check_pointers(scope: Scope) -> Iterator[Finding]:
    """Report files that do not exist and lines beyond a file's end."""
    told: set[str] = set()
    for section in scope.memo.sections:
        if section.key not in {SectionKey.PRIORITIES, SectionKey.POINTERS}:
            continue
        for bullet in section.bullets:
            for path, last in _pointers(bullet.text):
                pointer = f"{path}:{last}" if last else path
                if pointer in told:
                    continue
                told.add(pointer)
                if (wrong := _wrong(scope.root, path, last)) is not None:
                    fix = "correct or remove the pointer"
                    yield scope.warn("dead-pointer", bullet.lines.first, wrong, fix)


def _pointers(text: str) -> Iterator[tuple[str, int]]:
    found = [(m["path"], int(m["last"] or m["first"])) for m in _POINTER.finditer(text[:4000])]
    if not found and (mention := _MENTION.match(text)):
        found = [(mention["path"], 0)]
    yield from found


def _wrong(root: Path, path: str, last: int) -> str | None:
    file = root / path
    if ".." in Path(path).parts or not file.is_file():
        return f"{path} does not exist"
    count = _lines(file)
    return f"{path} has {count} lines, not {last}" if last > count else None


def _lines(path: Path) -> int:
    data = path.read_bytes()
    return data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))
