"""What the headers of ``-img`` and ``-mask`` say, as the flags would say it (spec 4.7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from engine.errors import FileError
from engine.formats.smv import SmvHeader, read_smv_header
from engine.units import angstrom, degrees, mm

_DEFAULT_SIZE_M = 0.1024
_LENGTHS = (
    ("DISTANCE", "distance"),
    ("CLOSE_DISTANCE", "close_distance"),
    ("BEAM_CENTER_X", "Xbeam"),
    ("BEAM_CENTER_Y", "Ybeam"),
)
_ANGLES = (("PHI", "phi"), ("OSC_RANGE", "osc"))


@dataclass(frozen=True, slots=True)
class Headers:
    """Values by field name, in internal units, and a warning line for each oddity."""

    values: Mapping[str, object]
    warnings: tuple[str, ...] = ()


def read_headers(tokens: Sequence[str], *, corrected: bool) -> Headers:
    """Read the headers of the files that a command line names.

    The mask is always read first, so that the image wins; of several the last counts (spec 2).

    Parameters
    ----------
    tokens
        The command line.
    corrected
        Whether a file that cannot be opened is an error; the original ignores it (Q-FILES).

    Raises
    ------
    FileError
        When a header is damaged.
    """
    values: dict[str, object] = {}
    warnings: list[str] = []
    for keyword in ("-mask", "-img"):
        name = _operand(tokens, keyword)
        if name is None:
            continue
        problem = _cannot_open(name)
        if problem is not None:
            if corrected:
                raise FileError(f"cannot read the image: {problem}", where=name)
            warnings.append(f"{name}: {keyword} is ignored: {problem} (Q-FILES)")
            continue
        header = read_smv_header(Path(name))
        values.update(header_values(header, is_mask=keyword == "-mask"))
        if keyword == "-mask":
            values["mask_file"] = name
            warnings.append(f"{name}: the mask's header also sets the geometry (Q-MASKGEOM)")
        borrowed = _borrowed(header)
        if borrowed:
            warnings.append(f"{name}: {borrowed} (Q-HDRKEY)")
        if header.number("TWOTHETA"):
            warnings.append(f"{name}: TWOTHETA in its header is not used (Q-HDR2TH)")
    return Headers(values, tuple(warnings))


def _borrowed(header: SmvHeader) -> str:
    """Say which keywords found their number in a longer keyword."""
    names = (*(keyword for keyword, _ in (*_LENGTHS, *_ANGLES)), "ORGX", "ORGY")
    pairs = ((name, header.owner(name)) for name in names)
    return ", ".join(f"{name} is read from {owner}" for name, owner in pairs if owner)


def header_values(header: SmvHeader, *, is_mask: bool) -> dict[str, object]:
    """Return what a header sets, by field name.

    Raises
    ------
    FileError
        When it gives no possible size.
    """
    slow, fast = header.shape
    values: dict[str, object] = {"pixels_f": fast, "pixels_s": slow}
    pixel = header.number("PIXEL_SIZE")
    size_slow = _DEFAULT_SIZE_M
    if pixel is not None:
        size_slow = mm(pixel) * slow
        values |= {"pixel": mm(pixel), "detsize_f": mm(pixel) * fast, "detsize_s": size_slow}
    wavelength = header.number("WAVELENGTH")
    if wavelength is not None:
        values["wavelength"] = angstrom(wavelength)
    for keyword, name in _LENGTHS:
        length = header.number(keyword)
        if length is not None:
            values[name] = mm(length)
            if is_mask and name == "Ybeam":
                values[name] = size_slow - mm(length)
    for keyword in ("ORGX", "ORGY"):
        origin = header.number(keyword)
        if origin is not None:
            values[keyword] = origin
    for keyword, name in _ANGLES:
        angle = header.number(keyword)
        if angle is not None:
            values[name] = degrees(angle)
    return values


def _operand(tokens: Sequence[str], keyword: str) -> str | None:
    found = None
    for token, following in pairwise(tokens):
        if token.startswith("-") and keyword in token:
            found = following
    return found


def _cannot_open(name: str) -> str | None:
    try:
        with Path(name).open("rb"):
            return None
    except (OSError, ValueError) as error:
        return str(error)
