"""Whoever leads a run step by step, as the run sees them: what is asked and what is said.

The terminal's conversation (:mod:`nbtui.checklist.interactive`) and the app, through
:mod:`nbtui.run.inbox`, are two operators of the same run. What is recorded of them is the same.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from nbtui.errors import NbtuiError
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Step
from nbtui.run.answering import Compiled
from nbtui.run.environment import Resolved
from nbtui.run.events import AnyEvent
from nbtui.run.interrupts import Interrupts

SIGN_OFF = "sign-off"
"""Stands for a step's id where the whole checklist is signed."""


class LeftError(NbtuiError):
    """The operator left: end of input, a closed terminal, or a wish to stop."""

    exit_code = ExitCode.INTERRUPTED


class How(StrEnum):
    """What becomes of a step that needs an answer."""

    COMMAND = "command"
    """The answer is a command line: it is compiled, shown, confirmed and run."""
    HAND = "hand"
    """A person does it, and attests it."""
    LEAVE_OUT = "leave-out"
    """It is not needed here; the answer says why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an operator answers to a step's question."""

    how: How
    text: str = ""
    """The command line, or the reason."""
    by: str = ""
    """Who says it, where that is not the run's operator."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an operator attests."""

    done: bool
    note: str
    """What was done and seen; never empty."""
    by: str = ""
    """Who says it, where that is not the run's operator."""
    initials: str = ""
    """As on paper; made from the name where none are given."""


class Operator(Protocol):
    """Whoever leads the run. Every question may raise :class:`LeftError`."""

    name: str

    def attend(self, interrupts: Interrupts) -> None:
        """Learn which signals end a wait for an answer."""

    def begins(self, bundle: Path) -> None:
        """Hear where the run is recorded."""

    def hears(self, event: AnyEvent) -> None:
        """Hear of an event."""

    def runs_itself(self, step: Step, resolved: Resolved) -> bool:
        """Whether the operator, and not the tool, runs this command."""

    def exit_code(self, step: Step) -> int:
        """Wait until a command run by hand has ended; return its exit code."""

    def answers(self, step: Step) -> Reply:
        """Return the answer to a step's question; asked again when it cannot be used."""

    def confirms(self, compiled: Compiled) -> bool:
        """Whether the command that the answer made is to run."""

    def attests(self, step: Step) -> Said:
        """Return whether a step was done, and what was seen."""

    def signs_off(self) -> Said:
        """Return whether the operator stands for the whole list, at its end."""


def identity(root: Path, env: Mapping[str, str] = os.environ) -> str:
    """Return the operator's name as git has it, else the system's; empty when unknown."""
    from nbtui.vcs import identity as from_git  # noqa: PLC0415  (git is asked only here)

    try:
        name = from_git(root)
    except (NbtuiError, OSError):
        name = ""
    return name or env.get("USER", "")


def initials_of(name: str) -> str:
    """Return the initials of a name: ``AL`` for ``Ada Lovelace``."""
    return "".join(word[0] for word in name.split() if word[0].isalnum()).upper()[:4]
