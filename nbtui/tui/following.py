"""Following a run from outside: its journal, and whether its supervisor still lives."""

from collections.abc import Callable
from pathlib import Path

from nbtui.errors import BundleError
from nbtui.store import JournalFollower, RunState

LOOKS_EVERY = 4
"""Polls between two looks at the supervisor's process."""
DEAD_AFTER = 2
"""Looks in a row that must find it gone: a journal's last line may still be on its way."""


class Follower:
    """Reads a growing journal and notices when nobody writes it any more.

    Parameters
    ----------
    bundle
        The run's folder.
    alive
        Whether the supervisor of a run lives.
    """

    def __init__(self, bundle: Path, alive: Callable[[RunState], bool]) -> None:
        self._journal = JournalFollower(bundle)
        self._alive = alive
        self._polls = 0
        self._missed = 0
        self.trouble = ""
        """Why the journal cannot be read any further; what was read until then stands."""
        self._read()
        self.saw_it_live = not self.state.ended

    @property
    def state(self) -> RunState:
        """The run as the journal tells it so far."""
        return self._journal.state

    @property
    def lost(self) -> bool:
        """Whether the supervisor is gone although there is no verdict."""
        return not self.state.ended and self._missed >= DEAD_AFTER

    def poll(self) -> bool:
        """Read what is new; return whether anything changed."""
        was_lost = self.lost
        changed = self._read()
        self._polls += 1
        if not self.state.ended and self._polls % LOOKS_EVERY == 0:
            self._missed = 0 if self._alive(self.state) else self._missed + 1
        return changed or self.lost != was_lost

    def _read(self) -> bool:
        if self.trouble:
            return False
        try:
            return bool(self._journal.poll())
        except (OSError, BundleError) as error:
            self.trouble = str(error)
            return True
