"""Reading a ledger and its plan tables from Markdown; nothing is ever written here."""

import re
from collections.abc import Iterator
from pathlib import Path

from nbtui.ledger.model import Item, Ledger, Row, State

ID = re.compile(r"\[([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+)\]")
_HEADING = re.compile(r"^(#{1,6})\s+(.*)$")
_ITEM = re.compile(r"^#{2,4}\s+\[([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+)\]\s*(.*)$")
_STATUS = re.compile(r"^\s*[-*]\s*\**Status\**:?\**\s*:?\s*`?\**([A-Za-z_]+)", re.IGNORECASE)
_HISTORY = re.compile(r"^\s*[-*]\s*\**Attempts? History\**\s*:?", re.IGNORECASE)
_ATTEMPT = re.compile(r"\bAttempt\s+#(\d+)")
_CELL = re.compile(r"^`?\[(?P<state>[ A-Za-z~-]|SKIP)\]`?")
_STATES = {" ": State.OPEN, "p": State.PARTLY, "d": State.DONE, "x": State.DONE, "b": State.BLOCKED}
MOST_BYTES = 8_000_000
MOST_FILES = 200


def read_ledger(root: Path, ledger: str, plans: tuple[str, ...]) -> Ledger:
    """Return the items of the ledger and the rows of all plan tables.

    Parameters
    ----------
    root
        The project's root.
    ledger
        The ledger's path, relative to the root; it may be missing.
    plans
        Folders with plans, relative to the root.
    """
    items = tuple(items_of(_lines(root / ledger), ledger))
    rows = list(rows_of(_lines(root / ledger), ledger))
    for folder in plans:
        files = sorted((root / folder).rglob("*.md"))[:MOST_FILES]
        for file in files:
            name = file.relative_to(root).as_posix()
            rows.extend(rows_of(_lines(file), name))
    return Ledger(items, tuple(rows))


def items_of(lines: list[str], path: str) -> Iterator[Item]:
    """Yield the items of a ledger."""
    starts = [n for n, line in enumerate(lines) if _ITEM.match(line)]
    for at, start in enumerate(starts):
        match = _ITEM.match(lines[start])
        if match is None:
            continue
        level = lines[start].index(" ")
        end = starts[at + 1] if at + 1 < len(starts) else len(lines)
        for n in range(start + 1, end):
            heading = _HEADING.match(lines[n])
            if heading and len(heading[1]) <= level:
                end = n
                break
        yield _item(lines, path, start, end, match[1], match[2].strip())


def _item(  # noqa: PLR0917  (an item is a stretch of lines with a name)
    lines: list[str], path: str, start: int, end: int, item_id: str, title: str
) -> Item:
    status, status_line, history = "", 0, 0
    attempts: list[tuple[int, int]] = []
    for n in range(start, end):
        if not status and (found := _STATUS.match(lines[n])):
            status, status_line = found[1].lower(), n + 1
        if not history and _HISTORY.match(lines[n]):
            history = n + 1
        attempts += [(int(number), n + 1) for number in _ATTEMPT.findall(lines[n])[:1]]
    return Item(
        id=item_id,
        title=title,
        path=path,
        first=start + 1,
        last=end,
        status=status,
        status_line=status_line,
        history_line=history,
        attempts=tuple(attempts),
        text="\n".join(lines[start:end]),
    )


def rows_of(lines: list[str], path: str) -> Iterator[Row]:
    """Yield the rows of every table that has a column with states."""
    section, column = "", None
    for number, line in enumerate(lines, start=1):
        if heading := _HEADING.match(line):
            section = heading[2].strip()
        if not line.lstrip().startswith("|"):
            column = None
            continue
        cells = cells_of(line)
        names = [c.lower() for c in cells]
        if "state" in names:
            column = names.index("state")
        elif column is not None and column < len(cells) and (m := _CELL.match(cells[column])):
            state = _STATES.get(m["state"].lower(), State.OTHER)
            text = " ".join(c for n, c in enumerate(cells) if n not in {0, column})
            yield Row(cells[0].strip("*` "), text, state, path, number, section)


def cells_of(line: str) -> list[str]:
    """Return the cells of a table row; an escaped bar is no border."""
    return [c.strip() for c in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > MOST_BYTES:
            return []
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
