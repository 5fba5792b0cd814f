"""Integer previews: the 16-bit SMV image and the 8-bit PGM (spec 10.2 to 10.4)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.experiment import Experiment
from engine.formats.atomic import write_atomically
from engine.units import DEGREES_PER_RADIAN

_HEADER_BYTES = 512
_INT_TARGET = 55000.0
_STRIP_PIXELS = 1 << 16

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

    def counts(strip: NDArray[np.float32]) -> NDArray[np.unsignedinteger]:
        t = strip.astype(np.float64)
        t *= scaling.scale
        t += scaling.adc_offset
        np.clip(t, 0.0, 65535.0, out=t)
        # The original rounds t + 1/2 to float32 before it takes the floor (Q-INTFLOOR).
        t += 0.5
        return np.floor(t.astype(np.float32)).astype("<u2")

    header = smv_header(experiment).encode("ascii")
    write_atomically(path, chain([header], _pixels(experiment, image, counts)))


def write_pgm(
    path: Path, experiment: Experiment, image: NDArray[np.float32], scaling: Scaling
) -> None:
    """Write the 8-bit preview; pixels outside the region of interest are 0.

    Raises
    ------
    FileError
        When it cannot be written; nothing is left under its name then.
    """

    def greys(strip: NDArray[np.float32]) -> NDArray[np.unsignedinteger]:
        t = strip.astype(np.float64)
        t *= scaling.scale
        return np.minimum(t, 255.0, out=t).astype(np.uint8)

    slow, fast = image.shape
    header = f"P5\n{fast} {slow}\n# pixels scaled by {scaling.scale:g}\n255\n".encode("ascii")
    write_atomically(path, chain([header], _pixels(experiment, image, greys)))


def _pixels(
    experiment: Experiment, image: NDArray[np.float32], convert: Convert
) -> Iterator[memoryview]:
    """Yield the converted pixels in strips of whole rows, zero outside the region of interest."""
    roi = experiment.sampling.roi
    rows = max(1, _STRIP_PIXELS // image.shape[1])
    for start in range(0, image.shape[0], rows):
        strip = convert(image[start : start + rows])
        strip[:, : roi.fast_min] = 0
        strip[:, roi.fast_max + 1 :] = 0
        strip[: max(roi.slow_min - start, 0)] = 0
        strip[max(roi.slow_max + 1 - start, 0) :] = 0
        yield strip.data.cast("B")


def smv_header(experiment: Experiment) -> str:
    """Return the SMV header, padded to 512 bytes (longer when its numbers are; spec 10.4)."""
    placed, det = experiment.placed(), experiment.detector
    centre, half, phi = placed.centre, 0.5 * det.pixel_m, experiment.phi
    x, y, z = placed.pix0_m
    start = f"{phi.start_rad * DEGREES_PER_RADIAN:g}"
    entries = (
        ("HEADER_BYTES", "512"), ("DIM", "2"), ("BYTE_ORDER", "little_endian"),
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
    # The original forgets one semicolon, and readers of its files have learned to live with it.
    lines = [f"{name}={value}" + ("" if name == "DIALS_ORIGIN" else ";") for name, value in entries]
    return ("{\n" + "\n".join(lines) + "\n}\f").ljust(_HEADER_BYTES)


def _mm(metres: float) -> str:
    return f"{metres * 1000.0:g}"
