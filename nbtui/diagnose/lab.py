"""Where programs are run and images are read; everything is done once and kept.

Programs run in fresh folders. The folder a side is believed to be run in is copied there as
far as a program could read it unasked, so that nothing in it is ever written.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.parity import runner
from engine.parity.diagnosis.signature import Signature, signature
from engine.parity.diagnosis.survey import survey
from engine.parity.images import Pixels
from engine.parity.parameters import EffectiveParameters, ParametersError
from nbtui.diagnose.model import Case, Party, Side
from nbtui.durable import sha256_file
from nbtui.memo.hidden import DEFAULT_NAMES

TIMEOUT_S = 300.0
PROBE = ("-roi", "0", "0", "0", "0")
"""One pixel: the whole report, at no cost."""
SMALL = 256
_SMALL_FILE = 1 << 20
_MANY_FILES = 200


@dataclass(frozen=True, slots=True)
class Console:
    """What a program printed."""

    text: str
    name: str
    """How its lines are cited."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one side."""

    side: Side
    argv: tuple[str, ...]
    ended_well: bool
    ending: str
    """How it ended, with the last words on stderr."""
    stdout: Path
    stderr: Path
    image: Path | None
    """``None`` when it wrote none."""

    @property
    def sha256(self) -> str:
        """Hash of the image; empty when there is none."""
        return sha256_file(self.image) if self.image else ""


_Key = tuple[Side, tuple[str, ...], bool, int, Path | None]


