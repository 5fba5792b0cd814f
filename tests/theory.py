"""Diffraction from textbooks, in float64: what the acceptance tests hold both programs against.

Nothing here is taken from the engine. A detector is a plane in the laboratory, a crystal is a
block of unit cells whose waves are added one by one, and a reflection lies where Bragg's law
puts it. The laboratory frame is nanoBragg's for MOSFLM unless a test says otherwise: the beam
along X, the fast axis along Z, the slow axis along -Y (spec 7.1).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

Reals = NDArray[np.float64]

BEAM = np.array([1.0, 0.0, 0.0])
FAST = np.array([0.0, 0.0, 1.0])
SLOW = np.array([0.0, -1.0, 0.0])
NO_ROTATION = Rotation.identity()


@dataclass(frozen=True)
class Plane:
    """A flat detector.

    Attributes
    ----------
    shape
        Slow and fast pixels.
    pixel_mm
        Edge of a pixel.
    corner_mm
        Outer corner of pixel (0, 0), from the sample.
    fast, slow
        Unit vectors along rows and columns.
    """

    shape: tuple[int, int]
    pixel_mm: float
    corner_mm: Reals
    fast: Reals
    slow: Reals

    def points_mm(self) -> Reals:
        """Return the centres of the pixels, ``[slow, fast, 3]``."""
        slow, fast = (np.arange(n)[:, None] + 0.5 for n in self.shape)
        rows = (slow * self.pixel_mm * self.slow)[:, None, :]
        return np.asarray(self.corner_mm + rows + (fast * self.pixel_mm * self.fast)[None])

    def hit(self, direction: ArrayLike) -> Reals:
        """Return the slow and fast index at which rays from the sample meet the plane.

        Whole numbers are pixel centres. ``direction`` has shape ``[..., 3]``.
        """
        rays = np.asarray(direction, float)
        normal = np.cross(self.fast, self.slow)
        length = (self.corner_mm @ normal) / (rays @ normal)
        inside = rays * length[..., None] - self.corner_mm
        return np.stack([inside @ self.slow, inside @ self.fast], axis=-1) / self.pixel_mm - 0.5

    def direction(self, position_px: ArrayLike) -> Reals:
        """Return unit vectors towards slow and fast indices ``[..., 2]``."""
        edge = (np.asarray(position_px, float) + 0.5) * self.pixel_mm
        points = self.corner_mm + edge[..., :1] * self.slow + edge[..., 1:] * self.fast
        return np.asarray(points / np.linalg.norm(points, axis=-1, keepdims=True))

    def solid_angles(self) -> Reals:
        """Return area times cosine of incidence over distance squared for each pixel, sr."""
        points = self.points_mm()
        distance = np.linalg.norm(points, axis=-1)
        cosine = np.abs(points @ np.cross(self.fast, self.slow)) / distance
        return np.asarray(self.pixel_mm**2 * cosine / distance**2)


def mosflm_plane(
    shape: tuple[int, int],
    pixel_mm: float,
    distance_mm: float,
    centre_px: tuple[float, float] | None = None,
    tilt: Rotation = NO_ROTATION,
) -> Plane:
    """Return the plane of a MOSFLM detector turned about the spot of the direct beam.

    ``centre_px`` is the slow and fast index of that spot; by default half a pixel beyond the
    middle of the detector, because MOSFLM's default centre is n/2 + 1 edges from the corner.
    """
    slow_px, fast_px = centre_px or (shape[0] / 2 + 0.5, shape[1] / 2 + 0.5)
    fast, slow = tilt.apply(FAST), tilt.apply(SLOW)
    spot = distance_mm * BEAM
    corner = spot - (fast_px + 0.5) * pixel_mm * fast - (slow_px + 0.5) * pixel_mm * slow
    return Plane(shape, pixel_mm, corner, fast, slow)


def lab_rotation(x_deg: float, y_deg: float, z_deg: float) -> Rotation:
    """Return the rotation about the fixed axes X, then Y, then Z (degrees)."""
    return Rotation.from_euler("xyz", (x_deg, y_deg, z_deg), degrees=True)


def reciprocal_axes(cell: tuple[float, ...]) -> Reals:
    """Return a*, b*, c* as rows, Å⁻¹ without 2π: a* along X, b* in the plane of X and Y.

    From the metric tensor of the cell: the Gram matrix of the reciprocal vectors is its
    inverse, and the triangular factor of a Gram matrix is a set of vectors that have it.
    """
    edges = np.array(cell[:3])
    al, be, ga = np.cos(np.radians(cell[3:]))
    gram = np.outer(edges, edges) * np.array([[1, ga, be], [ga, 1, al], [be, al, 1]])
    return np.asarray(np.linalg.cholesky(np.linalg.inv(gram)))


def real_axes(cell: tuple[float, ...], orientation: Rotation = NO_ROTATION) -> Reals:
    """Return a, b, c as rows, Å, of the cell turned from its default orientation."""
    return np.asarray(orientation.apply(np.linalg.inv(reciprocal_axes(cell)).T))


def interference(
    directions: Reals,
    axes: Reals,
    cells: tuple[int, int, int],
    wavelength: float,
    incident: Reals = BEAM,
) -> Reals:
    """Return |Σ exp(2πi q·r)|² over a block of cells, their waves added one by one.

    ``directions`` are unit vectors ``[..., 3]``, ``axes`` the rows a, b, c in Å, and the
    wavelength is in Å. The sum over a block is the product of the sums along its edges.
    """
    q = (directions - incident) / wavelength
    total = np.ones(directions.shape[:-1])
    for axis, count in zip(axes, cells, strict=True):
        phase = 2j * math.pi * (q @ axis)
        wave = sum((np.exp(phase * n) for n in range(count)), np.zeros_like(phase))
        total *= np.abs(wave) ** 2
    return total


def thomson(
    directions: Reals, kahn: float, electric: Reals = FAST, incident: Reals = BEAM
) -> Reals:
    """Return the polarisation factor of a beam that is partly polarised along ``electric``.

    A dipole along ê radiates 1 - (d·ê)². The beam is a mixture of (1 + K)/2 with its field
    along ``electric`` and (1 - K)/2 at right angles to it and to the beam.
    """
    across = np.cross(electric, incident)
    along = 1.0 - (directions @ electric) ** 2
    return np.asarray((1 + kahn) / 2 * along + (1 - kahn) / 2 * (1.0 - (directions @ across) ** 2))


def towards_bragg(axes: Reals, hkl: tuple[int, int, int], wavelength: float) -> Rotation:
    """Return the smallest rotation that brings a reflection of the lattice on Ewald's sphere.

    ``axes`` are the rows a*, b*, c* in Å⁻¹.
    """
    q = np.array(hkl) @ axes
    sine = wavelength * np.linalg.norm(q) / 2.0
    # On the sphere q makes 90° + θ with the beam; turn it within the plane it has with the beam.
    wanted = math.pi / 2 + math.asin(sine)
    now = math.acos(float(q @ BEAM / np.linalg.norm(q)))
    axis = np.cross(BEAM, q)
    return Rotation.from_rotvec((wanted - now) * axis / np.linalg.norm(axis))


def diffracted(axes: Reals, hkl: tuple[int, int, int], wavelength: float) -> Reals:
    """Return the direction into which a reflection on Ewald's sphere scatters."""
    return np.asarray(BEAM + wavelength * (np.array(hkl) @ axes))


def misset(orientation: Rotation) -> str:
    """Return the flag that turns the crystal from its default orientation."""
    angles = orientation.as_euler("xyz", degrees=True)
    return "-misset " + " ".join(repr(float(angle)) for angle in angles)


def photons(
    plane: Plane,
    axes: Reals,
    cells: tuple[int, int, int],
    wavelength: float,
    *,
    amplitude: float,
    kahn: float | None = 0.0,
    incident: Reals = BEAM,
    electric: Reals = FAST,
) -> Reals:
    """Return the image of a still, at nanoBragg's default fluence of 1/r_e² photons.

    Without ``kahn`` every direction is polarised alike.
    """
    rays = plane.points_mm()
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    waves = interference(rays, axes, cells, wavelength, incident)
    weight = plane.solid_angles()
    if kahn is not None:
        weight = weight * thomson(rays, kahn, electric, incident)
    return np.asarray(amplitude**2 * waves * weight)
