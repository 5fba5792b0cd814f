"""Which item and which row a memo's evidence serves, and what waits for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbtui.ledger.model import Item, Ledger, Row, State
from nbtui.ledger.read import ID
from nbtui.memo.model import Memo, SectionKey

_WAITS = re.compile(
    r"\b(?:block(?:s|ed)?|hold|wait(?:s|ing)?|until|depend(?:s|ency)?|after|prereq\w*|gate[sd]?)\b",
    re.IGNORECASE,
)
_TELLING = (
    SectionKey.SUMMARY, SectionKey.FOCUS, SectionKey.DO_NOW, SectionKey.PRIORITIES,
    SectionKey.POINTERS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Service:
    """What the evidence of a memo is for."""

    item: Item | None
    rows: tuple[Row, ...]
    unblocks: tuple[tuple[str, str], ...]
    """Id of an item or row that waits, and ``file:line`` where it says so."""


def served(memo: Memo, ledger: Ledger) -> Service:
    """Return the item, the rows and what waits for them.

    The item is the one that Focus names, else the first that the memo names anywhere. A row
    is served when the memo cites its line, or its file and its id.
    """
    item = _item(memo, ledger)
    rows = tuple(_rows(memo, ledger))
    return Service(item, rows, tuple(_waiting(item, rows, ledger)))


def done_already(service: Service) -> tuple[tuple[str, str], ...]:
    """Return what of it needs no more evidence, with ``file:line``."""
    item = service.item
    found = []
    if item is not None and item.done:
        found.append((f"item {item.id} ({item.status})", f"{item.path}:{item.status_line}"))
    found += [
        (f"plan row {row.id}", f"{row.path}:{row.line}")
        for row in service.rows
        if row.state is State.DONE
    ]
    found += [
        (f"the plan of row {row.id} (archived)", f"{row.path}:{row.line}")
        for row in service.rows
        if row.state is not State.DONE and "/archive/" in f"/{row.path}"
    ]
    return tuple(found)


def _item(memo: Memo, ledger: Ledger) -> Item | None:
    for key in (SectionKey.FOCUS, SectionKey.DO_NOW, SectionKey.PRIORITIES):
        text = "\n".join(s.whole() for s in memo.all(key))
        named = [*ID.findall(text), *(i.id for i in ledger.items if _says(text, i.id))]
        for name in named:
            if (item := ledger.item(name)) is not None:
                return item
    return None


def _rows(memo: Memo, ledger: Ledger) -> Iterator[Row]:
    text = "\n".join(s.whole() for key in _TELLING for s in memo.all(key))
    for row in ledger.rows:
        cited = re.search(rf"{re.escape(row.path)}:(\d+)", text)
        exactly = re.search(rf"{re.escape(row.path)}:{row.line}(?!\d)", text)
        if exactly or (cited and _says(text, row.id)):
            yield row


def _waiting(item: Item | None, rows: tuple[Row, ...], ledger: Ledger) -> Iterator[tuple[str, str]]:
    own = {row.line for row in rows}
    for other in ledger.items:
        if item is None or other.id == item.id or other.done:
            continue
        for n, line in enumerate(other.text.splitlines()):
            if _says(line, item.id) and _WAITS.search(line):
                yield other.id, f"{other.path}:{other.first + n}"
                break
    files = {row.path for row in rows}
    for row in ledger.rows:
        if row.path not in files or row.line in own or row.state is State.DONE:
            continue
        if any(_says(row.text, r.id) for r in rows) and _WAITS.search(row.text):
            yield row.id, f"{row.path}:{row.line}"


def _says(text: str, name: str) -> bool:
    """Whether a text names something, as a word of its own."""
    return bool(name) and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None
