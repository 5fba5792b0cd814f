"""nanoBragg's per-pixel report: the last path through a pixel, and its value (spec 12.4)."""

import math
from collections.abc import Iterator, Sequence

from engine.experiment import Experiment
from engine.formats.table import ReflectionTable
from engine.trace import Tracer, Value

_ANGSTROM_PER_METRE = 1e10


def printout(
    experiment: Experiment, table: ReflectionTable | None, pixel: tuple[int, int] | None
) -> Iterator[str]:
    """Yield the lines of the report.

    Parameters
    ----------
    experiment, table
        What is simulated, and its reflections.
    pixel
        Slow and fast of the pixel to report; None for every rendered one, in scan order.

    Raises
    ------
    UsageError
        When the pixel is not rendered.
    """
    tracer = Tracer(experiment, table)
    # A pixel whose paths are all cut repeats those of the pixel before.
    last: dict[str, Value] = dict.fromkeys(("F_cell", "F_latt"), 0.0)
    last |= dict.fromkeys(("hkl", "hkl0", "a_m", "b_m", "c_m"), (0.0, 0.0, 0.0))
    for slow, fast in tracer.rendered() if pixel is None else [pixel]:
        last |= {line.name: line.value for line in tracer.pixel(slow, fast)}
        yield from _lines(slow, fast, last, experiment)


def _lines(slow: int, fast: int, last: dict[str, Value], experiment: Experiment) -> Iterator[str]:
    def number(name: str) -> float:
        value = last[name]
        return value if isinstance(value, float | int) else value[0]

    def vector(name: str) -> Sequence[float]:
        value = last[name]
        return value if isinstance(value, tuple) else (value,)

    x, y, z = vector("pos_m")
    # Takes the beam along X, as the original does.
    approximate = math.sin(0.5 * math.atan2(math.sqrt(y * y + z * z), x))
    approximate = approximate / experiment.beam.wavelength_m * 1e-10
    yield (
        f"pixel fast= {fast} slow= {slow}  stol= {number('stol_inv_m'):g} m^-1 "
        f"(about {approximate:g} A^-1)"
    )
    yield f" position= {x:g} {y:g} {z:g} m"
    h, k, l = vector("hkl")  # noqa: E741 - Miller's
    h0, k0, l0 = vector("hkl0")
    yield f" hkl= {h:f} {k:f} {l:f}  hkl0= {h0:.0f} {k0:.0f} {l0:.0f}"
    total = number("I_total")
    yield (
        f" F_cell= {number('F_cell'):g}  F_latt= {number('F_latt'):g}  I= {total:g}  "
        f"I/steps= {total / experiment.steps:g}"
    )
    yield (
        f" polar= {number('polar_final'):15.10g}  omega= {number('omega_final'):15.10g}  "
        f"capture_fraction= {number('capture_final'):15.10g}"
    )
    yield f" pixel= {number('pixel_double'):15.10g}"
    yield "  ".join(_axis(name, vector(f"{name}_m")) for name in "abc") + " Angstrom"


def _axis(name: str, metres: Sequence[float]) -> str:
    numbers = " ".join(f"{component * _ANGSTROM_PER_METRE:g}" for component in metres)
    return f"{' ' if name == 'a' else ''}{name}= {numbers}"
