"""Raw float images: float32, little-endian, slow axis outermost, no header (spec 10.1)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import FileError
from engine.formats.atomic import write_atomically


def write_float_image(path: Path, image: NDArray[np.floating]) -> None:
    """Write an image of shape ``[slow, fast]``.

    Raises
    ------
    FileError
        When it cannot be written; nothing is left under its name then.
    """
    raw = np.ascontiguousarray(image, dtype="<f4")
    write_atomically(path, [raw.data.cast("B")])


def read_float_image(path: Path, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Read an image of shape ``[slow, fast]``.

    Raises
    ------
    FileError
        When it cannot be read or has another size.
    """
    try:
        raw = np.fromfile(path, dtype="<f4")
    except OSError as error:
        raise FileError(f"cannot read the image: {error}", where=str(path)) from error
    if raw.size != shape[0] * shape[1]:
        raise FileError(f"holds {raw.size} pixels, {shape[0]}x{shape[1]} expected", where=str(path))
    return raw.reshape(shape).astype(np.float32, copy=False)
