"""A stand-in for both programs: the report and the image of a small cubic crystal.

``python -m nbtui.demo.program SIDE FAULT [nanoBragg arguments]``; SIDE is ``c`` or ``port``,
FAULT ``none`` or ``scale`` (the port then scales some reflections, as a forgotten file of
structure factors would). The image is the square of the lattice's interference function,
enough to look at; it is no simulation and no evidence.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIZE = 320
PIXEL_M = 4e-4
DISTANCE_M = 0.12
WAVELENGTH_A = 1.0
CELL_A = 24.0
CELLS = 5
TURN_DEG = 11.0
_REPORT = (Path(__file__).parent / "report.txt").read_text(encoding="ascii")


def report() -> str:
    """Return the console report of the demo's experiment."""
    turn = np.deg2rad(TURN_DEG)
    half = SIZE * PIXEL_M / 2
    return _REPORT.format(
        cell=CELL_A, n=CELLS, wave=WAVELENGTH_A * 1e-10, distance=DISTANCE_M, pixel=PIXEL_M,
        size=SIZE, detsize=SIZE * PIXEL_M, centre=half, left=-1e3 * half, top=1e3 * half,
        far=-1e3 * DISTANCE_M, ax=CELL_A * np.cos(turn), ay=CELL_A * np.sin(turn),
        bx=-CELL_A * np.sin(turn), by=CELL_A * np.cos(turn),
    )  # fmt: skip


def image(side: str, fault: str) -> NDArray[np.float32]:
    """Return the image of one side, ``[slow, fast]``; the port's differs by rounding, or more."""
    centre = (np.arange(SIZE) + 0.5 - SIZE / 2) * PIXEL_M
    place = np.stack(
        [
            np.full((SIZE, SIZE), DISTANCE_M),
            np.repeat(-centre[:, None], SIZE, 1),
            np.repeat(centre[None, :], SIZE, 0),
        ]
    )
    away = place / np.linalg.norm(place, axis=0)
    scattering = (away - np.array([1.0, 0.0, 0.0])[:, None, None]) / WAVELENGTH_A
    turn = np.deg2rad(TURN_DEG)
    cell = CELL_A * np.array(
        [[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    )
    hkl = np.einsum("ij,jsf->isf", cell, scattering)
    value = 1e-4 * np.prod([_interference(h) for h in hkl], axis=0) + 1e-5
    if side == "port":
        value *= 1 + 6e-8 * np.random.default_rng(7).standard_normal(value.shape)
        if fault == "scale":
            value *= 1 + 0.9 * np.sin(2.1 * np.rint(hkl[1]) + 0.7 * np.rint(hkl[2]))
    out: NDArray[np.float32] = value.astype(np.float32)
    return out


def _interference(h: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``(sin(pi N h) / sin(pi h))**2`` of N cells in a row."""
    offset = h - np.rint(h)
    below = np.sin(np.pi * offset)
    small = np.abs(below) < 1e-9
    ratio = np.sin(np.pi * CELLS * offset) / np.where(small, 1.0, below)
    out: NDArray[np.float64] = np.where(small, CELLS, ratio) ** 2
    return out


def main(words: Sequence[str]) -> int:
    """Print the report and write the image; return the exit code."""
    side, fault, *arguments = words
    sys.stdout.write(report())
    name = arguments[arguments.index("-floatfile") + 1] if "-floatfile" in arguments else ""
    Path(name or "floatimage.bin").write_bytes(image(side, fault).astype("<f4").tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
