"""Solid angle, polarisation, absorption and the resolution cut (spec 8.4, 9.3, 9.4)."""

import torch
from torch import Tensor

from engine.kernel.place import Place
from engine.kernel.scene import Corrections, Sources


def solid_angle(corrections: Corrections, inverse_r: Tensor, dtype: torch.dtype) -> Tensor:
    """Return the solid angle of whole pixels, steradian."""
    low = inverse_r.to(dtype)
    power = low * low
    if corrections.omega_power == 3:
        power = power * low
    return power * corrections.omega_scale.to(dtype)


def polarisation(
    kahn_factor: float | Tensor, sources: Sources, source: int, place: Place, dtype: torch.dtype
) -> Tensor:
    """Return the polarisation factor for one source.

    K cos(2ψ)(1 - c²) of the specification is K((d·E)² - (d·B)²), because B, E and i are
    orthonormal: no angle ψ, and no singularity in the direct beam.
    """
    low = place.inverse_r.to(dtype)
    c = place.along(sources.incident[source], dtype) * low
    factor = 0.5 + 0.5 * (c * c)
    if isinstance(kahn_factor, float) and kahn_factor == 0.0:
        return factor
    if isinstance(kahn_factor, Tensor):
        kahn_factor = kahn_factor.to(dtype)
    e = place.along(sources.polar_e[source], dtype) * low
    b = place.along(sources.polar_b[source], dtype) * low
    return factor - (0.5 * kahn_factor) * (e * e - b * b)


def capture(
    corrections: Corrections, place: Place, layer: int | Tensor, dtype: torch.dtype
) -> Tensor:
    """Return the fraction of photons that a layer captures, for a sensor of some thickness."""
    attenuation = corrections.depth_attenuation
    assert attenuation is not None  # noqa: S101 - callers asked
    if isinstance(attenuation, Tensor):
        attenuation = attenuation.to(dtype)
    rho = place.along(corrections.normal, dtype) * place.inverse_r.to(dtype)
    per_layer = -attenuation / rho
    return torch.exp(layer * per_layer) - torch.exp((layer + 1) * per_layer)


def passes(dmin_m: float, sources: Sources, source: int, place: Place) -> Tensor:
    """Whether a source's photons scatter to no higher resolution than dmin: d_min·|q| ≤ 1."""
    c = place.along(sources.incident[source], torch.float64) * place.inverse_r
    q_sq = (1.0 + sources.incident_sq[source]) - 2.0 * c
    limit = sources.wavelength_m[source] / dmin_m
    return q_sq <= limit * limit
