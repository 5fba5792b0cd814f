"""Questions and answers over any terminal: one line at a time, no cursor, no colour."""

import os
import select
import sys
from collections.abc import Callable, Mapping

from nbtui.evidence.text import printable
from nbtui.run.operator import LeftError

_PATIENCE_S = 0.2


class Talk:
    """Says lines and reads answers.

    Parameters
    ----------
    stopped
        Whether somebody asked to stop meanwhile; a wait for an answer then ends.
    """

    def __init__(self, stopped: Callable[[], bool] = lambda: False) -> None:
        self.stopped = stopped
        self._fd = sys.stdin.fileno()
        self._rest = b""
        self._lost = False

    def say(self, text: str = "") -> None:
        """Print a text; control characters are shown, not obeyed."""
        self._write(f"{printable(text)}\n")

    def ask(self, question: str, default: str = "") -> str:
        """Return the answer to a question; the default for an empty one.

        Raises
        ------
        LeftError
            The input ended, or somebody asked to stop.
        """
        hint = f" [{default}]" if default else ""
        self._write(f"{printable(question)}{hint}: ")
        return self._line().strip() or default

    def insist(self, question: str, default: str = "") -> str:
        """Return an answer that is not empty; ask again until there is one."""
        while not (answer := self.ask(question, default)):
            self.say("An answer is needed here.")
        return answer

    def choose(self, question: str, choices: Mapping[str, str]) -> str:
        """Return one of the choices, by its letter or its word; ask again until it is one."""
        shown = ", ".join(f"{letter} = {word}" for letter, word in choices.items())
        while True:
            answer = self.ask(f"{question} ({shown})").lower()
            for letter, word in choices.items():
                if answer and (answer == letter or answer == word.lower()):
                    return letter
            self.say(f"Please type one of: {', '.join(choices)}.")

    def number(self, question: str) -> int:
        """Return a whole number; ask again until it is one."""
        while True:
            answer = self.ask(question)
            try:
                return int(answer)
            except ValueError:
                self.say("Please type a whole number.")

    def _write(self, text: str) -> None:
        """Write, while somebody is there: a lost terminal must not keep the run from its seal."""
        if self._lost:
            return
        try:
            sys.stdout.write(printable(text))
            sys.stdout.flush()
        except OSError:
            self._lost = True
            # What is left in the buffer would fail once more at exit.
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123

    def _line(self) -> str:
        while b"\n" not in self._rest:
            if self.stopped():
                raise LeftError("the operator stopped the run")
            ready, _, _ = select.select([self._fd], [], [], _PATIENCE_S)
            if not ready:
                continue
            try:
                data = os.read(self._fd, 4096)
            except OSError:
                data = b""
            if not data:
                self.say()
                raise LeftError("the operator left: the input ended")
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")
