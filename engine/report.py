"""nanoBragg's console report: what a parser may rely on (spec 12.2)."""

import math

from engine.beam import sources
from engine.crystal import Lattice, angles_deg
from engine.experiment import Experiment
from engine.formats.table import ReflectionTable
from engine.geometry import PlacedDetector
from engine.statistics import Statistics
from engine.units import DEGREES_PER_RADIAN
from engine.vectors import Vec3, dot, norm

_DENSITY_G_M3 = 1.2e6
_AVOGADRO = 6.02214179e23


def _g(value: float) -> str:
    # Adding zero turns a minus zero, which a C program may print either way, into zero.
    return f"{value + 0.0:g}"


def _vector(v: Vec3) -> str:
    return " ".join(_g(component) for component in v)


def before(experiment: Experiment) -> list[str]:
    """Return the lines that precede the reading of structure factors."""
    placed, oriented = experiment.placed(), experiment.lattice()
    det, factors, crystal = experiment.detector, experiment.structure_factors, experiment.crystal
    around = "sample" if det.pivot == "sample" else "direct beam spot"
    in_frame = tuple(dot(placed.beam, v) for v in (placed.fdet, placed.sdet, placed.odet))
    lines = [f"{det.convention} convention selected.", f"pivoting detector around {around}"]
    lines.append("XDS incident beam: " + " ".join(_g(x) for x in in_frame))
    if factors.interpolate_chosen:
        what = "tricubic interpolation of structure factors" if factors.interpolate else (
            "no interpolation"
        )  # fmt: skip
        lines.append(f"auto-selected {what}")
    if crystal.misset_seed is not None and crystal.misset_rad is not None:
        angles = " ".join(f"{angle * DEGREES_PER_RADIAN:f}" for angle in crystal.misset_rad)
        lines.append(f"random orientation misset angles: {angles} deg")
    lines += _cell_lines(oriented)
    size = " x ".join(
        _g(n * edge * 1e6) for n, edge in zip(crystal.cells, oriented.edges_m, strict=True)
    )
    lines.append(f"crystal is {size} microns")
    if experiment.sampling.oversample_chosen:
        lines.append(f"auto-selected {experiment.sampling.oversample}-fold oversampling")
    weight = oriented.volume_A3 * 1e-30 * _DENSITY_G_M3 * _AVOGADRO
    lines.append(f"approximate MW = {_g(weight)}")
    return lines


def _cell_lines(oriented: Lattice) -> list[str]:
    real = (oriented.a_A, oriented.b_A, oriented.c_A)
    recip = (oriented.a_star, oriented.b_star, oriented.c_star)
    lines = []
    for name, vectors in (("Unit", real), ("Recp", recip)):
        numbers = [*(norm(v) for v in vectors), *angles_deg(*vectors)]
        lines.append(f"{name} Cell: " + " ".join(_g(number) for number in numbers))
    lines.append(f"volume = {_g(oriented.volume_A3)} A^3")
    for vectors in (real, recip):
        for row, axis in enumerate("XYZ"):
            lines.append(f"{axis}: " + " ".join(f"{v[row]:11.8f}" for v in vectors))
    return lines


