"""Raw float images, read in bands of rows so that memory stays bounded.

The format is nanoBragg's ``-floatfile``: float32, little-endian, slow axis outermost, no
header (specification 10.1). The file does not know its shape: the caller brings it, and a
file of any other length is an error, never a guess.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.parity.errors import ImageError, ShapesDifferError, UsageError

FLOAT32 = np.dtype("<f4")
BAND_ROWS = 16
"""Rows per band: half a MiB of float64 at 4096 pixels a row, of which several stay in a core's
cache (measured: a quarter of that or four times as much takes longer, the latter twice)."""

_KEPT_BYTES = 8 << 20
"""More than the arrays of a band; above 32 MiB glibc learns nothing."""

Shape: TypeAlias = tuple[int, int]
"""Numbers of pixels ``(slow, fast)``."""
Roi: TypeAlias = tuple[int, int, int, int]
"""``(slow0, slow1, fast0, fast1)``, half-open: row ``slow1`` and column ``fast1`` are outside."""
Pixels: TypeAlias = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class RawImage:
    """A float image on disk that has the length its shape asks for.

    Parameters
    ----------
    path
        The file.
    shape
        ``(slow, fast)`` pixels.

    Raises
    ------
    ImageError
        The file is missing or has another length.
    """

    path: Path
    shape: Shape

    def __post_init__(self) -> None:
        expected = self.shape[0] * self.shape[1] * FLOAT32.itemsize
        try:
            found = self.path.stat().st_size
        except OSError as error:
            raise ImageError(f"no image ({error.strerror})", where=str(self.path)) from error
        if found != expected:
            raise ImageError(
                f"{found} bytes, but {self.shape[0]} x {self.shape[1]} float32 pixels are "
                f"{expected}",
                where=str(self.path),
                fix="the program wrote an incomplete image or another shape; see its stderr",
            )

    def bands(self, roi: Roi | None = None, rows: int = BAND_ROWS) -> Iterator[Pixels]:
        """Yield the rows of ``roi`` in order, ``rows`` at a time.

        The buffer is reused: a band is valid only until the next one is asked for.
        """
        slow0, slow1, fast0, fast1 = checked_roi(roi, self.shape)
        fast = self.shape[1]
        buffer = np.empty((min(rows, slow1 - slow0), fast), FLOAT32)
        with self.path.open("rb") as stream:
            stream.seek(slow0 * fast * FLOAT32.itemsize)
            for first in range(slow0, slow1, rows):
                band = buffer[: min(rows, slow1 - first)]
                if stream.readinto(band.data.cast("B")) != band.nbytes:
                    raise ImageError("shrank while it was read", where=str(self.path))
                yield band[:, fast0:fast1]

    def mapped(self) -> Pixels:
        """Return the pixels as a read-only memory map of the file."""
        return np.memmap(self.path, FLOAT32, mode="r", shape=self.shape)


@dataclass(frozen=True, slots=True)
class ArrayImage:
    """Pixels already in memory, behind the same interface as :class:`RawImage`."""

    pixels: Pixels

    @property
    def shape(self) -> Shape:
        """Numbers of pixels ``(slow, fast)``."""
        slow, fast = self.pixels.shape
        return slow, fast

    def bands(self, roi: Roi | None = None, rows: int = BAND_ROWS) -> Iterator[Pixels]:
        """Yield the rows of ``roi`` in order, ``rows`` at a time."""
        slow0, slow1, fast0, fast1 = checked_roi(roi, self.shape)
        for first in range(slow0, slow1, rows):
            yield self.pixels[first : min(first + rows, slow1), fast0:fast1]

    def mapped(self) -> Pixels:
        """Return the pixels."""
        return self.pixels


Image: TypeAlias = RawImage | ArrayImage


def checked_roi(roi: Roi | None, shape: Shape) -> Roi:
    """Return ``roi``, or the full frame for ``None``.

    Raises
    ------
    UsageError
        The region is empty or reaches over the edge of the image.
    """
    if roi is None:
        return 0, shape[0], 0, shape[1]
    slow0, slow1, fast0, fast1 = roi
    if 0 <= slow0 < slow1 <= shape[0] and 0 <= fast0 < fast1 <= shape[1]:
        return roi
    raise UsageError(
        f"region [{slow0}:{slow1}, {fast0}:{fast1}] is empty or outside "
        f"{shape[0]} x {shape[1]} pixels (slow x fast)",
        where="--roi",
        fix="give SLOW0 SLOW1 FAST0 FAST1 with 0 <= first < last <= size; the last is exclusive",
    )


def same_shape(c: Image, py: Image) -> Shape:
    """Return the common shape; raises :class:`ShapesDifferError` when there is none."""
    if c.shape == py.shape:
        return c.shape
    raise ShapesDifferError(
        f"the C image has {c.shape[0]} x {c.shape[1]} pixels (slow x fast), "
        f"the port's {py.shape[0]} x {py.shape[1]}",
        fix="find out why one side changed the detector, or ask for --resample",
    )


def keep_freed_memory() -> None:
    """Let the C library keep what one band frees, for the next band to use.

    glibc gives a freed block straight back to the system, which must clear it before it serves
    again, until it has seen a larger block freed. This one is never touched and costs nothing;
    without it, clearing pages takes longer than the measures.
    """
    np.empty(_KEPT_BYTES, np.uint8)


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, read in blocks.

    Raises
    ------
    ImageError
        The file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ImageError(f"cannot be read ({error.strerror})", where=str(path)) from error
