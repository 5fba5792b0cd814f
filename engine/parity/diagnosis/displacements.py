"""Where did the spots go? One shift, a magnification, a rotation, or nothing regular."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.parity.images import Pixels
from engine.parity.peaks import Peaks, find_peaks, match

CAPTURE_PX = 5.0
SPOTS = 400
"""The strongest spots speak for all."""
LEAST = 4

_Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Displacements:
    """How the spots of the second image lie to those of the first.

    Attributes
    ----------
    pairs
        Spots that have a partner; the rest of the figures are over them.
    shift_px
        Slow and fast component of the common shift at the image's centre.
    magnification
        Growth of distances from the image's centre, 0 for none.
    rotation_rad
        Rotation about the image's centre, from slow towards fast.
    scatter_px, explained_px
        RMS displacement as it is, and after shift, magnification and rotation are undone.
    """

    pairs: int
    shift_px: tuple[float, float]
    magnification: float
    rotation_rad: float
    scatter_px: float
    explained_px: float

    @property
    def length_px(self) -> float:
        """Return the length of the common shift."""
        return float(np.hypot(*self.shift_px))


def displacements(x: Pixels, y: Pixels) -> Displacements | None:
    """Return how spots moved from ``x`` to ``y``; ``None`` with fewer than four pairs.

    Parameters
    ----------
    x, y
        ``[slow, fast]`` pixels of equal shape.
    """
    a, b = _strong(x), _strong(y)
    if min(len(a), len(b)) < LEAST:
        return None
    first, second = match(a, b, CAPTURE_PX)
    if first.size < LEAST:
        return None
    centre = (np.array(x.shape) - 1) / 2.0
    return fit(a[first] - centre, b[second] - a[first])


def fit(positions: _Reals, moved: _Reals) -> Displacements:
    """Fit shift, magnification and rotation to displacements.

    Parameters
    ----------
    positions
        ``[n, 2]`` slow and fast pixels from the centre.
    moved
        ``[n, 2]`` displacements in pixels.
    """
    n = len(positions)
    slow, fast = positions[:, 0], positions[:, 1]
    one, none = np.ones(n), np.zeros(n)
    # d = t + g·p + w·(-fast, slow): linear in shift t, growth g and (small) rotation w.
    design = np.concatenate(
        [np.stack([one, none, slow, -fast], axis=1), np.stack([none, one, fast, slow], axis=1)]
    )
    target = np.concatenate([moved[:, 0], moved[:, 1]])
    # The median first: a few spots matched to the wrong partner shall not decide.
    keep = _near_median(moved)
    both = np.concatenate([keep, keep])
    (t_slow, t_fast, growth, turn), *_ = np.linalg.lstsq(design[both], target[both], rcond=None)
    left = target - design @ np.array([t_slow, t_fast, growth, turn])
    return Displacements(
        pairs=n,
        shift_px=(float(t_slow), float(t_fast)),
        magnification=float(growth),
        rotation_rad=float(turn),
        scatter_px=float(np.sqrt(np.mean(target[both] ** 2) * 2)),
        explained_px=float(np.sqrt(np.mean(left[both] ** 2) * 2)),
    )


def _near_median(moved: _Reals) -> NDArray[np.bool_]:
    distance = np.linalg.norm(moved - np.median(moved, axis=0), axis=1)
    limit = max(3.0 * float(np.median(distance)), 1e-9)
    keep: NDArray[np.bool_] = distance <= limit
    return keep if np.count_nonzero(keep) >= LEAST else np.ones(len(moved), np.bool_)


def _strong(image: Pixels) -> _Reals:
    found: Peaks = find_peaks(np.nan_to_num(image, posinf=0.0, neginf=0.0))
    if not len(found.heights):
        return found.positions
    return found.down_to(0.02 * float(found.heights[0])).strongest(SPOTS).positions
