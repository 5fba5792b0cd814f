"""What a lint rule says, and what it may look at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from nbtui.memo.model import Memo
from nbtui.memo.plan import Plan
from nbtui.project import Settings


class Severity(StrEnum):
    """What a finding means for a run."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


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


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything a rule may look at; rules never change anything."""

    plan: Plan
    memo: Memo
    root: Path
    settings: Settings
    ask_help: bool

    def block(self, rule: str, line: int, text: str, fix: str) -> Finding:
        """Return a finding that keeps the plan from running."""
        return self._finding(rule, Severity.BLOCK, line, text, fix)

    def warn(self, rule: str, line: int, text: str, fix: str) -> Finding:
        """Return a finding that somebody should decide about."""
        return self._finding(rule, Severity.WARN, line, text, fix)

    def info(self, rule: str, line: int, text: str, fix: str = "") -> Finding:
        """Return a finding that the tool already deals with."""
        return self._finding(rule, Severity.INFO, line, text, fix)

    def _finding(self, rule: str, severity: Severity, line: int, text: str, fix: str) -> Finding:
        source = self.memo.source(line)
        return Finding(id=rule, severity=severity, line=line, text=text, source=source, fix=fix)


Rule = Callable[[Scope], Iterable[Finding]]
