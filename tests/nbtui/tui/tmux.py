"""A real terminal of a known size, walked by keys and read as a person reads it: tmux."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.cells import cell_len

PATIENCE_S = 120.0
"""Ends a hang; it does not judge a busy machine."""
LOOK_EVERY_S = 0.05
LEFT = "left with exit status"
NEXT_STEP = (" enter ▸ ", " ● ")
"""How the line above the keys begins: ``enter`` does something, or there is nothing to do."""

needs_tmux = pytest.mark.skipif(
    shutil.which("tmux") is None, reason="tmux is not installed (apt-get install tmux)"
)


@dataclass(frozen=True)
class Capture:
    """What stood on the screen at one moment."""

    lines: tuple[str, ...]
    width: int
    height: int

    def __str__(self) -> str:
        """Return the screen as it is printed when a test fails."""
        return "\n".join(self.lines)

    @property
    def next_step(self) -> str:
        """The line above the keys."""
        return self.lines[-2]

    @property
    def keys(self) -> str:
        """The footer."""
        return self.lines[-1]

    def shows(self, *words: str) -> bool:
        """Whether all these words stand on the screen."""
        text = str(self)
        return all(w in text for w in words)

    @property
    def message(self) -> str:
        """The message over the page without its line ends: a wrapped path is whole again."""
        return "".join(line.partition("▌")[2].strip() for line in self.lines)

    @property
    def joined(self) -> str:
        """All text without line ends."""
        return "".join(line.strip() for line in self.lines)

    @property
    def flaws(self) -> tuple[str, ...]:
        """What is not as it should be with the frame: header, way, next step, keys, widths."""
        first, way, next_step, keys = *self.lines[:2], self.next_step, self.keys.rstrip()
        modes = enumerate(("Plan", "Preflight", "Run", "Results", "History", "Checklist"), 1)
        wrong = {
            "there are more or fewer lines than the terminal has": len(self.lines) != self.height,
            "a line is too long": any(cell_len(line) > self.width for line in self.lines),
            "the header is not there": not first.startswith(" nbtui ") or "@" not in first,
            "a mode is missing": not all(f" {n} {mode} " in way for n, mode in modes),
            "no next step is named": not next_step.startswith(NEXT_STEP) or len(next_step) < 12,
            "the keys are cut": not keys.endswith("? help"),
        }
        return tuple(what for what, so in wrong.items() if so)

    @property
    def box_flaws(self) -> tuple[str, ...]:
        """What is not as it should be with the one box over the page."""
        top = [n for n, line in enumerate(self.lines) if "╭" in line]
        bottom = [n for n, line in enumerate(self.lines) if "╰" in line]
        if not len(top) == len(bottom) == 1:
            return ("there is not one box",)
        first, last = self.lines[top[0]], self.lines[bottom[0]]
        inside = self.lines[top[0] + 1 : bottom[0]]
        left, right = first.index("╭"), first.find("╮")
        wrong = {
            "the corners do not meet": (last.index("╰"), last.find("╯")) != (left, right),
            "a side is broken": any(
                line[left : right + 1 : right - left] != "││" for line in inside
            ),
            "its keys are cut": " esc " not in inside[-1],
        }
        return tuple(what for what, so in wrong.items() if so)


Flaws = Callable[[Capture], tuple[str, ...]]


class Terminal:
    """A tmux server of its own with one window, in which one command runs."""

    def __init__(self, socket: Path, width: int, height: int, patience_s: float) -> None:
        self._words = ("tmux", "-S", str(socket), "-f", os.devnull)
        self.width, self.height = width, height
        self._patience_s = patience_s

    def tmux(self, *words: str, env: Mapping[str, str] | None = None) -> str:
        """Tell the server something and return what it says."""
        done = subprocess.run(
            [*self._words, *words], check=True, capture_output=True, text=True, env=env
        )
        return done.stdout

    def press(self, *keys: str) -> None:
        """Press keys, by their tmux names."""
        self.tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type text as it is."""
        self.tmux("send-keys", "-l", text)

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        self.width, self.height = width, height
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def look(self) -> Capture:
        """Return what stands on the screen now."""
        text = self.tmux("capture-pane", "-p")
        return Capture(tuple(text.removesuffix("\n").split("\n")), self.width, self.height)

    def wait(self, *words: str, but: str = "", drawn: Flaws = lambda _: ()) -> Capture:
        """Look until all words stand on the screen, ``but`` does not, and it has no flaw."""
        last = time.monotonic() + self._patience_s
        while True:
            seen = self.look()
            there = seen.shows(*words) and not (but and seen.shows(but))
            flaws = drawn(seen)
            if there and not flaws:
                return seen
            if time.monotonic() > last or (seen.shows(LEFT) and LEFT not in words):
                pytest.fail(f"{'; '.join(flaws) or 'never seen together'}: {words}\n{seen}")
            time.sleep(LOOK_EVERY_S)

    def page(self, *words: str, but: str = "") -> Capture:
        """Wait for words on a whole page of the app."""
        return self.wait(*words, but=but, drawn=lambda seen: seen.flaws)

    def dialog(self, *words: str) -> Capture:
        """Wait for words in a box over the app."""
        return self.wait(*words, drawn=lambda seen: seen.box_flaws)

    def left(self) -> int:
        """Wait until the command ended and return its exit status."""
        lines = [line for line in self.wait(LEFT).lines if LEFT in line]
        return int(lines[-1].rpartition(" ")[2])


@contextmanager
def terminal(
    folder: Path,
    command: str,
    env: Mapping[str, str],
    *,
    size: tuple[int, int] = (80, 24),
    socket: Path,
    patience_s: float = PATIENCE_S,
) -> Iterator[Terminal]:
    """Run a shell command in a terminal of its own; what it leaves running is ended."""
    made = Terminal(socket, *size, patience_s)
    words = f"{command}; echo {LEFT} $?; exec cat"
    width, height = (str(n) for n in size)
    made.tmux(
        "new-session", "-d", "-x", width, "-y", height, "-c", str(folder),
        "bash", "--norc", "-c", words, env=env,
    )  # fmt: skip
    try:
        yield made
    finally:
        made.tmux("kill-server")
