"""What was asked before the rules look, and what was answered."""

from dataclasses import dataclass, field

import msgspec


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One child that lint started, or one question to git: everything it ran is listed."""

    why: str
    """``options``, ``tests`` or ``git``."""
    argv: tuple[str, ...]
    cwd: str
    confined: bool = False
    """No network and a read-only view of the disk; else an empty environment only."""
    wall_s: float = 0.0
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """The long options a program accepts, as far as that is known."""

    known: frozenset[str]
    source: str
    """``--help`` or ``its source``."""
    complete: bool = True
    """Whether an option that is not among them is refused for certain."""
    reads_command_line: bool = True
    """``False`` for a script that never looks at its arguments."""


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """A collected test and the marks that would keep it from being evidence."""

    id: str
    skip: str = ""
    """Why it would be skipped; empty when it would run."""
    xfail: str = ""
    """Why it is expected to fail."""


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """What ``pytest --collect-only`` found for the words of one step."""

    tests: tuple[Test, ...] = ()
    deselected: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    """Files that skip themselves as a whole, with the reason."""
    problem: str = ""
    """Why nothing could be collected, in pytest's words."""
    silent: bool = False
    """Whether pytest gave no answer at all; then nothing is known."""


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers; an empty one when nothing was asked."""

    options: dict[str, Options | None] = field(default_factory=dict)
    """By program or script; ``None`` where neither help nor source tells."""
    collections: dict[str, Collection] = field(default_factory=dict)
    """By step id."""
    asked: tuple[Asked, ...] = ()
