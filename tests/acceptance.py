"""Both programs on one command line, and the thresholds that an acceptance test has to hold.

The C program runs as a process on one thread, the engine in this process; either runs a command
line once in a session. A test asks for a `Pair` and hands it to its `Judge` with whatever it
measured beside; the rows of ``docs/development/testing_strategy.md`` section 2.5 decide.
"""

import contextlib
import hashlib
import os
import shlex
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.experiment import Experiment
from engine.parity.metrics import compare_arrays
from engine.parity.parameters import EffectiveParameters
from engine.parity.peaks import PeakMatch, compare_peaks
from engine.parity.thresholds import Threshold
from engine.simulator import simulate

Image = NDArray[np.float64]
"""Photons per pixel, ``[slow, fast]``."""

_OF_A_PAIR = ("correlation", "relative_l2", "sum_ratio_deviation", "max_abs_diff_relative")
_SECONDS = 120


@dataclass(frozen=True)
class Pair:
    """One experiment seen by both programs.

    Attributes
    ----------
    args
        nanoBragg's command line.
    experiment
        What the engine makes of it.
    console
        What the C program printed.
    c
        The C program's image.
    folder
        Where the engine finds nothing it was not told of.
    c_seconds
        What the C program took, from start to end.
    """

    args: tuple[str, ...]
    experiment: Experiment
    console: str
    c: Image
    folder: Path
    c_seconds: float

    @cached_property
    def port(self) -> Image:
        """The engine's image as users get it: float32."""
        return self._simulate(torch.float32)

    @cached_property
    def double(self) -> Image:
        """The engine's image in float64."""
        return self._simulate(torch.float64)

    @property
    def both(self) -> tuple[Image, Image]:
        """The two images, the C program's first."""
        return (self.c, self.port)

    def figures(self) -> dict[str, float | None]:
        """Return how far the two images agree, under the names of ``summary.json``."""
        found = compare_arrays(self.c, self.port)
        return {name: getattr(found, name) for name in _OF_A_PAIR}

    def peaks(self, count: int, limit_px: float) -> PeakMatch:
        """Match the strongest peaks of the two images."""
        return compare_peaks(self.c, self.port, count=count, limit_px=limit_px)

    def _simulate(self, dtype: torch.dtype) -> Image:
        with contextlib.chdir(self.folder):
            return simulate(self.experiment, dtype=dtype).numpy().astype(np.float64)


class Sides:
    """Runs command lines through both programs, each once.

    Parameters
    ----------
    program
        The C program.
    folder
        An empty folder for its runs.
    """

    def __init__(self, program: Path, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self._known: dict[tuple[str, ...], Pair] = {}

    def __call__(self, *lines: str) -> Pair:
        """Return both images of the command line made of these pieces."""
        args = tuple(shlex.split(" ".join(lines)))
        if args not in self._known:
            self._known[args] = self._run(args)
        return self._known[args]

    def input(self, name: str, content: str) -> Path:
        """Write an input file and return its path; the same content under a name is one file."""
        digest = hashlib.sha256(content.encode()).hexdigest()[:12]
        path = self.folder / f"{digest}-{name}"
        path.write_text(content, encoding="ascii")
        return path

    def _run(self, args: tuple[str, ...]) -> Pair:
        folder = self.folder / f"run{len(self._known)}"
        folder.mkdir()
        begin = time.perf_counter()
        done = subprocess.run(
            [self.program, *args, "-floatfile", "c.bin", "-nonoise", "-nopgm", "-noprogress"],
            cwd=folder, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True,
            text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - begin
        assert done.returncode == 0, f"{self.program} ended with {done.returncode}: {done.stderr}"
        # The C program leaves a cache of structure factors behind; the engine must not see it.
        own = folder / "port"
        own.mkdir()
        with contextlib.chdir(own):
            experiment = Experiment.from_args(args)
        image = np.fromfile(folder / "c.bin", "<f4").reshape(experiment.shape)
        return Pair(args, experiment, done.stdout, image.astype(np.float64), own, seconds)


class Judge:
    """Holds what a test measured against the rows of its name, and records it.

    Parameters
    ----------
    rows
        The rows that apply: ``AT-PARALLEL-001 size`` for ``test_size`` of
        ``test_at_parallel_001.py``.
    applies_to
        Their name.
    record
        Where figures go: pytest's ``record_property``.
    """

    def __init__(
        self, rows: Iterable[Threshold], applies_to: str, record: Callable[[str, object], None]
    ) -> None:
        self.rows = tuple(rows)
        self.applies_to = applies_to
        self.record = record

    def limit(self, metric: str) -> float:
        """Return the threshold of a metric, for matching with that limit."""
        (row,) = (row for row in self.rows if row.metric == metric)
        return row.value

    def __call__(self, *pairs: Pair, **measured: float | None) -> None:
        """Require every row of this test of the worst pair and of what was measured beside.

        A row without a figure fails, and so does a figure without a row.
        """
        figures = [pair.figures() for pair in pairs]
        values = dict(measured)
        for row in self.rows:
            if row.metric in _OF_A_PAIR and row.metric not in measured:
                found = [f[row.metric] for f in figures]
                failing = [v for v in found if not row.holds(v)]
                values[row.metric] = failing[0] if failing else _worst(row, found)
        for name, value in values.items():
            # A plain float: with several workers a report travels, and NumPy's numbers do not.
            self.record(name, None if value is None else float(value))
        if pairs:
            self.record("parameter_hash", _identity(pairs))
        assert {row.metric for row in self.rows} == set(values), f"rows of {self.applies_to}"
        failed = [
            f"{row.id}: {row.metric} {values[row.metric]} is not {row.comparison} {row.value}"
            for row in self.rows
            if not row.holds(values[row.metric])
        ]
        assert not failed, "; ".join(failed)


def _worst(row: Threshold, values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return min(known) if row.comparison == ">=" else max(known)


def _identity(pairs: Iterable[Pair]) -> str:
    """Return the parameter hash of one experiment, or the hash of several hashes."""
    hashes = [EffectiveParameters.from_run(pair.console, pair.args).digest() for pair in pairs]
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256("".join(sorted(hashes)).encode()).hexdigest()


def brightest(image: Image) -> tuple[int, int]:
    """Return the slow and fast index of the brightest pixel."""
    slow, fast = np.unravel_index(int(image.argmax()), image.shape)
    return int(slow), int(fast)


def largest_difference(image: Image, expected: Image) -> float:
    """Return the largest difference of two images over the maximum of the expected one."""
    return float(np.abs(image - expected).max() / expected.max())


def relative_difference(image: Image, expected: Image) -> float:
    """Return the largest relative difference of two images, pixel by pixel.

    Where the lattice's interference vanishes two roundings are compared: a billionth of the
    maximum is added to what is divided by.
    """
    scale = np.abs(expected) + 1e-9 * np.abs(expected).max()
    return float((np.abs(image - expected) / scale).max())
