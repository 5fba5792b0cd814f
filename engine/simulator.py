"""From an experiment to an image: set-up in float64, then tile after tile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.beam import Source, polarisation_frame, sources
from engine.crystal import first_path_differs, mosaic_matrices, phi_orientations
from engine.errors import PhysicsError, UnsupportedError, UsageError
from engine.experiment import Experiment
from engine.formats.table import ReflectionTable
from engine.geometry import PlacedDetector
from engine.kernel import Linear, Setup, Table, Term, Tile, Worker
from engine.sampling import Roi
from engine.tiles import Progress, cut, render_tiles
from engine.units import R_E_SQUARED_M2
from engine.vectors import Mat3, Vec3, apply, dot

# Measured: below this, the calls cost more than the work; far above, buffers leave the cache.
_TILE_PIXELS = 49_152
_DEVICE_TILE_PIXELS = 1 << 21
_DTYPES = (torch.float32, torch.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """An image and what the pixel loop learned on the way.

    Parameters
    ----------
    image
        Photons per pixel, shape ``[slow, fast]``.
    omega_sum_sr
        Solid angles of the rendered pixels, summed over sub-pixels, divided by the steps
        (the figure nanoBragg prints, spec 12.1).
    """

    image: Tensor
    omega_sum_sr: float


def simulate(
    experiment: Experiment,
    *,
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
    roi: tuple[int, int, int, int] | None = None,
    progress: Progress | None = None,
) -> Tensor:
    """Compute the image of an experiment.

    Parameters
    ----------
    experiment
        What to simulate.
    device
        Where to compute.
    dtype
        ``float32`` or ``float64``: precision of the lattice factor and of the image; geometry
        and Miller indices are always float64.
    roi
        ``(slow0, slow1, fast0, fast1)``, half-open; replaces the experiment's own region.
        Pixels outside are zero.
    progress
        Called with the pixels done and the pixels to do after every tile.

    Returns
    -------
    Tensor
        Photons per pixel, shape ``[slow, fast]``, on ``device``.

    Raises
    ------
    UsageError
        For another dtype, or a region that is empty.
    FileError
        When the structure factors cannot be read.
    """
    if roi is not None:
        experiment = with_roi(experiment, roi)
    table = experiment.structure_factors.load()
    return render(experiment, table, device=device, dtype=dtype, progress=progress).image


def with_roi(experiment: Experiment, roi: tuple[int, int, int, int]) -> Experiment:
    """Return the experiment restricted to ``(slow0, slow1, fast0, fast1)``, half-open."""
    slow0, slow1, fast0, fast1 = roi
    slow_pixels, fast_pixels = experiment.shape
    if not (0 <= slow0 < slow1 <= slow_pixels and 0 <= fast0 < fast1 <= fast_pixels):
        raise UsageError(f"{roi} is not a region of this detector", where="roi")
    inclusive = Roi(fast0, fast1 - 1, slow0, slow1 - 1)
    return replace(experiment, sampling=replace(experiment.sampling, roi=inclusive))


def render(
    experiment: Experiment,
    table: ReflectionTable | None,
    *,
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
    progress: Progress | None = None,
    tile_pixels: int | None = None,
) -> Rendering:
    """Compute the image and the figures of the report.

    Parameters
    ----------
    experiment, device, dtype, progress
        As for `simulate`.
    table
        The reflections: ``experiment.structure_factors.load()``.
    tile_pixels
        Pixels the kernel works on at a time; None for what suits the device. It changes the
        speed and the memory used, not the image.
    """
    if dtype not in _DTYPES:
        raise UsageError(f"dtype is float32 or float64, not {dtype}", where="dtype")
    _refuse(experiment, table)
    where = torch.device(device)
    if tile_pixels is None:
        tile_pixels = _TILE_PIXELS if where.type == "cpu" else _DEVICE_TILE_PIXELS
    with torch.no_grad():
        placed = experiment.placed()
        setup = prepare(experiment, placed, table, device=where, dtype=dtype)
        image = _blank(experiment.shape, dtype, where)
        tiles = cut(experiment, tile_pixels)
        omega_sum = render_tiles(setup, tiles, image, progress)
        if tiles and first_path_differs(experiment.phi.angles_rad):
            _correct_first_path(experiment, placed, table, image)
    return Rendering(image, omega_sum * setup.oversample**2 / experiment.steps)


def _refuse(experiment: Experiment, table: ReflectionTable | None) -> None:
    """Refuse what the kernel does not do yet, so that nothing is silently ignored."""
    crystal, beam, sampling = experiment.crystal, experiment.beam, experiment.sampling
    detector = experiment.detector
    unsupported = (
        (crystal.shape != "square", "-round_xtal, -gauss_xtal, -tophat_spots"),
        (beam.water_m != 0.0, "-water"),
        (detector.curved, "-curved_det"),
        (detector.sensor.thickness_m != 0.0, "-detector_thick"),
        (sampling.oversample_thick, "-oversample_thick"),
        (sampling.oversample_polar, "-oversample_polar"),
        (sampling.oversample_omega, "-oversample_omega"),
        (sampling.dmin_m > 0.0, "-dmin"),
        (sampling.mask_file is not None, "-mask"),
        (experiment.corrected, "-corrected"),
        (table is not None and experiment.structure_factors.interpolate, "-interpolate"),
    )
    for asked, flags in unsupported:
        if asked:
            raise UnsupportedError("not supported yet", where=flags)


def _blank(shape: tuple[int, int], dtype: torch.dtype, device: torch.device) -> Tensor:
    try:
        return torch.zeros(shape, dtype=dtype, device=device)
    except RuntimeError as error:
        raise PhysicsError(
            f"no memory for an image of {shape[1]}x{shape[0]} pixels",
            where="-detpixels, -detsize",
        ) from error


def prepare(
    experiment: Experiment,
    placed: PlacedDetector,
    table: ReflectionTable | None,
    *,
    device: torch.device,
    dtype: torch.dtype,
    orientations: Sequence[Mat3] | None = None,
) -> Setup:
    """Turn an experiment into what the kernel needs.

    Parameters
    ----------
    placed, table
        The placed detector and the reflections.
    orientations
        a, b, c in metres for each spindle step, instead of the experiment's own.
    """
    beams = sources(experiment.beam, placed)
    if orientations is None:
        orientations = phi_orientations(
            experiment.lattice().axes_m, placed.spindle, experiment.phi.angles_rad
        )
    terms = _terms(experiment, placed, beams, orientations, device)
    frame_b, frame_e = polarisation_frame(placed.polar, beams[0].incident)
    default_F = experiment.structure_factors.default_F
    pixel, fluence = experiment.detector.pixel_m, experiment.beam.fluence
    scale = R_E_SQUARED_M2 * fluence / experiment.steps
    point = experiment.detector.point_pixel
    return Setup(
        shape=experiment.shape,
        pixel_m=pixel,
        oversample=experiment.sampling.oversample,
        pix0_sq=dot(placed.pix0_m, placed.pix0_m),
        pix0_fast=dot(placed.pix0_m, placed.fdet),
        pix0_slow=dot(placed.pix0_m, placed.sdet),
        fast_slow=dot(placed.fdet, placed.sdet),
        terms=terms,
        cells=torch.tensor(experiment.crystal.cells, dtype=dtype, device=device)[:, None, None],
        table=None if table is None else _table(table, default_F, device, dtype),
        incident=_linear(beams[0].incident, placed),
        polar_b=_linear(frame_b, placed),
        polar_e=_linear(frame_e, placed),
        kahn_factor=experiment.beam.kahn_factor if experiment.beam.polarised else None,
        omega_scale=1.0 if point else pixel * pixel * placed.close_distance_m,
        omega_power=2 if point else 3,
        intensity_scale=scale if table is not None else scale * default_F * default_F,
    )


def _linear(direction: Vec3, placed: PlacedDetector) -> Linear:
    return Linear(
        dot(direction, placed.pix0_m), dot(direction, placed.fdet), dot(direction, placed.sdet)
    )


def _terms(
    experiment: Experiment,
    placed: PlacedDetector,
    beams: Sequence[Source],
    orientations: Sequence[Mat3],
    device: torch.device,
) -> tuple[Term, ...]:
    """Return the terms in nanoBragg's loop order: source, spindle step, domain (spec 9.1)."""
    rotations = mosaic_matrices(experiment.crystal)
    if experiment.crystal.mosaic_spread_rad <= 0.0:
        rotations = rotations[:1]
    terms: list[Term] = []
    for source in beams:
        for axes in orientations:
            for rotation in rotations:
                a, b, c = (apply(rotation, v) for v in axes)
                terms.append(_term((a, b, c), source, placed, device))
    return tuple(terms)


