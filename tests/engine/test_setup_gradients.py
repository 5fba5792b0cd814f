"""Derivatives of the set-up: where the crystal and the detector are, as functions of the inputs."""

import shlex
from operator import attrgetter

import pytest
import torch

from engine.crystal import mosaic_matrices, phi_orientations
from engine.errors import UsageError
from engine.experiment import Experiment
from engine.parameters import substitute
from engine.scalars import is_tracked
from engine.tensors import tensor_of

CPU = torch.device("cpu")
LINE = (
    "-cell 70 80 90 75 85 95 -misset 10 20 30 -mosaic 1 -mosaic_dom 2 -N 5 -default_F 100 "
    "-distance 100 -detpixels 8 -lambda 1.5 "
)
PIVOTS = ["-mosflm -twotheta 15", "-adxv", "-xds -twotheta 15 -ORGX 3", "-fdet_vector 0 0.1 1"]


def experiment(line: str = "") -> Experiment:
    return Experiment.from_args(shlex.split(LINE + line))


def leaf(value: object) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("angles", [(75, 85, 95), (90, 90, 90), (90, 100, 90), (90, 90, 120)])
@pytest.mark.parametrize("misset", [(10, 20, 30), (0, 0, 0)])
def test_the_lattice(angles: tuple[int, ...], misset: tuple[int, ...]) -> None:
    whole = experiment()

    def axes(cell: torch.Tensor, misset_rad: torch.Tensor) -> torch.Tensor:
        names = ("a_A", "b_A", "c_A", "alpha_rad", "beta_rad", "gamma_rad")
        values = {
            f"crystal.cell.{name}": value for name, value in zip(names, cell.unbind(), strict=True)
        }
        oriented = substitute(whole, {**values, "crystal.misset_rad": misset_rad}).lattice()
        return tensor_of((oriented.a_A, oriented.b_A, oriented.c_A), device=CPU)

    cell = torch.cat([torch.tensor([70.0, 80.0, 90.0]), torch.tensor(angles).deg2rad()]).double()
    given = torch.tensor(misset).double().deg2rad()
    assert torch.autograd.gradcheck(axes, (cell.requires_grad_(), given.requires_grad_()))


@pytest.mark.parametrize("tilt", [(5.0, 3.0, 2.0), (0.0, 0.0, 0.0)])
@pytest.mark.parametrize("line", PIVOTS)
def test_the_placement(line: str, tilt: tuple[float, float, float]) -> None:
    whole = experiment(line)

    def vectors(
        distance: torch.Tensor, centre: torch.Tensor, tilt: torch.Tensor, twotheta: torch.Tensor
    ) -> torch.Tensor:
        placed = substitute(whole, {
            "detector.distance_m": distance, "detector.Xbeam_m": centre[0],
            "detector.Ybeam_m": centre[1], "detector.rotations_rad": tilt,
            "detector.twotheta_rad": twotheta,
        }).placed()  # fmt: skip
        scalars = (placed.close_distance_m, placed.distance_m, placed.ratio)
        return tensor_of((placed.pix0_m, placed.fdet, placed.sdet, scalars), device=CPU)

    inputs = (
        leaf(0.1), leaf([4e-4, 5e-4]), torch.tensor(tilt).double().deg2rad().requires_grad_(),
        leaf(whole.detector.twotheta_rad),
    )  # fmt: skip
    assert torch.autograd.gradcheck(vectors, inputs)


@pytest.mark.parametrize("spread_deg", [1.0, 0.0])
def test_the_mosaic_rotations(spread_deg: float) -> None:
    whole = experiment()

    def matrices(spread: torch.Tensor) -> torch.Tensor:
        edited = substitute(whole, {"crystal.mosaic_spread_rad": spread})
        return tensor_of(mosaic_matrices(edited.crystal), device=CPU)

    spread = torch.tensor(spread_deg).double().deg2rad().requires_grad_()
    assert torch.autograd.gradcheck(matrices, (spread,))
    rounded = substitute(whole, {"crystal.mosaic_spread_rad": float(spread.detach())})
    faithful = tensor_of(mosaic_matrices(rounded.crystal), device=CPU)
    assert (matrices(spread) - faithful).abs().max() < 1e-8


@pytest.mark.parametrize(("start_deg", "steps"), [(5.0, 3), (0.0, 1)])
def test_the_spindle_scan(start_deg: float, steps: int) -> None:
    whole = experiment()
    axes = whole.lattice().axes_m

    def orientations(start: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
        scan = {"phi.start_rad": start, "phi.step_rad": step, "phi.steps": steps}
        angles = substitute(whole, scan).phi.angles_rad
        turned = phi_orientations(axes, (0.0, 0.6, 0.8), angles)
        return 1e8 * tensor_of(turned, device=CPU)

    start = torch.tensor(start_deg).double().deg2rad().requires_grad_()
    assert torch.autograd.gradcheck(orientations, (start, leaf(0.01)))


def test_tracking_changes_no_bit_of_the_set_up() -> None:
    plain = experiment("-mosflm -twotheta 15 -detector_rotx 5 -phi 5")
    names = (
        "crystal.cell.a_A", "crystal.cell.gamma_rad", "crystal.misset_rad", "phi.start_rad",
        "detector.rotations_rad", "detector.distance_m", "detector.twotheta_rad",
    )  # fmt: skip
    edited = substitute(plain, {name: leaf(attrgetter(name)(plain)) for name in names})
    assert is_tracked(edited.placed().pix0_m[0], edited.lattice().volume_A3)
    assert edited == plain
    assert hash(edited) == hash(plain)
    assert edited.lattice() == plain.lattice()
    assert edited.placed() == plain.placed()
    assert edited.to_dict() == plain.to_dict()


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("crystal.cell.a", "crystal.cell.a_A"),
        ("detector.distance", "detector.distance_m"),
        ("crystal.cell", ""),
        ("beam.wavelength_m.x", ""),
    ],
)
def test_a_wrong_name_is_refused_with_the_nearest(name: str, advice: str) -> None:
    with pytest.raises(UsageError, match="no number of an experiment") as caught:
        substitute(experiment(), {name: 1.0})
    assert advice in str(caught.value)
