"""How far two images agree: float64, band by band, bounded memory.

Every measure is defined with ``x`` = C image (the reference) and ``y`` = the port's image.
:func:`measure` gives every figure, :func:`compare_arrays` and :func:`compare_files` the basic
ones as :class:`Metrics`. Each family of figures is one small class in a file of its own
(:mod:`~engine.parity.metrics.registry` lists them) with its formula and what it is blind to.

A figure that has no value (constant image, NaN pixel) is ``None`` with a reason; nothing here
returns NaN, and no comparison can pass by it.
"""

from engine.parity.metrics.basic import (
    Metrics,
    compare_arrays,
    compare_files,
    compare_images,
)
from engine.parity.metrics.measure import Measurement, measure
from engine.parity.metrics.model import About, Family
from engine.parity.metrics.moments import Moments, correlation, dot, intercept, slope
from engine.parity.metrics.registry import FAMILIES
from engine.parity.metrics.validity import Validity

__all__ = [
    "FAMILIES", "About", "Family", "Measurement", "Metrics", "Moments", "Validity",
    "compare_arrays", "compare_files", "compare_images", "correlation", "dot", "intercept",
    "measure", "slope",
]  # fmt: skip
