"""Integer images: the 16-bit SMV image, the noise image and the 8-bit PGM (spec 10.2 to 10.5)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.experiment import Experiment
from engine.formats.atomic import write_atomically
from engine.noise import PoissonStream
from engine.statistics import strips
from engine.units import DEGREES_PER_RADIAN

_HEADER_BYTES = 512
_INT_TARGET = 55000.0
_LARGEST_COUNT = 65535.0
_LARGEST_GREY = 255.0

Convert = Callable[[NDArray[np.float32]], NDArray[np.unsignedinteger]]


@dataclass(frozen=True, slots=True)
class Scaling:
    """How photons become counts.

    Parameters
    ----------
    scale
        Counts per photon.
    adc_offset
        Counts of a pixel without photons.
    """

    scale: float
    adc_offset: float = 0.0


def int_scale(requested: float, max_I: float) -> float:
    """Return counts per photon: as requested, or so that the brightest pixel has 55000."""
    if requested > 0.0:
        return requested
    return _INT_TARGET / max_I if max_I > 0.0 else 1.0


def pgm_scale(requested: float, rmsd: float, int_scale_used: float) -> float:
    """Return grey levels per photon: as requested, or so that five rmsd are white."""
    if requested > 0.0:
        return requested
    return 250.0 / (5.0 * rmsd) if rmsd > 0.0 else int_scale_used


def write_smv(
    path: Path, experiment: Experiment, image: NDArray[np.float32], scaling: Scaling
) -> None:
    """Write the 16-bit image; pixels outside the region of interest are 0.

    Raises
    ------
    FileError
        When it cannot be written; nothing is left under its name then.
    """

    def counts(strip: NDArray[np.float32]) -> NDArray[np.uint16]:
        t = strip.astype(np.float64)
        t *= scaling.scale
        t += scaling.adc_offset
        np.clip(t, 0.0, _LARGEST_COUNT, out=t)
        # The original rounds t + 1/2 to float32 before it takes the floor (Q-INTFLOOR).
        t += 0.5
        # The conversion takes the floor: nothing is negative.
        return t.astype(np.float32).astype(np.uint16)

    header = smv_header(experiment).encode("ascii")
    write_atomically(path, chain([header], _pixels(experiment, image, np.dtype("<u2"), counts)))


@dataclass(slots=True)
class NoiseTotals:
    """What a noise image holds altogether.

    Parameters
    ----------
    photons
        Sum of the counted photons.
    overloads
        Pixels above 65535 counts.
    """

    photons: float = 0.0
    overloads: int = 0


def write_noise(
    path: Path,
    experiment: Experiment,
    image: NDArray[np.float32],
    deviates: PoissonStream,
    adc_offset: float,
) -> NoiseTotals:
    """Write the 16-bit image of counted photons; pixels outside the region are 0 (spec 10.5).

    Masked pixels are counted like the others: none is expected there, and a deviate is used.

    Raises
    ------
    FileError
        When it cannot be written; nothing is left under its name then.
    """
    totals = NoiseTotals()

    def counts(strip: NDArray[np.float32]) -> NDArray[np.uint16]:
        photons = deviates.draw(strip).astype(np.float64)
        totals.photons += float(photons.sum())
        photons += adc_offset
        totals.overloads += int(np.count_nonzero(photons > _LARGEST_COUNT))
        np.minimum(photons, _LARGEST_COUNT, out=photons)
        if experiment.corrected:
            np.maximum(photons, 0.0, out=photons)
        # Truncated toward zero; what is negative wraps, as on the original's machines (Q-ADCNEG).
        return photons.astype(np.int64).astype(np.uint16)

    header = smv_header(experiment).encode("ascii")
    write_atomically(path, chain([header], _pixels(experiment, image, np.dtype("<u2"), counts)))
    return totals


def write_pgm(
    path: Path, experiment: Experiment, image: NDArray[np.float32], scaling: Scaling
) -> None:
    """Write the 8-bit preview; pixels outside the region of interest are 0.

    Raises
    ------
    FileError
        When it cannot be written; nothing is left under its name then.
    """

    def greys(strip: NDArray[np.float32]) -> NDArray[np.uint8]:
        t = strip.astype(np.float64)
        t *= scaling.scale
        return np.clip(t, 0.0, _LARGEST_GREY, out=t).astype(np.uint8)

    slow, fast = image.shape
    header = f"P5\n{fast} {slow}\n# pixels scaled by {scaling.scale:g}\n255\n".encode("ascii")
    write_atomically(path, chain([header], _pixels(experiment, image, np.dtype("u1"), greys)))


def _pixels(
    experiment: Experiment,
    image: NDArray[np.float32],
    kind: np.dtype[np.unsignedinteger],
    convert: Convert,
) -> Iterator[memoryview]:
    """Yield the converted pixels in strips of whole rows, zero outside the region of interest."""
    roi = experiment.sampling.roi
    for start, strip in strips(image):
        inside = (
            slice(max(roi.slow_min - start, 0), max(roi.slow_max + 1 - start, 0)),
            slice(roi.fast_min, roi.fast_max + 1),
        )
        converted = np.zeros(strip.shape, kind)
        converted[inside] = convert(strip[inside])
        yield converted.data.cast("B")


def smv_header(experiment: Experiment) -> str:
    """Return the SMV header, padded to 512 bytes.

    When its numbers take more, the original's header is longer and still says 512 (Q-HEADER);
    corrected, it takes and says a multiple of 512.
    """
    lines = "".join(_header_lines(experiment))
    size = _HEADER_BYTES
    while True:
        text = f"{{\nHEADER_BYTES={size};\n{lines}}}\f"
        if len(text) <= size or not experiment.corrected:
            return text.ljust(size)
        size += _HEADER_BYTES


def _header_lines(experiment: Experiment) -> Iterator[str]:
    placed, det = experiment.placed(), experiment.detector
    centre, half, phi = placed.centre, 0.5 * det.pixel_m, experiment.phi
    x, y, z = placed.pix0_m
    start = f"{phi.start_rad * DEGREES_PER_RADIAN:g}"
    entries = (
        ("DIM", "2"), ("BYTE_ORDER", "little_endian"),
        ("TYPE", "unsigned_short"), ("SIZE1", str(det.pixels_fast)),
        ("SIZE2", str(det.pixels_slow)), ("PIXEL_SIZE", _mm(det.pixel_m)),
        ("DISTANCE", _mm(placed.distance_m)),
        ("WAVELENGTH", f"{experiment.beam.wavelength_m * 1e10:g}"),
        ("BEAM_CENTER_X", _mm(centre.Xbeam_m)), ("BEAM_CENTER_Y", _mm(centre.Ybeam_m)),
        ("ADXV_CENTER_X", _mm(placed.Fbeam_m)),
        ("ADXV_CENTER_Y", _mm(det.size_slow_m - placed.Sbeam_m)),
        ("MOSFLM_CENTER_X", _mm(placed.Sbeam_m - half)),
        ("MOSFLM_CENTER_Y", _mm(placed.Fbeam_m - half)),
        ("DENZO_X_BEAM", _mm(placed.Sbeam_m)), ("DENZO_Y_BEAM", _mm(placed.Fbeam_m)),
        ("DIALS_ORIGIN", f"{_mm(z)},{_mm(y)},{_mm(-x)}"),
        ("XDS_ORGX", f"{placed.ORGX_px:g}"), ("XDS_ORGY", f"{placed.ORGY_px:g}"),
        ("CLOSE_DISTANCE", _mm(placed.close_distance_m)), ("PHI", start), ("OSC_START", start),
        ("OSC_RANGE", f"{phi.range_rad * DEGREES_PER_RADIAN:g}"),
        ("TWOTHETA", f"{det.twotheta_rad * DEGREES_PER_RADIAN:g}"),
        ("DETECTOR_SN", "000"), ("BEAMLINE", "fake"),
    )  # fmt: skip
    for name, value in entries:
        # The original forgets one semicolon, and readers of its files have learned to live with it.
        yield f"{name}={value}\n" if name == "DIALS_ORIGIN" else f"{name}={value};\n"


def _mm(metres: float) -> str:
    return f"{metres * 1000.0:g}"
