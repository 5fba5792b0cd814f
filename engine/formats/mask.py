"""Masks: SMV images whose zero pixels are not rendered (spec 4.7)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import FileError
from engine.formats.atomic import write_atomically
from engine.formats.smv import read_smv


def read_mask(path: Path, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Read a mask: True where a pixel is rendered.

    Parameters
    ----------
    path
        SMV image.
    shape
        Pixels of the detector, ``(slow, fast)``.

    Returns
    -------
    NDArray
        bool, shape ``[slow, fast]``.

    Raises
    ------
    FileError
        When it cannot be read, is damaged, or has another size than the detector (the original
        then reads outside its memory: X-MASKSIZE).
    """
    pixels = read_smv(path).pixels
    if pixels.shape != shape:
        raise FileError(
            f"the mask has {pixels.shape[1]}x{pixels.shape[0]} pixels, the detector "
            f"{shape[1]}x{shape[0]}",
            where=str(path), fix="leave -detpixels out: a mask gives the size",
        )  # fmt: skip
    rendered: NDArray[np.bool_] = pixels != 0
    return rendered


def write_mask(path: Path, rendered: NDArray[np.bool_]) -> None:
    """Write a mask whose header says nothing but its size.

    Raises
    ------
    FileError
        When it cannot be written; nothing is left under its name then.
    """
    slow, fast = rendered.shape
    header = (
        "{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\n"
        f"SIZE1={fast};\nSIZE2={slow};\n}}\f"
    )
    pixels = np.ascontiguousarray(rendered, dtype="<u2")
    write_atomically(path, [header.ljust(512).encode("ascii"), pixels.data.cast("B")])
