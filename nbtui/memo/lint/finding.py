"""What a lint rule says: a finding, and the mechanical change that would mend it."""

import hashlib
from enum import StrEnum

import msgspec

from nbtui.memo.plan import Deviation


class Severity(StrEnum):
    """What a finding means for a run."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """Other words for one step's command: what a person may accept without thinking anew.

    The memo is never edited. An accepted remedy changes the plan, and stands in it as a
    deviation.
    """

    step_id: str
    before: tuple[str, ...]
    """The argument list that the remedy was proposed for; it fits no other."""
    after: tuple[str, ...]
    deviation: Deviation

    @property
    def key(self) -> str:
        """Identity of the change: the same words before and after have the same key."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()[:16]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that will not work, or not mean what it seems to."""

    id: str
    severity: Severity
    line: int | None
    """Line of the memo."""
    text: str
    source: str
    """``memo:line``."""
    fix: str = ""
    remedy: Remedy | None = None
    """The fix as a change that can be accepted with one key, where there is one."""
