"""Looking into one pixel: the quantities of specification 13 from the production path.

The kernel's own loop (`PixelSum`) runs on a tile of one pixel, in float64, one term at a time; what
is listed are the values it holds. Only positions and rotated cells, which the kernel keeps as
products with other vectors, are put together here.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.beam import sources
from engine.crystal import mosaic_matrices
from engine.errors import UsageError
from engine.experiment import Experiment
from engine.formats.table import ReflectionTable
from engine.kernel import Job, Scene, Terms, Tile, Way, jobs
from engine.kernel.corrections import passes
from engine.kernel.paths import fractional_indices, lattice_and_structure
from engine.kernel.pixel import PixelSum
from engine.kernel.place import Place
from engine.prepare import prepare, step_orientations
from engine.tiles import cut
from engine.vectors import Mat3, Vec3, apply

_TILE_PIXELS = 1 << 16
_METRES, _PER_METRE, _PER_ANGSTROM = "m", "1/m", "1/A"

Value = float | int | tuple[float, ...] | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One line of a trace: a name of specification 13.2, its value and its unit."""

    name: str
    value: Value
    unit: str = "1"

    def to_json(self) -> str:
        """Return the line."""
        return json.dumps({"name": self.name, "value": self.value, "unit": self.unit})


def trace_pixel(
    experiment: Experiment, table: ReflectionTable | None, slow: int, fast: int
) -> list[Quantity]:
    """Return everything that makes one pixel, in the order of the original's loops.

    Parameters
    ----------
    experiment, table
        What is simulated, and its reflections.
    slow, fast
        The pixel.

    Raises
    ------
    UsageError
        When the pixel is not rendered.
    """
    return [*_setup(experiment), *Tracer(experiment, table).pixel(slow, fast)]


class Tracer:
    """The kernel's constants for one experiment, to look into several pixels.

    Parameters
    ----------
    experiment, table
        What is simulated, and its reflections.
    """

    def __init__(self, experiment: Experiment, table: ReflectionTable | None) -> None:
        self._experiment = experiment
        device = torch.device("cpu")
        with torch.no_grad():
            self._scene = prepare(experiment, table, device=device, dtype=torch.float64)
            self._jobs = jobs(self._scene, cut(experiment, _TILE_PIXELS))
        placed, lattice = experiment.placed(), experiment.lattice()
        first, later = step_orientations(experiment, placed, lattice)
        self._axes = (later if first is None else first, later)
        self._rotations = mosaic_matrices(experiment.crystal)

    def pixel(self, slow: int, fast: int) -> list[Quantity]:
        """Return the quantities of one pixel.

        Raises
        ------
        UsageError
            When the pixel is not rendered.
        """
        job = replace(self._job(slow, fast), tile=Tile(slow, slow + 1, fast, fast + 1))
        with torch.no_grad():
            traced = _TracedPixel(self._scene, job, self._experiment, self._axes, self._rotations)
            photons = traced.photons().image
        return [*traced.lines, *traced.final(float(photons))]

    def rendered(self) -> Iterator[tuple[int, int]]:
        """Yield slow and fast of every rendered pixel, in scan order."""
        mask = self._scene.mask
        roi, (slow_pixels, fast_pixels) = self._experiment.sampling.roi, self._experiment.shape
        for slow in range(roi.slow_min, min(roi.slow_max + 1, slow_pixels)):
            for fast in range(roi.fast_min, min(roi.fast_max + 1, fast_pixels)):
                if mask is None or bool(mask[slow, fast]):
                    yield slow, fast

    def _job(self, slow: int, fast: int) -> Job:
        mask = self._scene.mask
        for job in self._jobs:
            tile = job.tile
            inside = tile.slow0 <= slow < tile.slow1 and tile.fast0 <= fast < tile.fast1
            if inside and (mask is None or bool(mask[slow, fast])):
                return job
        raise UsageError(
            f"slow {slow}, fast {fast} is not a rendered pixel",
            where="-trace_pixel, -printout_pixel",
        )


