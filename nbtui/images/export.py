"""What is shown, as files: PNG at full size or reduced, CSV of the values. Never into a bundle."""

import csv
from pathlib import Path

import numpy as np

from engine.parity.figures import png
from nbtui.errors import NbtuiError
from nbtui.images.profiles import Curves
from nbtui.images.pyramid import Pyramid
from nbtui.images.scale import Scale, Table

LONGEST_SIDE = 2048


def image_png(
    pyramid: Pyramid, area: tuple[int, int, int, int], scale: Scale, colours: Table
) -> bytes:
    """Return an area as PNG, as large as it is but at most 2048 pixels on a side.

    Parameters
    ----------
    pyramid
        The view.
    area
        ``(slow0, slow1, fast0, fast1)`` in pixels, half-open.
    scale, colours
        Those on screen.
    """
    slow0, slow1, fast0, fast1 = area
    block = max(-(-max(slow1 - slow0, fast1 - fast0) // LONGEST_SIDE), 1)
    first = (slow0 // block, fast0 // block)
    size = (-(-slow1 // block) - first[0], -(-fast1 // block) - first[1])
    return png(colours[scale.indices(pyramid.region(block, first, size))])


def write_values(
    path: Path, pyramid: Pyramid, block: int, first: tuple[int, int], size: tuple[int, int]
) -> None:
    """Write the values of the cells on screen: one line each, with the block's first pixel."""
    cells = pyramid.region(block, first, size)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["slow", "fast", "block", "value"])
        for (i, j), value in np.ndenumerate(cells):
            writer.writerow(
                [(first[0] + i) * block, (first[1] + j) * block, block, repr(float(value))]
            )


def write_curves(path: Path, curves: Curves) -> None:
    """Write both curves, one bin a line."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([curves.x_name, f"C {curves.y_name}", f"port {curves.y_name}"])
        writer.writerows(
            zip(curves.x.tolist(), curves.c.tolist(), curves.port.tolist(), strict=True)
        )


def free_path(folder: Path, stem: str, suffix: str) -> Path:
    """Return a path that does not exist yet; makes the folder.

    Raises
    ------
    NbtuiError
        When the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NbtuiError(
            f"exports cannot be written: {error.strerror}",
            where=str(folder),
            fix="make the folder writable",
        ) from error
    names = (f"{stem}{'' if n == 1 else f'-{n}'}{suffix}" for n in range(1, 10_000))
    return next(folder / name for name in names if not (folder / name).exists())
