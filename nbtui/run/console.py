"""Reads what a stage's programs print while they print it, from the files they print to.

Nobody reads a pipe: log files are looked at now and then, from where the last look ended.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbtui.evidence.collectors.model import option
from nbtui.evidence.console import Listener, may_hold_readings, read_line, wanted
from nbtui.memo.cases import load
from nbtui.memo.plan import Role, Step
from nbtui.run.environment import Resolved
from nbtui.run.events import ConsoleRead

MAX_BYTES = 8_000_000
"""Of each file; a console report is a few kilobytes long and comes first."""
MAX_FILES = 200
MAX_EVENTS = 400
_LONGEST = 4096
_CANONICAL = "high_resolution_4096"
"""What ``nb-benchmark`` runs when it is given no arguments."""


@dataclass(slots=True)
class _File:
    """How far a file was read."""

    offset: int = 0
    line: int = 0
    rest: bytes = b""


@dataclass(slots=True)
class Console:
    """The console reports of one stage.

    Parameters
    ----------
    step, resolved
        What runs.
    root, bundle
        Where golden cases are, and what file names are relative to.
    emit
        Takes each new reading.

    Attributes
    ----------
    problems
        The readings that were not asked for or that differ between the two sides.
    """

    step: Step
    resolved: Resolved
    root: Path
    bundle: Path
    emit: Callable[[ConsoleRead], None]
    problems: list[ConsoleRead] = field(default_factory=list)
    _listener: Listener = field(init=False)
    _files: dict[Path, _File] = field(default_factory=dict)
    _seen: set[tuple[str, str, str]] = field(default_factory=set)
    _log: int | None = None

    def __post_init__(self) -> None:
        """Learn what was asked for."""
        tests = self.step.role is Role.PYTEST
        # A test suite simulates many experiments, on purpose; only what it runs by itself
        # would be read, and no argument of the plan speaks about it.
        asked = {} if tests else wanted(_arguments(self.step, self.root))
        self._listener = Listener(asked, comparing=not tests, hidden=not tests)

    def look(self) -> None:
        """Read what was printed since the last look, and tell of it."""
        for path in self._paths():
            for number, line in self._lines(path):
                self._hear(path, number, line)

    def close(self) -> None:
        """Give the log back; nothing is read any more."""
        if self._log is not None:
            os.close(self._log)
            self._log = None

    def _paths(self) -> Iterator[Path]:
        yield self.resolved.log
        outdir = option(self.resolved.argv, "--outdir")
        folder = self.root / outdir if outdir else None
        if folder is None or not folder.is_dir():
            return
        yield from sorted(_printed(folder))[:MAX_FILES]

    def _lines(self, path: Path) -> Iterator[tuple[int, str]]:
        known = self._files.setdefault(path, _File())
        try:
            if path.is_symlink() or (size := path.stat().st_size) == known.offset:
                return
            if size < known.offset:  # written anew
                known.offset, known.line, known.rest = 0, 0, b""
            data = self._read(path, known.offset)
        except OSError:
            return
        known.offset += len(data)
        whole, _, known.rest = (known.rest + data).rpartition(b"\n")
        known.rest = known.rest[-_LONGEST:]
        before = known.line
        known.line += whole.count(b"\n") + 1 if b"\n" in data else 0
        # A flood of other lines must not keep the supervisor busy beside a timed stage.
        if not may_hold_readings(whole):
            return
        for number, raw in enumerate(whole.split(b"\n"), before + 1):
            if len(raw) <= _LONGEST and may_hold_readings(raw):
                yield number, raw.decode("utf-8", "backslashreplace")

    def _read(self, path: Path, offset: int) -> bytes:
        most = max(MAX_BYTES - offset, 0)
        if path != self.resolved.log:
            with path.open("rb") as stream:
                stream.seek(offset)
                return stream.read(most)
        if self._log is None:
            # Kept open: who watches for other writers of the log need not look at each of ours.
            self._log = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        return os.pread(self._log, most, offset)

    def _hear(self, path: Path, number: int, line: str) -> None:
        side = _side(path, self.resolved.log)
        for reading in read_line(line):
            inside = path.is_relative_to(self.bundle)
            name = str(path.relative_to(self.bundle)) if inside else str(path)
            problem = self._listener.hear(str(path.parent), side, reading)
            key = (name, reading.name, reading.value)
            if key in self._seen or len(self._seen) >= MAX_EVENTS:
                continue
            self._seen.add(key)
            read = ConsoleRead(
                step_id=self.step.id,
                side=side,
                name=reading.name,
                value=reading.value,
                source=f"{name}:{number}",
                problem=problem or "",
            )
            self.emit(read)
            if problem:
                self.problems.append(read)


def _printed(folder: Path) -> Iterator[Path]:
    """Yield the files that programs print to; folders may come and go meanwhile.

    No link is followed: a file elsewhere is none of the stage's output.
    """
    for place, _, names in os.walk(folder):  # a folder that is gone is passed over
        for name in names:
            path = Path(place) / name
            if "stdout" in name and not path.is_symlink() and path.is_file():
                yield path


def _side(path: Path, log: Path) -> str:
    if path == log:
        return "log"
    first = path.name.lower().partition("_")[0]
    return {"c": "c", "py": "py", "pytorch": "py", "torch": "py"}.get(first, "log")


def _arguments(step: Step, root: Path) -> tuple[str, ...] | None:
    """Return the nanoBragg arguments of a stage, as far as the plan tells."""
    if step.experiment is not None:
        sizes = step.command is not None and option(step.command.argv, "--sizes") is not None
        return _without_size(step.experiment) if sizes else step.experiment
    own = step.command is not None and Path(step.command.argv[0]).name == "nb-benchmark"
    case = load(root).get(_CANONICAL) if own else None
    return _without_size(tuple(case)) if case else None


def _without_size(args: tuple[str, ...]) -> tuple[str, ...]:
    """Return arguments without the pixel count and size, which the benchmark sets itself."""
    kept: list[str] = []
    skip = False
    for word in args:
        if skip or word in {"-detpixels", "-pixel"}:
            skip = not skip
            continue
        kept.append(word)
    return tuple(kept)
