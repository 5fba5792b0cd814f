"""What a ledger holds: items with attempts, and rows of plan tables with a state."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The state of a row, as it stands between its brackets."""

    OPEN = " "
    PARTLY = "P"
    DONE = "D"
    BLOCKED = "B"
    OTHER = "?"
    """Skipped, superseded and the like: nothing that evidence would change."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the ledger: ``## [ID] title`` and its bullets."""

    id: str
    title: str
    path: str
    first: int
    last: int
    """Lines of the file, counted from 1, both ends included."""
    status: str
    """The word behind ``Status:``, lower case; empty when there is none."""
    status_line: int
    history_line: int
    """Line of ``Attempts History:``; 0 when there is none."""
    attempts: tuple[tuple[int, int], ...]
    """Number and line of each attempt."""
    text: str

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.status in {"done", "archived", "closed", "completed"}

    @property
    def next_attempt(self) -> int:
        """The next free number: numbers only grow within an item."""
        return max((n for n, _ in self.attempts), default=0) + 1


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a plan table."""

    id: str
    text: str
    state: State
    path: str
    line: int
    section: str
    """The heading above the table."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that was read."""

    items: tuple[Item, ...] = ()
    rows: tuple[Row, ...] = ()

    def item(self, item_id: str) -> Item | None:
        """Return the item of that id."""
        return next((i for i in self.items if i.id == item_id), None)
