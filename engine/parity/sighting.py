"""Which reflection a pixel looks at, from the console report that both programs print.

The report tells the placed detector and the oriented cell with six significant digits, which
is enough to name a spot; nothing is simulated, and no file of the experiment is needed.
"""

import re
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from engine.parity.parameters import EffectiveParameters

_ORIGIN = re.compile(r"dials origin=\s*(\S+)\s+(\S+)\s+(\S+)")

_Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sight:
    """What lies in the direction of a pixel.

    Attributes
    ----------
    hkl
        Fractional Miller indices at the first spindle position.
    resolution_A
        Spacing ``d`` of the lattice planes, angstrom; infinite in the direct beam.
    """

    hkl: tuple[float, float, float]
    resolution_A: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """Detector, beam and crystal of one experiment.

    Attributes
    ----------
    corner_m
        From the sample to the outer corner of pixel (0, 0), metres.
    fast, slow, beam
        Unit vectors.
    pixel_m
        Edge of a pixel, metres.
    wavelength_A
        Of the first source, angstrom.
    cell_A
        Rows a, b, c in real space at the first spindle position, angstrom.
    """

    corner_m: _Vector
    fast: _Vector
    slow: _Vector
    beam: _Vector
    pixel_m: float
    wavelength_A: float
    cell_A: NDArray[np.float64]

    @classmethod
    def from_console(cls, text: str) -> Self:
        """Read what a program printed.

        Raises
        ------
        ParametersError
            The text is no console report.
        LookupError
            The report does not tell the detector's origin or the cell's orientation.
        """
        values = EffectiveParameters.from_console(text).values
        origin = _ORIGIN.search(text)
        if origin is None:
            raise LookupError("the report tells no detector origin")
        z, y, minus_x = (float(word) * 1e-3 for word in origin.groups())
        columns = np.array([_numbers(values[f"real_space_{axis}_A"]) for axis in "xyz"])
        spindle = _numbers(values["spindle_axis"])
        turned = _rotation(spindle, np.deg2rad(float(values.get("phi_from_deg", "0"))))
        return cls(
            corner_m=np.array([-minus_x, y, z]),
            fast=_numbers(values["fast_axis"]),
            slow=_numbers(values["slow_axis"]),
            beam=_numbers(values["beam_axis"]),
            pixel_m=float(values["pixel_m"].split()[0]),
            wavelength_A=float(values["lambda_m"]) * 1e10,
            cell_A=columns.T @ turned.T,
        )

    def at(self, slow: float, fast: float) -> Sight:
        """Return what a point of the image looks at; a pixel's centre is at its index + 1/2."""
        scattering = self._scattering(np.float64(slow), np.float64(fast))
        h, k, l = (float(n) for n in self.cell_A @ scattering)  # noqa: E741  (Miller's letter)
        size = float(np.linalg.norm(scattering))
        return Sight((h, k, l), 1.0 / size if size else float("inf"))

    def inverse_resolution(self, slow: NDArray[Any], fast: NDArray[Any]) -> NDArray[np.float64]:
        """Return ``1/d`` in 1/angstrom for arrays of points; see :meth:`at`."""
        size: NDArray[np.float64] = np.linalg.norm(self._scattering(slow, fast), axis=-1)
        return size

    def _scattering(self, slow: Any, fast: Any) -> NDArray[np.float64]:
        place = (
            self.corner_m
            + np.multiply.outer(np.asarray(slow) * self.pixel_m, self.slow)
            + np.multiply.outer(np.asarray(fast) * self.pixel_m, self.fast)
        )
        away = place / np.linalg.norm(place, axis=-1, keepdims=True)
        out: NDArray[np.float64] = (away - self.beam) / self.wavelength_A
        return out


def _numbers(words: str) -> _Vector:
    return np.array([float(word) for word in words.split()])


def _rotation(axis: _Vector, angle: float) -> NDArray[np.float64]:
    """Return the matrix that turns vectors about a unit axis (Rodrigues)."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    out: NDArray[np.float64] = (
        np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    )
    return out
