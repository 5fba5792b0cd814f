"""All families of measures. A new one is a file here and a line below."""

from engine.parity.metrics.agreement import Agreement, Flux
from engine.parity.metrics.difference import Energy, Extremes, Mismatches
from engine.parity.metrics.logarithm import Logarithm
from engine.parity.metrics.model import Family
from engine.parity.metrics.positions import Positions
from engine.parity.metrics.radial import Radial
from engine.parity.metrics.region import Centre
from engine.parity.metrics.residual import Residual
from engine.parity.metrics.similarity import Similarity
from engine.parity.metrics.tiles import Tiles
from engine.parity.metrics.ulp import Ulps

BASIC: tuple[type[Family], ...] = (Energy, Agreement, Flux, Extremes)
"""The figures of :class:`~engine.parity.metrics.Metrics`."""

FAMILIES: tuple[type[Family], ...] = (
    *BASIC,
    Mismatches,
    Ulps,
    Tiles,
    Logarithm,
    Radial,
    Residual,
    Positions,
    Centre,
    Similarity,
)
"""In the order in which they are shown; the first leads."""

BESIDE: tuple[type[Family], ...] = (Logarithm, Similarity, Positions)
"""Those that share logarithms, and peaks: half of the work, so that two cores share it evenly."""