def summary(experiment: Experiment, table: ReflectionTable | None, noise_seed: int) -> list[str]:
    """Return the run summary printed before the pixel loop."""
    placed, crystal, beam = experiment.placed(), experiment.crystal, experiment.beam
    phis = experiment.phi.angles_rad
    points = sources(beam, placed)
    lines = ["thick0 = 0 um"]
    lines += [f"phi{j} = {_g(phi * DEGREES_PER_RADIAN)}" for j, phi in enumerate(phis)]
    lines += ["divergence deviation: 0 0", f"lambda0 = {beam.wavelength_m:.15g}"]
    lines.append(f"  created a total of {len(points)} sources:")
    lines += [f"{_vector(s.position_m)}   {_g(s.weight)} {_g(s.wavelength_m)}" for s in points]
    lines.append(f"  created a total of {crystal.mosaic_domains} mosaic domains")
    loaded = 0 if table is None else table.reflections
    default = _g(experiment.structure_factors.default_F)
    lines.append(f"  {loaded} initialized hkls (all others ={default})")
    cells = "x".join(_g(n) for n in crystal.cells)
    lines.append(f"  parallelpiped xtal: {cells} cells")
    lines.append(f"  wave={_g(beam.wavelength_m)} meters +/- 0% in 1 steps")
    lines.append(f"  incident fluence: {_g(beam.fluence)} photons/m^2")
    lines += _detector_lines(experiment, placed)
    lines += ["  hdivrange=0 hdivstep=0  radians", "  vdivrange=0 vdivstep=0  radians"]
    lines += ["  1 divergence steps", f"  {len(points)} sources"]
    spread = _g(crystal.mosaic_spread_rad * DEGREES_PER_RADIAN)
    lines.append(
        f"  {crystal.mosaic_domains} mosaic domains over mosaic spread of {spread} degrees"
    )
    first = _g(experiment.phi.start_rad * DEGREES_PER_RADIAN)
    last = _g((experiment.phi.start_rad + experiment.phi.range_rad) * DEGREES_PER_RADIAN)
    lines.append(f"  {len(phis)} phi steps from {first} to {last} degrees")
    n = experiment.sampling.oversample
    lines += [f"  {n}x{n} pixel oversample steps", f"  seed: {noise_seed}"]
    return lines


def _detector_lines(experiment: Experiment, placed: PlacedDetector) -> list[str]:
    det, centre, roi = experiment.detector, placed.centre, experiment.sampling.roi
    x, y, z = placed.pix0_m
    size = f"detsize={_g(det.size_fast_m)}x{_g(det.size_slow_m)}"
    pixels = f"({det.pixels_fast}x{det.pixels_slow} pixels)"
    return [
        f"  distance={_g(placed.distance_m)} {size}  pixel={_g(det.pixel_m)} meters {pixels}",
        "  sensor is 0 m thick in 1 layers with mu= -1",
        f"  Xbeam={_g(centre.Xbeam_m)} Ybeam={_g(centre.Ybeam_m)}",
        f"  Fbeam={_g(placed.Fbeam_m)} Sbeam={_g(placed.Sbeam_m)}",
        f"  Xclose={_g(centre.Xclose_m)} Yclose={_g(centre.Yclose_m)}",
        f"  Fclose={_g(placed.Fclose_m)} Sclose={_g(placed.Sclose_m)}",
        f"  DIRECTION_OF_DETECTOR_X-AXIS= {_vector(placed.fdet)}",
        f"  DIRECTION_OF_DETECTOR_Y-AXIS= {_vector(placed.sdet)}",
        f"  DIRECTION_OF_DETECTOR_Z-AXIS= {_vector(placed.odet)}",
        f"  INCIDENT_BEAM_DIRECTION= {_vector(placed.beam)}",
        f"  spindle ROTATION_AXIS= {_vector(placed.spindle)}",
        f"  POLARIZATION_PLANE_NORMAL= {_vector(placed.polar)}",
        f"  dials origin= {_g(1000.0 * z)} {_g(1000.0 * y)} {_g(-1000.0 * x)}",
        f"  roi: {roi.fast_min} < x < {roi.fast_max} && {roi.slow_min} < y < {roi.slow_max}",
    ]


def after(figures: Statistics, omega_sum_sr: float) -> list[str]:
    """Return the statistics printed after the pixel loop."""
    omega, percent = _g(omega_sum_sr), _g(100.0 * omega_sum_sr / (4.0 * math.pi))
    return [
        f"solid angle subtended by detector = {omega} steradian ( {percent}% sphere)",
        f"max_I = {_g(figures.max_I)}  at {_g(figures.max_fast_m)} {_g(figures.max_slow_m)}",
        f"mean= {_g(figures.mean)} rms= {_g(figures.rms)} rmsd= {_g(figures.rmsd)}",
    ]
