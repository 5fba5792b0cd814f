"""Pairs of images with known faults, as a comparison leaves them in a bundle."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nbtui.images.pairs import Pair, find_pairs

REPORT = Path(__file__).parents[2] / "engine" / "parity" / "fakes" / "report_g1.txt"
SHAPE = (96, 128)
SPOTS = ((20, 30), (20, 90), (48, 64), (70, 30), (70, 100))
LOST = (48, 64)
"""The spot that the port does not have."""
EXTRA = (84, 64)
"""A spot only the port has."""


def images() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a C image of five spots on a background, and a port that lost one and has another."""
    slow, fast = np.mgrid[0 : SHAPE[0], 0 : SHAPE[1]]

    def spot(at: tuple[int, int], height: float) -> NDArray[np.float64]:
        out: NDArray[np.float64] = height * np.exp(-((slow - at[0]) ** 2 + (fast - at[1]) ** 2) / 8)
        return out

    ground = 0.01 + 0.0001 * np.hypot(slow - 48, fast - 64)
    c = ground + sum(spot(at, 10 + n) for n, at in enumerate(SPOTS))
    port = ground + sum(spot(at, 10 + n) for n, at in enumerate(SPOTS) if at != LOST)
    port += spot(EXTRA, 9)
    return c.astype(np.float32), port.astype(np.float32)


def write_pair(
    bundle: Path,
    c: NDArray[np.float32],
    port: NDArray[np.float32],
    *,
    name: str = "full_frame",
    worst: tuple[int, int] | None = LOST,
) -> Pair:
    """Write two images and their summary into a bundle, and return the pair found there."""
    folder = bundle / name
    folder.mkdir(parents=True)
    c.astype("<f4").tofile(folder / "c_float.bin")
    port.astype("<f4").tofile(folder / "py_float.bin")
    (folder / "c_stdout.txt").write_bytes(REPORT.read_bytes())
    summary = {
        "shape": list(c.shape),
        "c": {"image": "c_float.bin", "stdout": "c_stdout.txt"},
        "py": {"image": "py_float.bin"},
        "metrics": {"max_abs_diff_at": list(worst) if worst else None},
    }
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return next(pair for pair in find_pairs(bundle) if pair.name == name)