def _term(axes: Mat3, source: Source, placed: PlacedDetector, device: torch.device) -> Term:
    def column(v: Vec3) -> Tensor:
        values = [dot(axis, v) / source.wavelength_m for axis in axes]
        return torch.tensor(values, dtype=torch.float64, device=device)[:, None]

    return Term(
        at_pix0=column(placed.pix0_m),
        per_fast=column(placed.fdet),
        per_slow=column(placed.sdet),
        offset=-column(source.incident)[:, :, None],
    )


def _table(
    table: ReflectionTable, default_F: float, device: torch.device, dtype: torch.dtype
) -> Table:
    padded = torch.from_numpy(table.padded(default_F)).to(device=device, dtype=dtype)
    _, size_k, size_l = padded.shape
    limits = table.limits

    def column(values: tuple[int, int, int]) -> Tensor:
        return torch.tensor(values, dtype=torch.float64, device=device)[:, None, None]

    return Table(
        amplitudes=padded.flatten(),
        low=column((limits[0] - 1, limits[2] - 1, limits[4] - 1)),
        high=column((limits[1] + 1, limits[3] + 1, limits[5] + 1)),
        strides=(size_k * size_l, size_l),
    )


def _correct_first_path(
    experiment: Experiment, placed: PlacedDetector, table: ReflectionTable | None, image: Tensor
) -> None:
    """Give the first sub-pixel of the first pixel the unrotated crystal at φ = 0 (Q-PHI).

    Everywhere else that step uses a stale orientation. The one path that differs is added as
    the difference of two renderings of that sub-pixel, in float64.
    """
    axes = experiment.lattice().axes_m
    angles = experiment.phi.angles_rad
    # Only the leading steps at φ = 0 differ: from the first rotated step on, all paths agree.
    leading = next(j for j, phi in enumerate(angles) if phi != 0.0)
    stale = phi_orientations(axes, placed.spindle, angles)[:leading]
    first = cut(experiment, 1)[0]
    true_value, stale_value = (
        _first_sub_pixel(experiment, placed, table, orientations, first)
        for orientations in ([axes] * leading, stale)
    )
    image[first.slow0, first.fast0] += true_value - stale_value


def _first_sub_pixel(
    experiment: Experiment,
    placed: PlacedDetector,
    table: ReflectionTable | None,
    orientations: Sequence[Mat3],
    tile: Tile,
) -> float:
    """Return what the first sub-pixel of a one-pixel tile contributes, float64."""
    cpu, double = torch.device("cpu"), torch.float64
    setup = prepare(experiment, placed, table, device=cpu, dtype=double, orientations=orientations)
    worker = Worker(setup, cpu, double, 1)
    canvas = torch.zeros((tile.slow1, tile.fast1), dtype=double)
    worker.render(tile, canvas, sub_pixels=1)
    return float(canvas[tile.slow0, tile.fast0])
