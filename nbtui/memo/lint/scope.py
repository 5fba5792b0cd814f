"""What a lint rule may look at: the plan, its memo, and answers that were asked for before."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from nbtui.memo.lint.asking.answers import Answers
from nbtui.memo.lint.finding import Finding, Remedy, Severity
from nbtui.memo.model import Memo
from nbtui.memo.plan import Plan
from nbtui.project import Settings


@dataclass(frozen=True, slots=True)
class Repository:
    """What git says about the files and the branch that the plan names."""

    head: str | None
    branch: str | None
    also_at_head: tuple[str, ...] = ()
    """Other names of HEAD, local and remote branches."""
    uncommitted: frozenset[str] = frozenset()
    """Of the files that the plan runs: those that the commit does not hold."""


@dataclass(frozen=True, slots=True)
class PastRun:
    """A finished run, as far as it tells whether a memo is stale."""

    stamp: str
    verdict: str
    memo_sha256: str
    focus: str
    commit: str
    ended: datetime


@dataclass(frozen=True, slots=True)
class LedgerState:
    """What the ledger says about the item and the plan row that the memo serves."""

    done: tuple[tuple[str, str], ...] = ()
    """Pairs of what is done already and ``file:line`` where that is written."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside memo and work tree; an empty one leaves the rules about it out."""

    repository: Repository | None = None
    past: tuple[PastRun, ...] = ()
    """Finished runs, the newest first."""
    memo_changed: datetime | None = None
    """When the memo's file was written; ``None`` for the packaged one."""
    ledger: LedgerState = field(default_factory=LedgerState)


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything a rule may look at; rules never change anything and start nothing."""

    plan: Plan
    memo: Memo
    root: Path
    settings: Settings
    answers: Answers = field(default_factory=Answers)
    around: Surroundings = field(default_factory=Surroundings)

    def block(
        self, rule: str, line: int, text: str, fix: str, remedy: Remedy | None = None
    ) -> Finding:
        """Return a finding that keeps the plan from running."""
        found = self._finding(rule, Severity.BLOCK, line, text, fix)
        return msgspec.structs.replace(found, remedy=remedy)

    def warn(
        self, rule: str, line: int, text: str, fix: str, remedy: Remedy | None = None
    ) -> Finding:
        """Return a finding that somebody should decide about."""
        found = self._finding(rule, Severity.WARN, line, text, fix)
        return msgspec.structs.replace(found, remedy=remedy)

    def info(self, rule: str, line: int, text: str, fix: str = "") -> Finding:
        """Return a finding that the tool already deals with."""
        return self._finding(rule, Severity.INFO, line, text, fix)

    def _finding(self, rule: str, severity: Severity, line: int, text: str, fix: str) -> Finding:
        source = self.memo.source(line)
        return Finding(id=rule, severity=severity, line=line, text=text, source=source, fix=fix)


Rule = Callable[[Scope], Iterable[Finding]]