class Lab:
    """The effects of a diagnosis.

    Parameters
    ----------
    case
        What is diagnosed.
    scratch
        Folder for everything that is written.
    run_programs
        Whether programs may be run; without, only what is there is read.
    """

    def __init__(self, case: Case, scratch: Path, *, run_programs: bool = True) -> None:
        self.case = case
        self.scratch = scratch
        self._run_programs = run_programs
        self._runs: dict[_Key, Run] = {}
        self._images: dict[Side, Pixels | None] = {}
        self._signature: Signature | None = None

    def can_run(self, side: Side) -> bool:
        """Whether there is a program to run."""
        return self._run_programs and bool(self.case.party(side).argv)

    @property
    def no_program(self) -> str:
        """Return why no program is run."""
        return "there is no program to run" if self._run_programs else "nothing is run"

    def run(
        self,
        side: Side,
        extra: Sequence[str] = (),
        *,
        empty: bool = False,
        again: int = 0,
        code: Path | None = None,
    ) -> Run:
        """Run one side with the case's arguments.

        Parameters
        ----------
        side
            Whose program.
        extra
            Further arguments; nanoBragg heeds the last of a kind.
        empty
            Run in an empty folder, not in a copy of the side's own.
        again
            Another number is another run of the same thing.
        code
            Folder whose Python packages come before the side's own.

        Raises
        ------
        ParityError
            When the program cannot be started.
        """
        key = (side, tuple(extra), empty, again, code)
        if key not in self._runs:
            party = self.case.party(side)
            if code is not None:
                party = _with_code(party, code)
            self._runs[key] = self._run(party, extra, empty, len(self._runs))
        return self._runs[key]

    def console(self, side: Side) -> Console | None:
        """Return what a side printed: as stored, else by a run of one pixel."""
        party = self.case.party(side)
        if party.console is not None and party.console.is_file():
            return Console(party.console.read_text("utf-8", "replace"), self.named(party.console))
        if not self.can_run(side):
            return None
        probed = self.run(side, PROBE)
        return Console(probed.stdout.read_text("utf-8", "replace"), f"{side.value}_stdout")

    def parameters(self, side: Side) -> EffectiveParameters | None:
        """Return what a side says it simulated; ``None`` when it does not say."""
        console = self.console(side)
        if console is None:
            return None
        try:
            return EffectiveParameters.from_run(console.text, self.case.args)
        except ParametersError:
            return None

    def image_file(self, side: Side) -> Path | None:
        """Return a side's full image: as given, else rendered now."""
        given = self.case.party(side).image
        if given is not None:
            return given
        return self.run(side).image if self.can_run(side) else None

    def image(self, side: Side) -> Pixels | None:
        """Return the pixels of a side's full image, ``[slow, fast]``; ``None`` without one."""
        if side not in self._images:
            self._images[side] = self._mapped(self.image_file(side), self.shape())
        return self._images[side]

    def images(self) -> tuple[Pixels, Pixels] | None:
        """Return both images, ``None`` when one is missing or has another size."""
        x, y = self.image(Side.C), self.image(Side.PY)
        return None if x is None or y is None else (x, y)

    def signature(self) -> Signature | None:
        """Return the signature of the difference, ``None`` without two images."""
        if self._signature is None and (both := self.images()):
            self._signature = signature(*both)
        return self._signature

    def shape(self) -> tuple[int, int] | None:
        """Return ``(slow, fast)``: as given, as printed, else a square of the image's size."""
        if self.case.shape is not None:
            return self.case.shape
        for side in Side:
            told = self.parameters(side)
            if told is not None:
                return told.shape
        for side in Side:
            path = self.case.party(side).image
            pixels = path.stat().st_size // 4 if path and path.is_file() else 0
            edge = round(pixels**0.5)
            if edge and edge * edge == pixels:
                return edge, edge
        return None

    def small_region(self) -> tuple[str, ...]:
        """Return flags for 256 x 256 pixels in the middle; none for a small image."""
        shape = self.shape()
        if shape is None or max(shape) <= 2 * SMALL:
            return ()
        limits: list[str] = []
        for pixels in reversed(shape):
            first = max(0, (pixels - SMALL) // 2)
            limits += [str(first), str(min(pixels, first + SMALL) - 1)]
        return ("-roi", *limits)

    def named(self, path: Path) -> str:
        """Return a path as the report names it: from the root where possible."""
        root = self.case.root.resolve()
        resolved = path.resolve()
        return str(resolved.relative_to(root)) if resolved.is_relative_to(root) else str(path)

    @staticmethod
    def apart(a: Path | None, b: Path | None) -> float | None:
        """Return the relative L2 of two image files; ``None`` without both, or of other sizes.

        It is infinite where one has a number and the other none: they are not alike.
        """
        if a is None or b is None or a.stat().st_size != b.stat().st_size:
            return None
        if not a.stat().st_size or a.stat().st_size % 4:
            return None
        x, y = (np.memmap(p, "<f4", mode="r").reshape(1, -1) for p in (a, b))
        seen = survey(x, y)
        if seen.nonfinite != (0, 0) and not np.array_equal(np.isfinite(x), np.isfinite(y)):
            return float("inf")
        return seen.relative_l2

    @staticmethod
    def _mapped(path: Path | None, shape: tuple[int, int] | None) -> Pixels | None:
        if path is None or shape is None or not path.is_file():
            return None
        if path.stat().st_size != 4 * shape[0] * shape[1]:
            return None
        return np.memmap(path, "<f4", mode="r", shape=shape)

    def _run(self, party: Party, extra: Sequence[str], empty: bool, number: int) -> Run:
        home = self.scratch / f"{number:02}-{party.side.value}"
        folder = home / "folder"
        folder.mkdir(parents=True)
        if not empty and party.folder is not None:
            for source in unasked(party.folder):
                shutil.copyfile(source, folder / source.name)
        argv = (*party.argv, *runner.OUTPUT_WORDS, *self.case.args, *extra)
        stdout, stderr = home / "stdout.txt", home / "stderr.txt"
        outcome = runner.run(
            argv,
            folder=folder,
            stdout=stdout,
            stderr=stderr,
            timeout_s=TIMEOUT_S,
            # A port that is run from its work tree leaves nothing of its own there.
            environment={**party.environment, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        image = folder / runner.FLOAT_IMAGE
        said = runner.tail(stderr)
        return Run(
            side=party.side,
            argv=argv,
            ended_well=outcome.ok,
            ending=outcome.ending() + (f": {said}" if said else ""),
            stdout=stdout,
            stderr=stderr,
            image=image if image.is_file() else None,
        )


def _with_code(party: Party, code: Path) -> Party:
    own = party.environment.get("PYTHONPATH") or os.environ.get("PYTHONPATH")
    path = os.pathsep.join((str(code), own) if own else (str(code),))
    return replace(party, environment={**party.environment, "PYTHONPATH": path})


def unasked(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that a program might read though nobody named them.

    The names nanoBragg reads by itself, of any size, and small files: what another program
    reads by itself nobody knows.
    """
    try:
        files = sorted(p for p in folder.iterdir() if p.is_file())
    except OSError:
        return
    others = [p for p in files if p.name not in DEFAULT_NAMES and not os.access(p, os.X_OK)]
    small = [p for p in others if p.stat().st_size <= _SMALL_FILE]
    yield from (p for p in files if p.name in DEFAULT_NAMES)
    yield from small[:_MANY_FILES]
