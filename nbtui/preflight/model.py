"""What a preflight check is and says: found, expected, source and the exact fix."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from nbtui import vcs
from nbtui.memo.plan import Plan
from nbtui.project import Settings
from nbtui.vcs import WorkTree


class CheckStatus(StrEnum):
    """The outcome of a check."""

    OK = "ok"
    WARN = "warn"
    BLOCK = "block"


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of one check."""

    id: str
    title: str
    status: CheckStatus
    found: str
    expected: str
    source: str
    """Where the expectation comes from: memo line, golden_data/cases.json, docs."""
    fix: str = ""
    """What makes the check pass: a command that can be pasted, a remark behind ``  # ``, or words
    where no command does it; empty when it passes."""
    facts: dict[str, str] = msgspec.field(default_factory=dict)
    """Machine-readable facts for provenance (hashes, sizes, versions)."""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a check may look at. ``env`` is the operator's environment, not ``os.environ``."""

    root: Path
    plan: Plan
    env: Mapping[str, str]
    settings: Settings = Settings()
    """``[tool.nbtui]`` of the project."""
    looked: Callable[[], WorkTree | None] | None = None
    """What git said once for all checks of a round; each check asks anew without it."""

    def work_tree(self) -> WorkTree | None:
        """Return the state of the work tree; ``None`` outside of any repository.

        Raises
        ------
        VcsError
            git is missing or refuses.
        """
        return self.looked() if self.looked is not None else vcs.work_tree(self.root)


Check = Callable[[Context], Iterable[CheckResult]]
"""A check reads the world and returns one or more results; it never changes anything."""
