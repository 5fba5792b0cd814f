"""From an experiment to the constants of the kernel, gradients included."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from engine.beam import Beam, Source, polarisation_frame, sources
from engine.crystal import (
    Lattice,
    first_path_differs,
    mosaic_matrices,
    phi_orientations,
    rotate_axes,
)
from engine.errors import UsageError
from engine.experiment import Experiment
from engine.formats.table import ReflectionTable
from engine.geometry import PlacedDetector
from engine.kernel import Camera, Corrections, CrystalShape, Scene, Sources, Table, Terms
from engine.kernel.factors import windows
from engine.kernel.place import basis
from engine.scalars import is_tracked
from engine.tensors import Nested, tensor_of
from engine.units import R_E_SQUARED_M2
from engine.vectors import Mat3, dot

_WATER_F = 2.57
_WATER_G_PER_MOL = 18.0
_WATER_G_PER_M3 = 1e6
_AVOGADRO = 6.02214179e23


class _Maker:
    """Makes float64 tensors on one device."""

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def __call__(self, numbers: Nested) -> Tensor:
        return tensor_of(numbers, device=self.device)


def prepare(
    experiment: Experiment,
    table: ReflectionTable | None,
    *,
    device: torch.device,
    dtype: torch.dtype,
    amplitudes: Tensor | None = None,
) -> Scene:
    """Turn an experiment into what the kernel needs.

    Parameters
    ----------
    experiment
        What to simulate; its numbers may carry gradients.
    table
        Its reflections.
    device, dtype
        Where and in which precision the kernel works.
    amplitudes
        Structure factors in place of the table's own, shape ``[h, k, l]``.
    """
    make = _Maker(device)
    placed, lattice = experiment.placed(), experiment.lattice()
    camera = _camera(experiment, placed, make)
    on_basis = basis(camera)
    beams = sources(experiment.beam, placed)
    first_axes, later_axes = step_orientations(experiment, placed, lattice)
    beam = experiment.beam
    background = _water(beam)
    mask = experiment.mask()
    factors = experiment.structure_factors
    default_F = make(factors.default_F)
    reflections = None if table is None else _table(table, amplitudes, default_F, dtype)
    interpolate = factors.interpolate and reflections is not None and reflections.can_interpolate
    if interpolate and reflections is not None and _reads_windows(reflections):
        reflections = replace(reflections, windows=windows(reflections))
    return Scene(
        camera=camera,
        terms=_terms(experiment, beams, later_axes, on_basis, make),
        first_terms=(
            None if first_axes is None
            else _terms(experiment, beams, first_axes, on_basis, make)
        ),
        sources=_sources(placed, beams, on_basis, make),
        crystal=_crystal(experiment, lattice, make),
        table=reflections,
        default_F=default_F,
        interpolate=interpolate,
        corrections=_corrections(experiment, placed, on_basis, make),
        background=make(background),
        has_background=beam.water_m != 0.0,
        scale=make(R_E_SQUARED_M2 * beam.fluence / experiment.steps),
        mask=None if mask is None else torch.from_numpy(mask).to(device),
    )  # fmt: skip


def _water(beam: Beam) -> float:
    """Return I_bg: the scattering of a cube of water, with the fluence in it (spec 9.9)."""
    molecules = beam.water_m**3 * _WATER_G_PER_M3 * _AVOGADRO / _WATER_G_PER_MOL
    return _WATER_F * _WATER_F * R_E_SQUARED_M2 * beam.fluence * molecules


def _camera(experiment: Experiment, placed: PlacedDetector, make: _Maker) -> Camera:
    detector = experiment.detector
    four = torch.stack([make(v) for v in (placed.pix0_m, placed.fdet, placed.sdet, placed.odet)])
    return Camera(
        shape=experiment.shape,
        pixel_m=float(detector.pixel_m),
        oversample=experiment.sampling.oversample,
        pix0=make(placed.pix0_m),
        fdet=make(placed.fdet),
        sdet=make(placed.sdet),
        odet=make(placed.odet),
        beam=make(placed.beam),
        gram=four @ four.T,
        distance_m=make(placed.distance_m),
        curved=detector.curved,
        corrected=experiment.corrected,
        layers=detector.sensor.layers,
        layer_step_m=float(detector.sensor.step_m),
    )


def step_orientations(
    experiment: Experiment, placed: PlacedDetector, lattice: Lattice
) -> tuple[tuple[Mat3, ...] | None, tuple[Mat3, ...]]:
    """Return a, b, c of each spindle step: of the first path if it differs, and of all others."""
    axes, angles = lattice.axes_m, experiment.phi.angles_rad
    if experiment.corrected:
        true = tuple(rotate_axes(axes, placed.spindle, phi) for phi in angles)
        return None, true
    later = phi_orientations(axes, placed.spindle, angles)
    if not first_path_differs(angles):
        return None, later
    # Only the leading steps at φ = 0 differ: from the first rotated step on, all paths agree.
    leading = next(j for j, phi in enumerate(angles) if phi != 0.0)
    first = tuple(rotate_axes(axes, placed.spindle, phi) for phi in angles[:leading])
    return first + later[leading:], later


def _terms(
    experiment: Experiment,
    beams: Sequence[Source],
    orientations: Sequence[Mat3],
    on_basis: Tensor,
    make: _Maker,
) -> Terms:
    """Return the terms in nanoBragg's loop order: source, spindle step, domain (spec 9.1)."""
    rotations = mosaic_matrices(experiment.crystal)
    spread = experiment.crystal.mosaic_spread_rad
    if spread <= 0.0 and not is_tracked(spread):
        # All domains are the same crystal; each still counts as a step.
        rotations = (rotations[0],) * len(rotations)
    vectors = torch.einsum("mxy,pay->pmax", make(rotations), make(tuple(orientations)))
    wavelengths = make([beam.wavelength_m for beam in beams])
    scaled = vectors.flatten(0, 1) / wavelengths[:, None, None, None]
    incident = make([beam.incident for beam in beams])
    offsets = -torch.einsum("spax,sx->asp", scaled, incident)
    indices = torch.einsum("spax,bx->absp", scaled, on_basis)
    return Terms(
        indices.flatten(2)[..., None, None].contiguous(),
        offsets.flatten(1)[..., None, None].contiguous(),
    )


