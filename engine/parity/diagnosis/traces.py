"""Two programs' traces of one pixel, compared quantity by quantity up to the first difference.

A trace is what the program itself prints with ``-trace_pixel slow fast``: JSON lines among
its report, or the lines ``TRACE name = values`` of specification 13.1; instrumented programs
write ``TRACE_C: name values``. Nothing is computed again here.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TEXT = re.compile(r"^\s*TRACE\w*\s*:?\s*([A-Za-z_][\w.\[\]]*)\s*=?\s*(.*)$")
_UNITS = {
    "_m": "m", "_sr": "sr", "_inv_m": "1/m", "_invA": "1/A", "_A3": "A^3", "_rad": "rad",
    "F_cell": "e", "I_running": "e^2", "I_total": "e^2", "I_bg": "e^2",
    "I_scaled": "photons/sr", "fluence": "photons/m^2", "pixel_double": "photons",
    "pixel_float": "photons", "_meters": "m", "_deg": "deg", "_angstroms": "A",
}  # fmt: skip
"""Units by the end of a name, for traces that do not say them; the longest end counts."""

TOLERANCES = (
    ("setup.", 1e-11), ("hkl", 1e-9), ("diffracted", 1e-11), ("pos_m", 1e-11),
    ("pixel_float", 1e-6),
)  # fmt: skip
DEFAULT_TOLERANCE = 1e-8
"""Relative to the largest component; what is not listed above."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """One line of a trace.

    Attributes
    ----------
    name, values, unit
        As the program printed them.
    line
        Where, in what it printed, counted from 1.
    """

    name: str
    values: tuple[float, ...]
    unit: str
    line: int


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where two traces part.

    Attributes
    ----------
    equal
        Quantities before it that agree.
    first, second
        The differing quantity on each side; ``None`` where one side has none of that name.
    relative
        Largest difference of a component over the largest component.
    hkl
        The reflection whose turn it is, as the first side has it.
    """

    equal: int
    first: Quantity | None
    second: Quantity | None
    relative: float
    hkl: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Return the quantity's name."""
        one = self.first or self.second
        return one.name if one else ""


def parse(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of a trace, in the order they were printed.

    Lines that are no trace are passed over; what a trace line cannot be read as is too.
    """
    return tuple(_parsed(text))


def value_of(trace: Sequence[Quantity], name: str) -> float | None:
    """Return the last value of a scalar quantity, ``None`` when the trace has none."""
    found = [q.values[0] for q in trace if q.name == name and len(q.values) == 1]
    return found[-1] if found else None


def first_divergence(a: Sequence[Quantity], b: Sequence[Quantity]) -> Divergence | None:
    """Return where two traces part first; ``None`` when all common quantities agree.

    The n-th quantity of a name is held against the n-th of that name on the other side, in
    the order of the first trace: a program that prints more is not different for that.
    """
    others = _numbered(b)
    named = {q.name for q in b}
    equal = 0
    hkl: tuple[int, ...] = ()
    for key, quantity in _numbered(a).items():
        other = others.get(key)
        if quantity.name == "hkl0":
            hkl = tuple(int(v) for v in quantity.values)
        if other is None:
            if quantity.name not in named:
                continue
            return Divergence(equal, quantity, None, math.inf, hkl)
        relative = difference(quantity, other)
        if relative > _tolerance(quantity.name):
            return Divergence(equal, quantity, other, relative, hkl)
        equal += 1
    counts, mine = Counter(q.name for q in b), Counter(q.name for q in a)
    more = next((q for q in b if mine[q.name] and counts[q.name] > mine[q.name]), None)
    return Divergence(equal, None, more, math.inf, hkl) if more else None


def difference(a: Quantity, b: Quantity) -> float:
    """Return the largest difference of a component over the largest component.

    Lattice factors count by magnitude: for an even number of cells an implementation that
    reduces indices first has the other sign, and only the square is used.
    """
    if len(a.values) != len(b.values):
        return math.inf
    x, y = (
        tuple(map(abs, q.values)) if q.name == "F_latt" else q.values for q in (a, b)
    )  # fmt: skip
    if x == y:
        return 0.0
    scale = max(abs(v) for v in (*x, *y))
    worst = max(abs(u - v) for u, v in zip(x, y, strict=True))
    if not math.isfinite(worst) or not math.isfinite(scale):
        return math.inf
    if a.name in {"hkl", "F_latt"}:
        # Indices are told by their absolute fraction; a lattice factor near its zero is 0.
        return worst / max(1.0, scale)
    return worst / scale if scale else 0.0


def _tolerance(name: str) -> float:
    return next((t for start, t in TOLERANCES if name.startswith(start)), DEFAULT_TOLERANCE)


def _numbered(trace: Sequence[Quantity]) -> dict[tuple[str, int], Quantity]:
    seen: Counter[str] = Counter()
    keyed: dict[tuple[str, int], Quantity] = {}
    for quantity in trace:
        keyed[quantity.name, seen[quantity.name]] = quantity
        seen[quantity.name] += 1
    return keyed


def _parsed(text: str) -> Iterator[Quantity]:
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith('{"name"'):
            quantity = _from_json(stripped, number)
        elif stripped.startswith("TRACE"):
            quantity = _from_text(stripped, number)
        else:
            continue
        if quantity is not None:
            yield quantity


def _from_json(line: str, number: int) -> Quantity | None:
    try:
        row = json.loads(line)
        value = row["value"]
        values = tuple(float(v) for v in (value if isinstance(value, list) else [value]))
        return Quantity(str(row["name"]), values, str(row.get("unit", "1")), number)
    except (ValueError, TypeError, KeyError):
        return None


def _from_text(line: str, number: int) -> Quantity | None:
    match = _TEXT.match(line)
    if match is None:
        return None
    try:
        values = tuple(float(word) for word in re.split(r"[\s,]+", match.group(2).strip()) if word)
    except ValueError:
        return None
    return Quantity(match.group(1), values, _unit(match.group(1)), number) if values else None


def _unit(name: str) -> str:
    bare = name.split("[", 1)[0] + (name.rpartition("]")[2] if "[" in name else "")
    ends = [end for end in _UNITS if bare.endswith(end)]
    return _UNITS[max(ends, key=len)] if ends else "1"
