"""Structural similarity of the reduced logarithmic images: a number that reviewers know."""

from typing import ClassVar

import numpy as np

from engine.parity.metrics.blocks import by_column, row_groups
from engine.parity.metrics.logarithm import DARK
from engine.parity.metrics.model import LOG_FLOOR, About, Band, Outcome, Real, Scene

BLOCK = 8
MOST_CELLS = 1024
SIGMA = 1.5
RADIUS = 5
_K1, _K2 = 0.01, 0.03


class Similarity:
    """SSIM (Wang et al. 2004) of block means of the logarithms. A diagnosis, never a gate."""

    key: ClassVar[str] = "similarity"
    about: ClassVar[About] = About(
        formula=f"mean SSIM (Gaussian window, sigma {SIGMA:g}, radius {RADIUS}) of the logarithms' "
        f"means over {BLOCK} x {BLOCK} blocks (larger ones beyond {BLOCK * MOST_CELLS} pixels)",
        sees="lost or displaced structure, as eyes would",
        blind_to="everything finer than its blocks; it is tuned for eyes, not for parity",
    )
    names: ClassVar[tuple[str, ...]] = ("ssim",)

    def __init__(self, scene: Scene) -> None:
        self._dark = not scene.log_floor
        self._block = max(BLOCK, -(-max(scene.size) // MOST_CELLS))
        # Blocks cut off by the edge are left out: their means would be noisier than the rest.
        self._cells = scene.size[0] // self._block, scene.size[1] // self._block
        self._x: Real = np.zeros(self._cells)
        self._y: Real = np.zeros(self._cells)

    def add(self, band: Band) -> None:
        """Take some rows."""
        if self._dark or not self._x.size:
            return
        columns = self._cells[1] * self._block
        for group, rows in row_groups(band.row, band.rows, self._block):
            if group < self._cells[0]:
                self._x[group] += by_column(band.log_x[rows, :columns].sum(axis=0), self._block)
                self._y[group] += by_column(band.log_y[rows, :columns].sum(axis=0), self._block)

    def outcome(self) -> Outcome:
        """Return the figure."""
        reason = None
        least = (2 * RADIUS + 1) * self._block
        if self._dark:
            reason = DARK
        elif min(self._cells) < 2 * RADIUS + 1:
            reason = f"the image is smaller than {least} pixels"
        if reason is not None:
            return Outcome({"ssim": None}, {"ssim": reason})
        area = self._block**2
        decades = float(np.log1p(1.0 / LOG_FLOOR))
        return Outcome({"ssim": ssim(self._x / area, self._y / area, decades)})


def ssim(x: Real, y: Real, data_range: float) -> float:
    """Return the mean structural similarity over the windows that lie inside the images.

    Parameters
    ----------
    x, y
        Images ``[slow, fast]`` of at least 11 pixels a side.
    data_range
        The span of values that the constants of the formula refer to.
    """
    mean_x, mean_y = _blur(x), _blur(y)
    c1, c2 = (_K1 * data_range) ** 2, (_K2 * data_range) ** 2
    xx, yy, xy = (_blur(a) for a in (x * x, y * y, x * y))
    var_x, var_y = xx - mean_x**2, yy - mean_y**2
    covariance = xy - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    structure = (2 * covariance + c2) / (var_x + var_y + c2)
    return float((likeness * structure).mean())


def _blur(image: Real) -> Real:
    """Return the Gaussian means of all windows inside the image."""
    taps = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2)
    taps /= taps.sum()
    for axis in (0, 1):
        span = image.shape[axis] - 2 * RADIUS
        pieces = (np.take(image, range(i, i + span), axis=axis) * t for i, t in enumerate(taps))
        image = sum(pieces, np.zeros(()))
    return image
