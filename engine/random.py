"""The original's random numbers: Park and Miller's generator with a Bays–Durham shuffle.

References: S. K. Park and K. W. Miller, Communications of the ACM 31 (1988) 1192; C. Bays and
S. D. Durham, ACM Transactions on Mathematical Software 2 (1976) 59. Which numbers are drawn, and
in which order, is specification section 11.
"""

import math
import struct
from dataclasses import dataclass, field

from engine.scalars import cos, is_tracked, sin
from engine.vectors import Mat3, Vec3, norm, scale

MODULUS = 2147483647
MULTIPLIER = 16807
UNIT = 1.0 / MODULUS
"""Deviate of the whole number one."""
TABLE_SIZE = 32
_WARM_UP = 8
BIN_SHIFT = 26
_RANDOM_ORIENTATION_SPREAD_RAD = 90.0


def float32(value: float) -> float:
    """Round a double to the nearest float32, as a C assignment to ``float`` does."""
    rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return rounded


LARGEST = float32(1.0 - 1.2e-7)


@dataclass(slots=True)
class ShuffleTable:
    """The shuffle table and last output, which all streams of a run share (spec 11.1)."""

    entries: list[int] = field(default_factory=lambda: [0] * TABLE_SIZE)
    last: int = 0


@dataclass(slots=True)
class Stream:
    """One stream of uniform deviates.

    Parameters
    ----------
    state
        The stored seed, which is minus the number on the command line. Zero or a negative value
        fills the shared table anew at the first draw.
    table
        Shared by the streams of one run.
    """

    state: int
    table: ShuffleTable = field(default_factory=ShuffleTable)

    def fill_table_if_due(self) -> None:
        """Fill the shared table when the stored seed or an empty table asks for it."""
        table = self.table
        if self.state > 0 and table.last != 0:
            return
        self.state = 1 if -self.state < 1 else -self.state
        for j in range(TABLE_SIZE + _WARM_UP - 1, -1, -1):
            self.state = MULTIPLIER * self.state % MODULUS
            if j < TABLE_SIZE:
                table.entries[j] = self.state
        table.last = table.entries[0]

    def draw(self) -> float:
        """Return the next deviate in (0, 1), a float32 value."""
        table = self.table
        self.fill_table_if_due()
        self.state = MULTIPLIER * self.state % MODULUS
        j = table.last >> BIN_SHIFT
        table.last = table.entries[j]
        table.entries[j] = self.state
        return min(float32(table.last * UNIT), LARGEST)


def random_rotation(stream: Stream, spread_rad: float) -> Mat3:
    """Draw a rotation by at most ``spread_rad`` about a random axis (spec 6.6).

    Returns
    -------
    Mat3
        Rows of the rotation matrix.
    """
    r1 = 2.0 * stream.draw() - 1.0
    r2 = 2.0 * stream.draw() - 1.0
    r3 = 2.0 * stream.draw() - 1.0
    rho = math.sqrt(1.0 - r2 * r2)
    x, y, z = rho * math.sin(math.pi * r1), rho * math.cos(math.pi * r1), r2
    # The original takes a single-precision power of single-precision arguments.
    power = float32(float32(1.0 - r3 * r3) ** float32(1.0 / 3.0))
    # Rounded to single precision the angle is a staircase, which has no derivative.
    omega = spread_rad * power if is_tracked(spread_rad) else float32(float32(spread_rad) * power)
    c, s = cos(omega), sin(omega)
    t = 1.0 - c
    return (
        (t * x * x + c, t * x * y - s * z, t * x * z + s * y),
        (t * x * y + s * z, t * y * y + c, t * y * z - s * x),
        (t * x * z - s * y, t * y * z + s * x, t * z * z + c),
    )


def mosaic_rotations(stream: Stream, spread_rad: float, domains: int) -> tuple[Mat3, ...]:
    """Draw the rotations of all mosaic domains (spec 6.6).

    The first domain is not rotated, but its deviates are drawn.
    """
    drawn = [random_rotation(stream, spread_rad) for _ in range(domains)]
    drawn[0] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    return tuple(drawn)


def random_misset(stream: Stream) -> Vec3:
    """Draw a random orientation as angles about X, Y, Z in radians (spec 6.4).

    The original hands the number 90 to a routine that expects radians; the orientations it gives
    depend on that.
    """
    rows = random_rotation(stream, _RANDOM_ORIENTATION_SPREAD_RAD)
    ux, uy, uz = (scale(row, 1.0 / norm(row)) for row in rows)
    if uz[0] * uz[0] < 1.0:
        return (
            math.atan2(uz[1], uz[2]),
            math.atan2(-uz[0], math.sqrt(uz[1] * uz[1] + uz[2] * uz[2])),
            math.atan2(uy[0], ux[0]),
        )
    return (math.pi, math.pi / 2.0, math.atan2(ux[1], -uy[1]))
