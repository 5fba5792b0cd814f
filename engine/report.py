"""nanoBragg's console report: what a parser may rely on (spec 12.2)."""

import math

from engine.beam import Beam, sources
from engine.crystal import Lattice, Shape, angles_deg
from engine.experiment import Experiment
from engine.formats.table import ReflectionTable
from engine.geometry import PlacedDetector
from engine.statistics import Statistics
from engine.units import DEGREES_PER_RADIAN
from engine.vectors import Vec3, dot, norm

_DENSITY_G_M3 = 1.2e6
_AVOGADRO = 6.02214179e23
_SHAPES: dict[Shape, str] = {
    "square": "parallelpiped",
    "round": "ellipsoidal",
    "gauss": "gaussian",
    "tophat": "tophat-spot",
}


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
    in_frame = (dot(placed.beam, v) for v in (placed.fdet, placed.sdet, placed.odet))
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
    weight = oriented.volume_A3 * 1e-30 * _DENSITY_G_M3 * _AVOGADRO
    lines.append(f"approximate MW = {_g(weight)}")
    if experiment.sampling.oversample_chosen:
        lines.append(f"auto-selected {experiment.sampling.oversample}-fold oversampling")
    return lines


def _cell_lines(oriented: Lattice) -> list[str]:
    real = (oriented.a_A, oriented.b_A, oriented.c_A)
    recip = (oriented.a_star, oriented.b_star, oriented.c_star)
    lines = []
    for name, vectors in (("Unit", real), ("Recp", recip)):
        numbers = [*(norm(v) for v in vectors), *angles_deg(*vectors)]
        lines.append(f"{name} Cell: " + " ".join(_g(number) for number in numbers))
    lines.append(f"volume = {_g(oriented.volume_A3)} A^3")
    tables = (
        ("real-space cell vectors (Angstrom):", ("a", "b", "c"), real),
        ("reciprocal-space cell vectors (Angstrom^-1):", ("a_star", "b_star", "c_star"), recip),
    )
    for title, names, vectors in tables:
        lines += [title, "     " + "".join(f"{name:<12}" for name in names).rstrip()]
        for row, axis in enumerate("XYZ"):
            lines.append(f"{axis}: " + " ".join(f"{v[row]:11.8f}" for v in vectors))
    return lines


def summary(experiment: Experiment, table: ReflectionTable | None, noise_seed: int) -> list[str]:
    """Return the run summary printed before the pixel loop."""
    placed, crystal, beam = experiment.placed(), experiment.crystal, experiment.beam
    lines = _position_lines(experiment)
    lines += _source_lines(beam, placed)
    lines.append(f"  created a total of {crystal.mosaic_domains} mosaic domains")
    lines.append("nanoBragg parameters:")
    loaded = 0 if table is None else table.reflections
    default = _g(experiment.structure_factors.default_F)
    lines.append(f"  {loaded} initialized hkls (all others ={default})")
    cells = "x".join(f"{n:.0f}" for n in crystal.cells)
    lines.append(f"  {_SHAPES[crystal.shape]} xtal: {cells} cells")
    width = _g(beam.dispersion.range * 100.0)
    lines.append(
        f"  wave={_g(beam.wavelength_m)} meters +/- {width}% in {beam.dispersion.count} steps"
    )
    lines.append(f"  incident fluence: {_g(beam.fluence)} photons/m^2")
    lines += _detector_lines(experiment, placed)
    lines += _average_lines(experiment)
    lines.append(f"  seed: {noise_seed}")
    return lines


def _position_lines(experiment: Experiment) -> list[str]:
    """Return one line for each sensor layer and each spindle position."""
    sensor = experiment.detector.sensor
    lines = [f"thick{i} = {_g(sensor.step_m * i * 1e6)} um" for i in range(sensor.layers)]
    phis = experiment.phi.angles_rad
    return lines + [f"phi{j} = {_g(phi * DEGREES_PER_RADIAN)}" for j, phi in enumerate(phis)]


def _source_lines(beam: Beam, placed: PlacedDetector) -> list[str]:
    lines: list[str] = []
    if beam.listed_sources is None:
        lines += [f"divergence deviation: {_g(h)} {_g(v)}" for h, v in beam.deviations_rad]
        lines += [f"lambda{i} = {value:.15g}" for i, value in enumerate(beam.wavelengths_m)]
    points = sources(beam, placed)
    lines.append(f"  created a total of {len(points)} sources:")
    return lines + [
        f"{_vector(s.position_m)}   {_g(s.weight)} {_g(s.wavelength_m)}" for s in points
    ]


def _average_lines(experiment: Experiment) -> list[str]:
    """Return what each pixel averages over."""
    beam, phi, sampling = experiment.beam, experiment.phi, experiment.sampling
    grid = beam.divergence
    listed = beam.listed_sources is not None
    directions = -1 if listed else len(beam.deviations_rad)
    spread = _g(experiment.crystal.mosaic_spread_rad * DEGREES_PER_RADIAN)
    domains = experiment.crystal.mosaic_domains
    first = _g(phi.start_rad * DEGREES_PER_RADIAN)
    last = _g((phi.start_rad + phi.range_rad) * DEGREES_PER_RADIAN)
    n = sampling.oversample
    factors = "".join(
        f" +{name}"
        for name, asked in (
            ("thick", sampling.oversample_thick),
            ("polar", sampling.oversample_polar),
            ("omega", sampling.oversample_omega),
        )
        if asked
    )
    return [
        f"  hdivrange={_g(grid.horizontal.range)} hdivstep={_g(grid.horizontal.step)}  radians",
        f"  vdivrange={_g(grid.vertical.range)} vdivstep={_g(grid.vertical.step)}  radians",
        f"  {directions} divergence steps",
        f"  {beam.source_count} sources",
        f"  {domains} mosaic domains over mosaic spread of {spread} degrees",
        f"  {phi.steps} phi steps from {first} to {last} degrees",
        f"  {n}x{n} pixel oversample steps{factors}",
    ]


def _detector_lines(experiment: Experiment, placed: PlacedDetector) -> list[str]:
    det, centre, roi = experiment.detector, placed.centre, experiment.sampling.roi
    x, y, z = placed.pix0_m
    size = f"detsize={_g(det.size_fast_m)}x{_g(det.size_slow_m)}"
    pixels = f"({det.pixels_fast}x{det.pixels_slow} pixels)"
    sensor = det.sensor
    mu = _g(sensor.attenuation_per_m)
    return [
        f"  distance={_g(placed.distance_m)} {size}  pixel={_g(det.pixel_m)} meters {pixels}",
        f"  sensor is {_g(sensor.thickness_m)} m thick in {sensor.layers} layers with mu= {mu}",
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
