"""Reading SMV images: a text header and 16-bit pixels (spec 4.7)."""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from engine.errors import FileError

_SMALLEST_HEADER = 512
_LARGEST_HEADER = 1 << 20
_LARGEST_SIDE = 1 << 20
_MAGIC = b"{\nHEADER_BYT"
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class SmvHeader:
    """The text of an SMV header.

    Parameters
    ----------
    text
        Everything before the pixels.
    path
        The file it was read from, for messages.
    """

    text: str
    path: str

    def number(self, keyword: str) -> float | None:
        """Return the number after the last place where a keyword's characters occur.

        That place may be the end of a longer keyword: ``DISTANCE`` finds ``CLOSE_DISTANCE``
        (Q-HDRKEY). None when the keyword is absent or no finite number follows.
        """
        found = self.text.rfind(keyword)
        equals = self.text.find("=", found) if found >= 0 else -1
        if equals < 0:
            return None
        match = _NUMBER.match(self.text, equals + 1)
        value = float(match.group(1)) if match else 0.0
        return value if math.isfinite(value) else None

    def owner(self, keyword: str) -> str | None:
        """Return the longer keyword whose number `number` returns; None when there is none."""
        found = self.text.rfind(keyword)
        if found < 0:
            return None
        start = found
        while start > 0 and (self.text[start - 1].isalnum() or self.text[start - 1] == "_"):
            start -= 1
        name = self.text[start : found + len(keyword)]
        return name if name != keyword else None

    @property
    def shape(self) -> tuple[int, int]:
        """Pixels, ``(slow, fast)``.

        Raises
        ------
        FileError
            When the header gives none that is possible.
        """
        fast, slow = self.number("SIZE1") or 0.0, self.number("SIZE2") or 0.0
        if fast == 0.0:
            match = re.search(r"DETECTOR_DIMENSIONS[^=]*=\s*(\d+)\s+(\d+)", self.text)
            fast, slow = (float(match.group(1)), float(match.group(2))) if match else (0.0, 0.0)
        if not (1 <= fast <= _LARGEST_SIDE and 1 <= slow <= _LARGEST_SIDE):
            raise FileError("its header gives no possible image size", where=self.path)
        return int(slow), int(fast)

    @property
    def byte_order(self) -> str:
        """``<`` or ``>``, as NumPy writes it."""
        return ">" if "BYTE_ORDER=big" in self.text.replace(" ", "") else "<"


@dataclass(frozen=True, slots=True, eq=False)
class SmvImage:
    """An image: its header, and uint16 pixels of shape ``[slow, fast]``."""

    header: SmvHeader
    pixels: NDArray[np.uint16]


def read_smv_header(path: Path) -> SmvHeader:
    """Read a header, whatever follows it.

    Raises
    ------
    FileError
        When the file cannot be read, is no SMV image or is too short.
    """
    try:
        with path.open("rb") as stream:
            return _header(stream, path)
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read the image: {error}", where=str(path)) from error


def read_smv(path: Path) -> SmvImage:
    """Read an image.

    Raises
    ------
    FileError
        When the file cannot be read, is no SMV image, gives no size, or holds too few pixels.
    """
    try:
        with path.open("rb") as stream:
            header = _header(stream, path)
            slow, fast = header.shape
            # Not more than asked for: a header may promise terabytes.
            data = stream.read(slow * fast * 2)
    except (OSError, ValueError, MemoryError) as error:
        raise FileError(f"cannot read the image: {error}", where=str(path)) from error
    if len(data) < slow * fast * 2:
        raise FileError(
            f"holds {len(data)} bytes of pixels, its header promises {slow * fast * 2}",
            where=str(path),
        )
    pixels = np.frombuffer(data, dtype=header.byte_order + "u2").reshape(slow, fast)
    return SmvImage(header, pixels.astype(np.uint16))


def _header(stream: IO[bytes], path: Path) -> SmvHeader:
    start = stream.read(_SMALLEST_HEADER)
    if not start.startswith(_MAGIC):
        raise FileError("is not an SMV image", where=str(path))
    if len(start) < _SMALLEST_HEADER:
        raise FileError("is shorter than an SMV header", where=str(path))
    header = SmvHeader(start.decode("latin-1"), str(path))
    if "BYTE_ORDER" not in header.text:
        raise FileError("its header lacks BYTE_ORDER", where=str(path))
    stated = header.number("HEADER_BYTES")
    size = _SMALLEST_HEADER if stated is None else stated
    if not _SMALLEST_HEADER <= size <= _LARGEST_HEADER:
        raise FileError(f"a header of {size:g} bytes is impossible", where=str(path))
    rest = stream.read(int(size) - _SMALLEST_HEADER)
    if len(start) + len(rest) < int(size):
        raise FileError("is shorter than its header says", where=str(path))
    return SmvHeader((start + rest).decode("latin-1"), str(path))
