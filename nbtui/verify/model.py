"""What a verification says: one finding for every claim that was looked at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import msgspec

from nbtui.evidence.facts import RunFacts
from nbtui.run.journal import Chain
from nbtui.store import RunState
from nbtui.verify.keys import Trusted


class Status(StrEnum):
    """How a claim stands."""

    OK = "ok"
    """Looked at, and it holds."""
    BAD = "bad"
    """It does not hold: altered, incomplete or contradictory."""
    UNKNOWN = "unknown"
    """It ought to be derivable from the bundle and is not: the bundle proves less than it says."""
    NOTE = "note"
    """Not a claim of the bundle alone, or nothing that could be checked here."""


WORDS = {
    Status.BAD: "WRONG",
    Status.UNKNOWN: "CANNOT",
    Status.OK: "ok",
    Status.NOTE: "note",
}
"""How a claim stands, in the words of every face; the worst first."""


class Level(StrEnum):
    """What is looked at, in this order."""

    FORM = "form"
    COMPLETE = "complete"
    INTACT = "intact"
    JOURNAL = "journal"
    ATTESTATION = "attestation"
    SIGNATURE = "signature"
    LEDGER = "ledger"
    FIGURES = "figures"
    THRESHOLDS = "thresholds"
    WAIVERS = "waivers"
    CONTEXT = "context"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One claim, and how it stands."""

    level: Level
    status: Status
    what: str
    file: str = ""
    """The file it is about, relative to the bundle."""
    claimed: float | str | None = None
    derived: float | str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A bundle under verification, as far as it could be read.

    Attributes
    ----------
    bundle
        Its folder.
    chain, state, facts
        Its journal, unbroken; what that folds to; the facts for records.
    project
        The project around it whose git is asked, if there is one.
    ledger
        The project's ledger, relative to its root.
    trusted
        Keys whose signatures count.
    """

    bundle: Path
    chain: Chain
    state: RunState
    facts: RunFacts
    project: Path | None = None
    ledger: str = ""
    trusted: Trusted = field(default_factory=Trusted)


Check = Callable[[Case], Iterator[Finding]]
"""Looks at one kind of claim; it never changes anything and never raises for a bad bundle."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: integrity and verdict are two things."""

    schema: int = 1
    bundle: str
    stamp: str
    verdict: str
    """As the journal has it; empty when that cannot be read."""
    version: str
    """Of the nbtui that verified."""
    written_by: str
    """Of the nbtui that ran."""
    findings: tuple[Finding, ...]
    waived: bool = False
    """Whether a sign-off was needed for the verdict."""

    def of(self, status: Status) -> tuple[Finding, ...]:
        """Return the findings of one status."""
        return tuple(f for f in self.findings if f.status is status)

    @property
    def sound(self) -> bool:
        """Whether nothing contradicts and every figure that ought to could be derived again."""
        return not self.of(Status.BAD) and not self.of(Status.UNKNOWN)


def ok(level: Level, what: str, file: str = "") -> Finding:
    """Return a claim that holds."""
    return Finding(level=level, status=Status.OK, what=what, file=file)


def bad(level: Level, what: str, file: str = "") -> Finding:
    """Return a claim that does not hold."""
    return Finding(level=level, status=Status.BAD, what=what, file=file)


def note(level: Level, what: str, file: str = "") -> Finding:
    """Return something to know that decides nothing."""
    return Finding(level=level, status=Status.NOTE, what=what, file=file)


def unknown(level: Level, what: str, file: str = "") -> Finding:
    """Return a claim that cannot be derived from the bundle."""
    return Finding(level=level, status=Status.UNKNOWN, what=what, file=file)
