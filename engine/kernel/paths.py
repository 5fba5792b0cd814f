"""What the terms scatter into the sub-pixels of a place (spec 9.5, 9.7)."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.kernel.factors import in_range, nearest, tricubic
from engine.kernel.lattice import lattice_factor
from engine.kernel.place import Place
from engine.kernel.scene import Scene, Terms


@dataclass(frozen=True, slots=True)
class Method:
    """How the sum over the terms is taken.

    Parameters
    ----------
    dtype
        Precision of everything after the reduction to δ.
    interpolate
        Tricubic structure factors.
    smooth
        Derivatives are wanted.
    """

    dtype: torch.dtype
    interpolate: bool = False
    smooth: bool = False


def fractional_indices(terms: Terms, place: Place) -> Iterator[Tensor]:
    """Yield h, then k, then l: float64, shape ``[terms, slow, fast]``."""
    for on_basis, offset in zip(terms.indices.unbind(), terms.offsets.unbind(), strict=True):
        along = place.along(on_basis, torch.float64)
        yield torch.addcmul(offset, along, place.inverse_r)


def lattice_and_structure(
    scene: Scene, terms: Terms, place: Place, method: Method
) -> tuple[Tensor, Tensor | None]:
    """Return F_latt and F_cell, shape ``[terms, slow, fast]``; no F_cell without a table."""
    crystal, table = scene.crystal, scene.table
    if table is None and crystal.shape == "square":
        # Both neighbours of a tie have the same factor.
        reduced = (x.sub_(torch.round(x)) for x in fractional_indices(terms, place))
        return lattice_factor(crystal, reduced, method.dtype, smooth=method.smooth), None
    index = list(fractional_indices(terms, place))
    whole = [torch.ceil(x - 0.5) for x in index]
    delta = (x - w for x, w in zip(index, whole, strict=True))
    lattice = lattice_factor(crystal, delta, method.dtype, smooth=method.smooth)
    if table is None:
        return lattice, None
    if not method.interpolate:
        return lattice, nearest(table, whole)
    between = tricubic(table, index, method.dtype)
    if scene.corrections.corrected:
        # Each evaluation for itself; the original switches off for the rest of the run.
        between = torch.where(in_range(table, index), between, nearest(table, whole))
    return lattice, between


def intensity(scene: Scene, terms: Terms, place: Place, method: Method) -> Tensor:
    """Return F_cell²·F_latt², shape ``[terms, slow, fast]``; without a table F_latt² alone."""
    lattice, structure = lattice_and_structure(scene, terms, place, method)
    amplitude = lattice if structure is None else lattice * structure
    return amplitude * amplitude