class _TracedPixel(PixelSum):
    """The kernel's loop on one pixel, term by term."""

    def __init__(
        self,
        scene: Scene,
        job: Job,
        experiment: Experiment,
        axes: tuple[Sequence[Mat3], Sequence[Mat3]],
        rotations: Sequence[Mat3],
    ) -> None:
        super().__init__(scene, job, Way(torch.float64, 1))
        self.lines: list[Quantity] = []
        self._experiment, self._axes, self._rotations = experiment, axes, rotations
        self._beams = sources(experiment.beam, experiment.placed())
        self._each_polar: Tensor | None = None
        self._direction: Vec3 = (0.0, 0.0, 0.0)

    def _say(self, name: str, value: Value | Tensor, unit: str = "1") -> None:
        self.lines.append(
            Quantity(name, float(value) if isinstance(value, Tensor) else value, unit)
        )

    def _measure(self, where: Place, layer: int, *, first: bool, first_of_layer: bool) -> None:
        super()._measure(where, layer, first=first, first_of_layer=first_of_layer)
        camera = self.scene.camera
        n = camera.oversample
        sub = sum(line.name == "subS" for line in self.lines) % (n * n)
        position = _position(self.scene, where)
        airpath = 1.0 / float(where.inverse_r)
        x, y, z = position
        self._direction = (x / airpath, y / airpath, z / airpath)
        for name, index in (("layer", layer), ("subS", sub // n), ("subF", sub % n)):
            self._say(name, index)
        self._say("Fdet_m", where.fast, _METRES)
        self._say("Sdet_m", where.slow, _METRES)
        self._say("Odet_m", float(where.depth or 0.0), _METRES)
        self._say("pos_m", position, _METRES)
        self._say("airpath_m", airpath, _METRES)
        self._say("diffracted", self._direction)
        self._say("omega_sr", self.omega, "sr")
        self._say("capture", self.captured)

    def _add(self, where: Place, number: int) -> None:
        terms, each = self._terms(number), self.scene.terms_per_source
        for source in range(self.scene.sources.count):
            if not self._describe_source(where, source):
                continue
            polar = self._polarise(where, source, torch.ones_like(self.sum, dtype=torch.bool))
            self._each_polar = polar
            self._say("polar", self.polar if polar is None else polar)
            is_first = self.job.first_path == (number, source)
            axes = self._axes[0] if is_first else self._axes[1]
            start = source * each
            group = terms.part(start, start + each)
            base = number * self.scene.terms.count + start
            self._add_group(group, where, base, self._factor(polar), axes)

    def _describe_source(self, where: Place, source: int) -> bool:
        """List a source; return whether its photons pass the resolution cut."""
        beam = self._beams[source]
        q = tuple(
            (d - i) / beam.wavelength_m for d, i in zip(self._direction, beam.incident, strict=True)
        )
        self._say("source", source)
        self._say("incident", tuple(float(i) for i in beam.incident))
        self._say("lambda_m", float(beam.wavelength_m), _METRES)
        self._say("q_inv_m", q, _PER_METRE)
        self._say("stol_inv_m", 0.5 * sum(x * x for x in q) ** 0.5, _PER_METRE)
        dmin = self.corrections.dmin_m
        return dmin == 0.0 or bool(passes(dmin, self.scene.sources, source, where))

    def _add_group(
        self, group: Terms, where: Place, base: int, factor: Tensor | None, axes: Sequence[Mat3]
    ) -> None:
        domains = len(self._rotations)
        for term in range(group.count):
            step, domain = divmod(term, domains)
            if domain == 0:
                phi = self._experiment.phi.angles_rad[step]
                self._say(f"phi[{step}]_rad", float(phi), "rad")
                self._vectors(("ap_m", "bp_m", "cp_m"), axes[step])
            rotation = self._rotations[domain]
            turned = self._experiment.crystal.mosaic_spread_rad > 0.0
            self._say("domain", domain)
            a, b, c = axes[step]
            self._vectors(
                ("a_m", "b_m", "c_m"),
                (apply(rotation, a), apply(rotation, b), apply(rotation, c))
                if turned else axes[step],
            )  # fmt: skip
            self._add_one(group.part(term, term + 1), where, base + term, factor)

    def _add_one(self, term: Terms, where: Place, path: int, factor: Tensor | None) -> None:
        ((_, method),) = [part for part in self._chunks(term, path) if part[0].count]
        index = [float(x) for x in fractional_indices(term, where)]
        lattice, structure = lattice_and_structure(self.scene, term, where, method)
        whole = torch.ceil(torch.tensor(index, dtype=torch.float64) - 0.5)
        self._say("hkl", tuple(index))
        self._say("hkl0", tuple(int(x) for x in whole.tolist()))
        self._say("F_latt", lattice)
        before = self.sum
        if self.running:
            self._run(term, where, path, factor, None)
        else:
            self._add_terms(term, where, path, factor, None)
        if float(lattice) == 0.0 and not self.scene.has_background:
            return
        F_cell = float(self.scene.default_F if structure is None else structure)
        self._say("F_cell", F_cell, "e")
        # The flags multiply the total after this (9.6, steps 2 to 4).
        running = float(before) + (F_cell * float(lattice)) ** 2
        self._say("I_running", running if self.running else self.sum, "e^2")

    def _vectors(self, names: Sequence[str], vectors: Sequence[Vec3]) -> None:
        for name, vector in zip(names, vectors, strict=True):
            self._say(name, tuple(float(x) for x in vector), _METRES)

    def final(self, photons: float) -> list[Quantity]:
        """Return what is left after all loops."""
        scene, c = self.scene, self.corrections
        total = self.sum + self._background() if c.corrected else self.sum
        self.lines = []
        self._say("I_total", total, "e^2")
        self._say("I_bg", scene.background, "e^2")
        self._say("I_scaled", total * scene.scale, "photons/sr")
        self._say("capture_final", self.captured)
        self._say("polar_final", self.polar if self._each_polar is None else self._each_polar)
        self._say("omega_final", self.omega, "sr")
        self._say("pixel_double", photons, "photons")
        self._say("pixel_float", float(torch.tensor(photons, dtype=torch.float32)), "photons")
        return self.lines


def _position(scene: Scene, where: Place) -> Vec3:
    """Return the position of a one-pixel place: F·f + S·s + O·o + P₀, or on a curved detector."""
    if where.xyz is not None:
        x, y, z = (float(component) for component in where.xyz)
        return (x, y, z)
    camera = scene.camera
    fast, slow = where.fast.reshape(()), where.slow.reshape(())
    depth = float(where.depth or 0.0)
    flat = fast * camera.fdet + slow * camera.sdet + depth * camera.odet + camera.pix0
    x, y, z = flat.tolist()
    return (x, y, z)


def _setup(experiment: Experiment) -> Iterator[Quantity]:
    """Yield what does not depend on the pixel."""
    yield from _detector(experiment)
    yield from _crystal(experiment)
    yield from _averages(experiment)


def _vector(name: str, vector: Sequence[float], unit: str = "1") -> Quantity:
    return Quantity(f"setup.{name}", tuple(float(component) for component in vector), unit)


def _detector(experiment: Experiment) -> Iterator[Quantity]:
    placed = experiment.placed()
    yield Quantity("setup.pixel_size_m", float(experiment.detector.pixel_m), _METRES)
    yield Quantity("setup.ratio", float(placed.ratio))
    yield _vector("beam", placed.beam)
    yield _vector("polar", placed.polar)
    yield _vector("vertical", placed.vertical)
    yield _vector("spindle", placed.spindle)
    yield _vector("twotheta_axis", placed.twotheta)
    yield _vector("fdet", placed.fdet)
    yield _vector("sdet", placed.sdet)
    yield _vector("odet", placed.odet)
    yield _vector("pix0_m", placed.pix0_m, _METRES)
    names = ("Fclose_m", "Sclose_m", "close_distance_m", "Fbeam_m", "Sbeam_m", "distance_m")
    for name in names:
        yield Quantity(f"setup.{name}", float(getattr(placed, name)), _METRES)


def _crystal(experiment: Experiment) -> Iterator[Quantity]:
    lattice = experiment.lattice()
    yield Quantity("setup.V_cell_A3", float(lattice.volume_A3), "A^3")
    yield _vector("a_star_invA", lattice.a_star, _PER_ANGSTROM)
    yield _vector("b_star_invA", lattice.b_star, _PER_ANGSTROM)
    yield _vector("c_star_invA", lattice.c_star, _PER_ANGSTROM)
    for name, vector in zip(("a0_m", "b0_m", "c0_m"), lattice.axes_m, strict=True):
        yield _vector(name, vector, _METRES)
    yield _vector("Ncells", experiment.crystal.cells)


def _averages(experiment: Experiment) -> Iterator[Quantity]:
    beam, sensor, crystal = experiment.beam, experiment.detector.sensor, experiment.crystal
    n = experiment.sampling.oversample
    beams = sources(beam, experiment.placed())
    yield Quantity("setup.fluence", float(beam.fluence), "photons/m^2")
    yield Quantity("setup.lambda0_m", float(beam.wavelength_m), _METRES)
    yield Quantity("setup.oversample", n)
    yield Quantity("setup.subpixel_m", float(experiment.detector.pixel_m / n), _METRES)
    yield Quantity("setup.sources", len(beams))
    yield Quantity("setup.phisteps", experiment.phi.steps)
    yield Quantity("setup.mosaic_domains", crystal.mosaic_domains)
    yield Quantity("setup.layers", sensor.layers)
    yield Quantity("setup.layer_step_m", float(sensor.step_m), _METRES)
    yield Quantity("setup.mu_inv_m", float(sensor.attenuation_per_m), _PER_METRE)
    yield Quantity("setup.steps", experiment.steps)
    for number, source in enumerate(beams):
        from_sample = [-float(x) for x in source.incident]
        value = (*from_sample, float(source.wavelength_m))
        yield Quantity(f"setup.source[{number}]", value, "1 1 1 m")
    for number, rotation in enumerate(mosaic_matrices(crystal)):
        elements = tuple(float(x) for row in rotation for x in row)
        yield Quantity(f"setup.umat[{number}]", elements)