def _sources(
    placed: PlacedDetector, beams: Sequence[Source], on_basis: Tensor, make: _Maker
) -> Sources:
    frames = [polarisation_frame(placed.polar, beam.incident) for beam in beams]
    incident = make([beam.incident for beam in beams])
    return Sources(
        incident=incident @ on_basis.T,
        polar_b=make([frame[0] for frame in frames]) @ on_basis.T,
        polar_e=make([frame[1] for frame in frames]) @ on_basis.T,
        incident_sq=(incident * incident).sum(1),
        wavelength_m=make([beam.wavelength_m for beam in beams]),
    )


def _crystal(experiment: Experiment, lattice: Lattice, make: _Maker) -> CrystalShape:
    crystal = experiment.crystal
    a, b, c = lattice.a_star, lattice.b_star, lattice.c_star
    volume = crystal.cells[0] * crystal.cells[1] * crystal.cells[2]
    products = (dot(a, a), dot(b, b), dot(c, c), 2 * dot(a, b), 2 * dot(b, c), 2 * dot(c, a))
    return CrystalShape(
        shape=crystal.shape,
        cells=make(crystal.cells),
        fudge=float(crystal.fudge),
        metric=make(products) * (volume * volume),
    )


def _table(
    table: ReflectionTable, amplitudes: Tensor | None, default_F: Tensor, dtype: torch.dtype
) -> Table:
    """Return the box with one more plane on each side, filled with the default.

    An index clamped to one step outside the box then finds the default without a test.
    """
    inside = torch.from_numpy(table.amplitudes) if amplitudes is None else amplitudes
    if inside.shape != table.amplitudes.shape:
        raise UsageError(
            f"shape {list(inside.shape)}; the table's is {list(table.amplitudes.shape)}",
            where="amplitudes",
        )
    padded = default_F.to(dtype).expand([size + 2 for size in inside.shape]).clone()
    padded[1:-1, 1:-1, 1:-1] = inside.to(padded)
    return Table(padded.flatten(), table.limits)


def _reads_windows(table: Table) -> bool:
    """Whether there is a quick way through windows: float32 on the processor, no derivative."""
    amplitudes = table.amplitudes
    return (
        amplitudes.dtype == torch.float32
        and amplitudes.device.type == "cpu"
        and not (torch.is_grad_enabled() and amplitudes.requires_grad)
    )


def _corrections(
    experiment: Experiment, placed: PlacedDetector, on_basis: Tensor, make: _Maker
) -> Corrections:
    detector, sampling, beam = experiment.detector, experiment.sampling, experiment.beam
    sensor, corrected = detector.sensor, experiment.corrected
    pixel = float(detector.pixel_m)
    return Corrections(
        kahn_factor=float(beam.kahn_factor),
        polarised=beam.polarised,
        omega_scale=make(
            1.0 if detector.point_pixel else pixel * pixel * placed.close_distance_m
        ),
        omega_power=2 if detector.point_pixel else 3,
        normal=on_basis @ make(placed.odet),
        depth_attenuation=(
            None if sensor.thickness_m == 0.0 else float(sensor.step_m * sensor.attenuation_per_m)
        ),
        each_thick=sampling.oversample_thick,
        # The original forgets -nopolar here (Q-NOPOLAR).
        each_polar=sampling.oversample_polar and (beam.polarised or not corrected),
        each_omega=sampling.oversample_omega,
        dmin_m=float(sampling.dmin_m),
        corrected=corrected,
    )  # fmt: skip
