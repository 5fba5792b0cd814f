"""Reading PGM previews: binary, 8 bits (spec 10.3)."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import FileError

_HEADER = re.compile(rb"P5\s(?:#[^\n]*\n|\s)*(\d+)(?:#[^\n]*\n|\s)+(\d+)(?:#[^\n]*\n|\s)+255\s")
_LONGEST_HEADER = 4096
_LARGEST_SIDE = 1 << 20


def read_pgm(path: Path) -> NDArray[np.uint8]:
    """Read grey levels, shape ``[slow, fast]``.

    Raises
    ------
    FileError
        When the file cannot be read, is no binary PGM of 8 bits or holds too few pixels.
    """
    try:
        with path.open("rb") as stream:
            header = _HEADER.match(stream.read(_LONGEST_HEADER))
            if header is None or max(len(size) for size in header.groups()) > 7:
                raise FileError("is not a binary PGM of 8 bits", where=str(path))
            fast, slow = (int(size) for size in header.groups())
            if not (0 < fast <= _LARGEST_SIDE and 0 < slow <= _LARGEST_SIDE):
                raise FileError(f"{fast}x{slow} pixels are impossible", where=str(path))
            stream.seek(header.end())
            data = stream.read(slow * fast)
    except (OSError, ValueError, MemoryError) as error:
        raise FileError(f"cannot read the preview: {error}", where=str(path)) from error
    if len(data) < slow * fast:
        raise FileError(f"holds {len(data)} of {slow * fast} pixels", where=str(path))
    return np.frombuffer(data, dtype=np.uint8).reshape(slow, fast).copy()
