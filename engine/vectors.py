"""Vectors of three Python floats: the little algebra that the set-up of an experiment needs.

Sums run left to right, (x₁y₁ + x₂y₂) + x₃y₃, as the specification's section 16 asks, so that the
set-up agrees with the original program to the last bit or nearly so. Any component may be a number
that carries a gradient (scalars.py).
"""

from engine.scalars import cos, is_zero, sin, sqrt

Vec3 = tuple[float, float, float]
Mat3 = tuple[Vec3, Vec3, Vec3]

IDENTITY: Mat3 = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def dot(v: Vec3, w: Vec3) -> float:
    """Return v·w."""
    return v[0] * w[0] + v[1] * w[1] + v[2] * w[2]


def cross(v: Vec3, w: Vec3) -> Vec3:
    """Return v×w."""
    return (
        v[1] * w[2] - v[2] * w[1],
        v[2] * w[0] - v[0] * w[2],
        v[0] * w[1] - v[1] * w[0],
    )


def add(*vectors: Vec3) -> Vec3:
    """Return the sum, taken left to right."""
    x, y, z = vectors[0]
    for v in vectors[1:]:
        x, y, z = x + v[0], y + v[1], z + v[2]
    return (x, y, z)


def scale(v: Vec3, factor: float) -> Vec3:
    """Return factor·v."""
    return (factor * v[0], factor * v[1], factor * v[2])


def norm(v: Vec3) -> float:
    """Return |v|."""
    return sqrt(dot(v, v))


def unit(v: Vec3) -> Vec3:
    """Return v/|v|; a zero vector stays zero."""
    length = norm(v)
    if length == 0.0:
        return (0.0, 0.0, 0.0)
    return (v[0] / length, v[1] / length, v[2] / length)


def apply(matrix: Mat3, v: Vec3) -> Vec3:
    """Return the matrix (rows) times v."""
    return (dot(matrix[0], v), dot(matrix[1], v), dot(matrix[2], v))


def rotate_xyz(v: Vec3, angles_rad: Vec3) -> Vec3:
    """Rotate about the fixed lab axes X, then Y, then Z (active, right-handed; spec 6.3).

    An angle of exactly zero is skipped, not multiplied by one.
    """
    x, y, z = v
    ax, ay, az = angles_rad
    if not is_zero(ax):
        c, s = cos(ax), sin(ax)
        y, z = c * y - s * z, s * y + c * z
    if not is_zero(ay):
        c, s = cos(ay), sin(ay)
        x, z = c * x + s * z, c * z - s * x
    if not is_zero(az):
        c, s = cos(az), sin(az)
        x, y = c * x - s * y, s * x + c * y
    return (x, y, z)


def rotate_axis(v: Vec3, axis: Vec3, angle_rad: float) -> Vec3:
    """Rotate v by an angle about an axis, which is not normalised (spec 6.3)."""
    c, s = cos(angle_rad), sin(angle_rad)
    along = dot(axis, v) * (1.0 - c)
    perpendicular = cross(axis, v)
    return (
        axis[0] * along + v[0] * c + perpendicular[0] * s,
        axis[1] * along + v[1] * c + perpendicular[1] * s,
        axis[2] * along + v[2] * c + perpendicular[2] * s,
    )
