"""What an operator says to a led run from another process: the app's way to the same record.

The supervisor alone writes the journal. Whoever leads the run puts messages into the
bundle's inbox; the supervisor takes them, records them with its own time, and goes on. What
it waits for stands in :attr:`nbtui.store.RunState.waiting`. The folder is gone before the
bundle is sealed.
"""

import os
import time
from pathlib import Path
from typing import TypeVar

import msgspec

from nbtui.durable import write_bytes
from nbtui.errors import BundleError
from nbtui.memo.plan import Step
from nbtui.run.answering import Compiled
from nbtui.run.closing import INBOX
from nbtui.run.environment import Resolved
from nbtui.run.events import AnyEvent
from nbtui.run.interrupts import Interrupts
from nbtui.run.operator import SIGN_OFF, How, LeftError, Reply, Said

PATIENCE_S = 0.2
"""Seconds between two looks into the inbox."""


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of all messages; each is about one step."""

    step_id: str
    by: str = ""
    """Who says it; empty for the operator who started the run."""


class Attest(Message, frozen=True, kw_only=True, tag="attest"):
    """A step was done, or not; for ``sign-off`` the whole list."""

    done: bool
    note: str
    initials: str = ""


class GiveAnswer(Message, frozen=True, kw_only=True, tag="answer"):
    """The answer to a step's question."""

    how: How
    text: str = ""


class Confirm(Message, frozen=True, kw_only=True, tag="confirm"):
    """Whether the command that an answer made is to run."""

    yes: bool


AnyMessage = Attest | GiveAnswer | Confirm
M = TypeVar("M", bound=Message)


def attest(
    bundle: Path, step_id: str, *, done: bool, note: str, by: str = "", initials: str = ""
) -> None:
    """Say that a manual step was done, or that it was not.

    Parameters
    ----------
    bundle
        The run.
    step_id
        The step it waits for.
    done, note
        Whether it was done, and what was done and seen; the note must not be empty.
    by, initials
        Whose word it is; the run's operator and their initials by default. The time is the
        supervisor's.

    Raises
    ------
    BundleError
        The note is empty, or the run takes no messages (any more).
    """
    if not note.strip():
        raise BundleError("a note is needed: what was done and seen", where=step_id)
    _post(bundle, Attest(step_id=step_id, done=done, note=note.strip(), by=by, initials=initials))


def sign_off(
    bundle: Path, *, note: str, done: bool = True, by: str = "", initials: str = ""
) -> None:
    """Sign the whole list at its end; see :func:`attest`."""
    attest(bundle, SIGN_OFF, done=done, note=note, by=by, initials=initials)


def answer(bundle: Path, step_id: str, text: str, *, how: How = How.COMMAND, by: str = "") -> None:
    """Answer a step's question; see :class:`nbtui.run.operator.How`.

    A command line is compiled and linted; the run then waits for :func:`confirm`, or asks
    again and notes why the answer cannot be used.

    Raises
    ------
    BundleError
        The text is empty where one is needed, or the run takes no messages (any more).
    """
    if how is not How.HAND and not text.strip():
        raise BundleError("an answer is needed: a command line, or the reason", where=step_id)
    _post(bundle, GiveAnswer(step_id=step_id, how=how, text=text.strip(), by=by))


def confirm(bundle: Path, step_id: str, *, yes: bool) -> None:
    """Say whether the command that an answer made is to run; raises :class:`BundleError`."""
    _post(bundle, Confirm(step_id=step_id, yes=yes))


def _post(bundle: Path, message: AnyMessage) -> None:
    folder = bundle / INBOX
    if not folder.is_dir():
        raise BundleError(
            "this run takes no messages: it has ended, or nobody leads it", where=str(bundle)
        )
    # a name sorts by its time; write_bytes renames, so that no half message is ever read
    write_bytes(folder / f"{time.time_ns():020d}-{os.getpid()}.json", msgspec.json.encode(message))


class RemoteOperator:
    """The operator of a detached run: whoever writes into its inbox.

    Parameters
    ----------
    name
        The operator's name.
    bundle
        The run.
    """

    def __init__(self, name: str, bundle: Path) -> None:
        self.name = name
        self._folder = bundle / INBOX
        self._interrupts: Interrupts | None = None
        self._decoder: msgspec.json.Decoder[AnyMessage] = msgspec.json.Decoder(AnyMessage)

    def attend(self, interrupts: Interrupts) -> None:
        """Learn which signals end a wait for a message."""
        self._interrupts = interrupts

    def begins(self, bundle: Path) -> None:
        """Open the inbox."""
        self._folder = bundle / INBOX
        self._folder.mkdir(exist_ok=True)

    def hears(self, event: AnyEvent) -> None:
        """Hear nothing: viewers read the journal."""

    def runs_itself(self, step: Step, resolved: Resolved) -> bool:
        """Leave every command to the tool: it was confirmed with the plan."""
        del step, resolved
        return False

    def exit_code(self, step: Step) -> int:
        """Refuse: the tool runs every command of a led run."""
        raise LeftError(f"{step.id} is not run by hand here")

    def answers(self, step: Step) -> Reply:
        """Wait for the answer to a step's question."""
        said = self._await(step.id, GiveAnswer)
        return Reply(said.how, said.text, said.by)

    def confirms(self, compiled: Compiled) -> bool:
        """Wait for a yes or a no."""
        return self._await(compiled.step.id, Confirm).yes

    def attests(self, step: Step) -> Said:
        """Wait for the word about a manual step."""
        return self._said(step.id)

    def signs_off(self) -> Said:
        """Wait for the signature."""
        return self._said(SIGN_OFF)

    def _said(self, step_id: str) -> Said:
        said = self._await(step_id, Attest)
        return Said(said.done, said.note, said.by, said.initials)

    def _await(self, step_id: str, kind: type[M]) -> M:
        """Take messages until one of this kind is about this step; others came too late."""
        while True:
            for path in sorted(self._folder.glob("*.json")):
                message = self._take(path)
                if isinstance(message, kind) and message.step_id == step_id:
                    return message
            if self._interrupts is None or self._interrupts.requested is not None:
                raise LeftError("the operator stopped the run")
            self._interrupts.wait(PATIENCE_S)

    def _take(self, path: Path) -> AnyMessage | None:
        try:
            return self._decoder.decode(path.read_bytes())
        except (OSError, msgspec.DecodeError):
            return None  # no message of ours
        finally:
            path.unlink(missing_ok=True)
