"""Conversions from the flags' units, and the constants of the specification (1.2, 1.3).

Whether a value is divided by 1000 or multiplied by 0.001 changes its last bit, and a last bit
can decide a ``ceil`` of the automatic choices: the operations here are the original's.
"""

import math

DEGREES_PER_RADIAN = 180.0 * (1.0 / math.pi)

R_E_SQUARED_M2 = 7.94079248018965e-30
"""Thomson cross-section of one electron, m²."""

DEFAULT_FLUENCE = 125932015286227086360700780544.0
"""photons/m²; times `R_E_SQUARED_M2` it is exactly 1 in double precision."""

HC_EV_ANGSTROM = 12398.42


def mm(value: float) -> float:
    """Millimetres to metres."""
    return value / 1000.0


def milliradian(value: float) -> float:
    """Milliradians to radians."""
    return value / 1000.0


def percent(value: float) -> float:
    """Percent to a fraction."""
    return value / 100.0


def micron(value: float) -> float:
    """Micrometres to metres, as the water's size is converted."""
    return value / 1e6


def micron_times(value: float) -> float:
    """Micrometres to metres, as the sensor's thickness is converted."""
    return value * 1e-6


def angstrom_times(value: float) -> float:
    """Ångström to metres, as the resolution cut-off is converted."""
    return value * 1e-10


def degrees(value: float) -> float:
    """Degrees to radians."""
    return value / DEGREES_PER_RADIAN


def angstrom(value: float) -> float:
    """Ångström to metres (wavelengths)."""
    return value / 1e10


def electronvolt(value: float) -> float:
    """Photon energy in eV to wavelength in metres."""
    return (HC_EV_ANGSTROM / value) / 1e10
