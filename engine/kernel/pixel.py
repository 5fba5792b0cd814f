"""A tile of pixels: the sum over layers, sub-pixels, sources, spindle steps and domains."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import torch
from torch import Tensor

from engine.kernel.corrections import capture, passes, polarisation, solid_angle
from engine.kernel.paths import Method, intensity, lattice_and_structure
from engine.kernel.place import Place, place
from engine.kernel.scene import Scene, Terms, Tile

ALL_PATHS = 2**62


@dataclass(frozen=True, slots=True)
class Job:
    """A tile, and what the order of the original's loops does to it (order.py).

    Parameters
    ----------
    tile
        Which pixels.
    interpolated
        How many leading paths of each pixel interpolate (Q-INTERPOFF).
    first_path
        The sub-pixel (counted through the layers) and the source that see the unrotated crystal
        at φ = 0 (Q-PHI); None when none does.
    """

    tile: Tile
    interpolated: int = 0
    first_path: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Photons:
    """Photons per pixel of a tile, and the sum of its solid angles (shape ``[]``, steradian)."""

    image: Tensor
    omega_sum: Tensor


@dataclass(frozen=True, slots=True)
class Way:
    """How to compute: precision, terms times pixels held at a time, whether to differentiate."""

    dtype: torch.dtype
    chunk: int
    smooth: bool = False


def render(scene: Scene, job: Job, way: Way) -> Photons:
    """Compute the photons of a tile."""
    return PixelSum(scene, job, way).photons()


class PixelSum:
    """One tile. The values that the original keeps from path to path are its attributes."""

    def __init__(self, scene: Scene, job: Job, way: Way) -> None:
        self.scene, self.job, self.way = scene, job, way
        self.corrections = scene.corrections
        # Powers of the solid angle, about 1e-6, leave the range of float32.
        self.running = self.corrections.any_each and not self.corrections.corrected
        self.dtype = torch.float64 if self.running else way.dtype
        device = scene.background.device
        self.sum = torch.zeros(job.tile.shape, dtype=self.dtype, device=device)
        if scene.has_background and not self.corrections.corrected:
            self.sum = self.sum + scene.background.to(self.dtype)
        # Zero stands for "not computed yet", as in the original.
        start = 0.0 if self.corrections.polarised else 1.0
        self.polar = torch.full_like(self.sum, start)
        self.omega = self.first_omega = self.first_polar = self.captured = self.sum
        self.all_captured = torch.zeros_like(self.sum)
        self.omega_sum = torch.zeros((), dtype=torch.float64, device=device)

    def photons(self) -> Photons:
        """Walk through all paths and return the photons."""
        camera = self.scene.camera
        subs = list(product(range(camera.oversample), repeat=2))
        number = 0
        for layer in range(camera.layers):
            for sub, (slow, fast) in enumerate(subs):
                where = place(camera, self.job.tile, layer, slow, fast)
                self._measure(where, layer, first=number == 0, first_of_layer=sub == 0)
                self._add(where, number)
                number += 1
        return Photons(self._finish().to(self.way.dtype), self.omega_sum)

    def _measure(self, where: Place, layer: int, *, first: bool, first_of_layer: bool) -> None:
        """Set solid angle, captured fraction and, with one source in force, polarisation."""
        c = self.corrections
        if first or c.each_omega:
            self.omega = solid_angle(c, where.inverse_r, self.dtype)
            self.first_omega = self.omega if first else self.first_omega
        self.omega_sum = self.omega_sum + self._sum_rendered(self.omega)
        if first_of_layer or c.each_thick:
            self.captured = self._capture(where, layer)
        if first_of_layer and c.corrected:
            self.all_captured = self.all_captured + self.captured
        if first:
            self.first_polar = self._polarisation(where, 0)
            if c.dmin_m == 0.0 and c.polarised:
                self.polar = self.first_polar

    def _sum_rendered(self, omega: Tensor) -> Tensor:
        mask, tile = self.scene.mask, self.job.tile
        shown = omega if mask is None else omega * mask[tile.slow, tile.fast]
        return shown.detach().sum(dtype=torch.float64)

    def _capture(self, where: Place, layer: int) -> Tensor:
        c = self.corrections
        if c.depth_attenuation is None:
            # The original finds that no sensor captures nothing (Q-THICK0).
            empty = c.each_thick and not c.corrected
            return torch.full_like(self.sum, 0.0 if empty else 1.0)
        return capture(c, where, layer, self.dtype)

    def _polarisation(self, where: Place, source: int) -> Tensor:
        c = self.corrections
        if not (c.polarised or c.each_polar):
            return torch.ones_like(self.sum)
        return polarisation(c.kahn_factor, self.scene.sources, source, where, self.dtype)

    def _add(self, where: Place, number: int) -> None:
        """Add the terms of one sub-pixel of one layer."""
        scene, c = self.scene, self.corrections
        terms, base = self._terms(number), number * scene.terms.count
        if c.dmin_m == 0.0 and not c.each_polar and not self.running:
            self._add_terms(terms, where, base, self._factor(None), None)
            return
        each = scene.terms_per_source
        for source in range(scene.sources.count):
            start = source * each
            kept = passes(c.dmin_m, scene.sources, source, where) if c.dmin_m > 0.0 else None
            polar = self._polarise(where, source, kept)
            group = terms.part(start, start + each)
            add = self._run if self.running else self._add_terms
            add(group, where, base + start, self._factor(polar), kept)

    def _terms(self, number: int) -> Terms:
        """Return the terms, with the first path's own ones where it is (Q-PHI)."""
        scene, first = self.scene, self.job.first_path
        if first is None or first[0] != number or scene.first_terms is None:
            return scene.terms
        each = scene.terms_per_source
        start, stop = first[1] * each, (first[1] + 1) * each
        indices, offsets = scene.terms.indices.clone(), scene.terms.offsets.clone()
        indices[:, :, start:stop] = scene.first_terms.indices[:, :, start:stop]
        offsets[:, start:stop] = scene.first_terms.offsets[:, start:stop]
        return Terms(indices, offsets)

    def _polarise(self, where: Place, source: int, kept: Tensor | None) -> Tensor | None:
        """Return the polarisation factor that multiplies each term, if one does.

        Otherwise the first source that passes the resolution cut sets the pixel's (spec 9.6).
        """
        c = self.corrections
        if c.each_polar:
            return self._polarisation(where, source)
        if c.polarised and kept is not None:
            unset = kept & (self.polar == 0.0)
            self.polar = torch.where(unset, self._polarisation(where, source), self.polar)
        return None

    def _factor(self, polar: Tensor | None) -> Tensor | None:
        """Return what each term is multiplied with."""
        c = self.corrections
        sensor = c.depth_attenuation is not None
        parts = [
            self.captured if c.each_thick or (c.corrected and sensor) else None,
            polar,
            self.omega if c.each_omega else None,
        ]
        factor: Tensor | None = None
        for part in parts:
            if part is not None:
                factor = part if factor is None else factor * part
        return factor

    def _chunks(self, terms: Terms, base: int) -> Iterator[tuple[Terms, Method]]:
        """Yield the terms in parts that fit the cache, each with its way of look-up."""
        method = Method(self.dtype, smooth=self.way.smooth)
        step = max(1, self.way.chunk // self.job.tile.pixels)
        edge = min(max(self.job.interpolated - base, 0), terms.count)
        for start, stop, interpolate in ((0, edge, True), (edge, terms.count, False)):
            using = replace(method, interpolate=interpolate)
            for at in range(start, stop, step):
                yield terms.part(at, min(at + step, stop)), using

    def _default(self, intensities: Tensor) -> Tensor:
        """Put the default F in where there is no table."""
        if self.scene.table is not None:
            return intensities
        return intensities * (self.scene.default_F * self.scene.default_F).to(self.dtype)

    def _add_terms(
        self, terms: Terms, where: Place, base: int, factor: Tensor | None, kept: Tensor | None
    ) -> None:
        """Add the terms, each multiplied with the factor, where they are kept."""
        total: Tensor | None = None
        for part, method in self._chunks(terms, base):
            found = intensity(self.scene, part, where, method)
            # One after the other: how many are held at a time must not show in the last bit. A
            # graph of it would hold every step.
            for one in (found.sum(0),) if method.smooth else found.unbind():
                total = one if total is None else total + one
        assert total is not None  # noqa: S101 - there is at least one term
        total = self._default(total)
        if factor is not None:
            total = total * factor
        if kept is not None:
            total = torch.where(kept, total, torch.zeros_like(total))
        self.sum = self.sum + total

    def _run(
        self, terms: Terms, where: Place, base: int, factor: Tensor | None, kept: Tensor | None
    ) -> None:
        """Add the terms one by one, multiplying the running total every time (Q-RUNNING)."""
        assert factor is not None  # noqa: S101 - nothing runs without a factor
        for part, method in self._chunks(terms, base):
            lattice, structure = lattice_and_structure(self.scene, part, where, method)
            found = lattice * lattice
            found = self._default(found if structure is None else found * structure * structure)
            for n in range(part.count):
                after = (self.sum + found[n]) * factor
                if not self.scene.has_background:
                    after = torch.where(lattice[n] == 0.0, self.sum, after)
                self.sum = after if kept is None else torch.where(kept, after, self.sum)

    def _finish(self) -> Tensor:
        """Return r_e²·fluence·I/steps, times each factor that no term has seen (spec 9.6)."""
        c, scene = self.corrections, self.scene
        result = self.sum
        if c.corrected:
            result = result + self._background()
            # A pixel beyond the cut keeps its background (the original loses it: Q-CUT).
            self.polar = torch.where(self.polar == 0.0, self.first_polar, self.polar)
        elif not c.each_thick and c.depth_attenuation is not None:
            result = result * self.captured
        result = result * scene.scale.to(self.dtype)
        if not c.each_polar:
            result = result * self.polar
        if not c.each_omega:
            result = result * self.omega
        if scene.mask is not None:
            result = result * scene.mask[self.job.tile.slow, self.job.tile.fast]
        return result

    def _background(self) -> Tensor:
        """Return the background as all layers capture it, with the factors that terms have."""
        c = self.corrections
        background = self.scene.background.to(self.dtype) * self.all_captured
        if c.each_polar:
            background = background * self.first_polar
        return background * self.first_omega if c.each_omega else background
