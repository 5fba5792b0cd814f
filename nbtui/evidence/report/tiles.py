"""The tile map: where in the image the two programs differ, relative to what is there."""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_TILES = 64
"""Tiles along the longer side."""
LOW, HIGH = -8.0, 0.0
"""Decades of relative L2 that the colours span."""


@dataclass(frozen=True, slots=True)
class TileMap:
    """Relative L2 of each square tile.

    Attributes
    ----------
    side
        Pixels along a tile's side.
    values
        ``[rows, columns]``: ``||y - x|| / ||x||`` in the tile; infinite where the C image is
        zero and the port's is not, NaN where a pixel is.
    """

    side: int
    values: "NDArray[np.float64]"

    def worst(self, count: int = 5) -> list[tuple[float, tuple[int, int]]]:
        """Return the largest values with the (slow, fast) of their first pixel."""
        import numpy as np  # noqa: PLC0415  (viewers start without it)

        flat = np.nan_to_num(self.values.ravel(), nan=np.inf, posinf=np.inf)
        order = np.argsort(-flat, kind="stable")[:count]
        columns = self.values.shape[1]
        return [
            (float(flat[i]), (int(i) // columns * self.side, int(i) % columns * self.side))
            for i in order
        ]


def tile_map(c: Path, py: Path, shape: tuple[int, int]) -> TileMap:
    """Return the tile map of two raw float images.

    Sums of a tile are in float32, which is enough for a picture of decades; figures that
    decide come from the metrics.

    Raises
    ------
    ParityError
        When an image is missing or has another length.
    """
    import numpy as np  # noqa: PLC0415

    from engine.parity.images import RawImage  # noqa: PLC0415

    side = max(1, -(-max(shape) // MOST_TILES))
    edges = np.arange(0, shape[1], side)
    images = (RawImage(c, shape), RawImage(py, shape))
    rows = []
    with np.errstate(all="ignore"):
        for x, y in zip(images[0].bands(rows=side), images[1].bands(rows=side), strict=True):
            difference = y - x
            square = np.einsum("ij,ij->j", difference, difference)
            scale = np.einsum("ij,ij->j", x, x)
            sums = (np.add.reduceat(s.astype(np.float64), edges) for s in (square, scale))
            over, under = sums
            ratio = np.sqrt(over / under)
            rows.append(np.where((over == 0) & (under == 0), 0.0, ratio))
    return TileMap(side, np.array(rows))


def picture(tiles: TileMap) -> bytes:
    """Return the map as PNG, one pixel a tile, logarithmic from 1e-8 to 1."""
    import numpy as np  # noqa: PLC0415

    from engine.parity.figures import intensity_table  # noqa: PLC0415

    with np.errstate(all="ignore"):
        decades = np.log10(np.maximum(tiles.values, 10.0**LOW))
    level = np.clip((np.nan_to_num(decades, nan=HIGH, posinf=HIGH) - LOW) / (HIGH - LOW), 0, 1)
    return _png(intensity_table()[np.rint(level * 255).astype(np.intp)])


def _png(colours: "NDArray[np.uint8]") -> bytes:
    """Return a small RGB picture as PNG: importing Pillow takes longer than the whole report."""
    rows, columns, _ = colours.shape
    lines = b"".join(b"\0" + row.tobytes() for row in colours)
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
