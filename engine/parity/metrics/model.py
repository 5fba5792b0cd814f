"""What every family of measures is: a small class of one shape, fed band by band.

A family sees the two images as a sequence of :class:`Band`, keeps sums but never pixels, and
returns an :class:`Outcome`. It knows from the :class:`Scene` what a first look at both images
found: their extremes, that every pixel is finite, and where the beam is.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.parity.images import Pixels, Roi, Shape

Real: TypeAlias = NDArray[np.float64]
Value: TypeAlias = float | int | tuple[int, int] | None
"""One figure of a comparison; ``None`` only together with a reason."""
Detail: TypeAlias = object
"""Something with a structure (a map, a list), made of numbers, strings, lists and mappings."""

LOG_FLOOR = 1e-6
"""Of the maximum of the C image: what lies below counts as background of that height."""


@dataclass(frozen=True, slots=True)
class About:
    """What a family of measures is, for people.

    Attributes
    ----------
    formula
        With ``x`` = C image, ``y`` = the port's, ``d = y - x``.
    sees
        Faults it is good at.
    blind_to
        Faults that pass it.
    """

    formula: str
    sees: str
    blind_to: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known of both images before their pixels are compared.

    Attributes
    ----------
    shape
        ``(slow, fast)`` of the full images.
    region
        The part that is compared, half-open.
    c_min, c_max, py_min, py_max
        Extremes inside the region; all finite.
    beam
        Where the direct beam hits, ``(slow, fast)`` in pixels from the corner of the full
        image; pixel ``i`` reaches from ``i`` to ``i + 1``.
    """

    shape: Shape
    region: Roi
    c_min: float
    c_max: float
    py_min: float
    py_max: float
    beam: tuple[float, float]

    @property
    def size(self) -> Shape:
        """Numbers of pixels ``(slow, fast)`` of the region."""
        return self.region[1] - self.region[0], self.region[3] - self.region[2]

    @property
    def origin(self) -> tuple[int, int]:
        """Coordinates ``(slow, fast)`` of the region's first pixel."""
        return self.region[0], self.region[2]

    @property
    def log_floor(self) -> float:
        """What is added before a logarithm is taken; 0 when the C image has no positive pixel."""
        return LOG_FLOOR * max(self.c_max, 0.0)


class Band:
    """Some rows of both images, and what more than one family needs of them.

    Parameters
    ----------
    scene
        What is known of both images.
    row
        First row, counted from the region's first.
    x, y
        Pixels of the C image and of the port's, ``[rows, columns]``, all finite.

    Notes
    -----
    Families must not write into its arrays.
    """

    def __init__(self, scene: Scene, row: int, x: Pixels, y: Pixels) -> None:
        self.scene = scene
        self.row = row
        self.raw_x = x
        self.raw_y = y

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.raw_x.shape[0])

    @cached_property
    def x(self) -> Real:
        """The C image in float64."""
        return self.raw_x.astype(np.float64)

    @cached_property
    def y(self) -> Real:
        """The port's image in float64."""
        return self.raw_y.astype(np.float64)

    @cached_property
    def difference(self) -> Real:
        """``y - x``."""
        return self.y - self.x

    @cached_property
    def distance(self) -> Real:
        """``|y - x|``."""
        return np.abs(self.difference)

    @cached_property
    def log_x(self) -> Real:
        """``log(max(x, 0) + floor)``; the scene's floor must be positive."""
        return self._log(self.x, self.scene.c_min)

    @cached_property
    def log_y(self) -> Real:
        """The same of the port's image, with the floor of the C image."""
        return self._log(self.y, self.scene.py_min)

    def _log(self, values: Real, lowest: float) -> Real:
        lifted = values + self.scene.log_floor if lowest >= 0 else np.maximum(values, 0.0)
        if lowest < 0:
            lifted += self.scene.log_floor
        return np.log(lifted, out=lifted)

    def place(self, index: int) -> tuple[int, int]:
        """Return the coordinates in the full image of a flat index into the band."""
        slow, fast = self.scene.origin
        columns = self.raw_x.shape[1]
        return slow + self.row + index // columns, fast + index % columns


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a family found.

    Attributes
    ----------
    values
        Figures by name; names are unique over all families.
    undefined
        Name of each figure without a value, and why it has none.
    details
        What has a structure: maps, profiles, lists.
    """

    values: Mapping[str, Value]
    undefined: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Detail] = field(default_factory=dict)


class Family(Protocol):
    """A family of measures: made for a scene, fed every band in order, asked once."""

    key: ClassVar[str]
    """Its name in result files."""
    about: ClassVar[About]
    names: ClassVar[tuple[str, ...]]
    """The figures it gives, in order."""

    def __init__(self, scene: Scene) -> None: ...

    def add(self, band: Band) -> None:
        """Take some rows."""

    def outcome(self) -> Outcome:
        """Return what was found once every row was seen."""


def undefined(names: tuple[str, ...], reason: str) -> Outcome:
    """Return an outcome in which nothing has a value, for one reason."""
    return Outcome(dict.fromkeys(names), dict.fromkeys(names, reason))


def digits(relative: float) -> float | None:
    """Return ``-log10`` of a relative error: how many digits agree; ``None`` for no error."""
    return -math.log10(relative) if relative > 0 else None
