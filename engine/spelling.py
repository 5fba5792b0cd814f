"""Writing a number so that nanoBragg reads exactly the same one."""

import math
from collections.abc import Callable

Convert = Callable[[float], float]

_NEIGHBOURS = 4


def spell(value: float, convert: Convert | None = None) -> str:
    """Return the shortest decimal that a flag's conversion turns into a value.

    Parameters
    ----------
    value
        In internal units.
    convert
        From the flag's unit to the internal one, monotone; None when they are the same.

    Returns
    -------
    str
        A number in the flag's unit. Not every value can be reached: a division by 1000 skips
        one float in forty. Then the nearest is returned, one unit in the last place away.
    """
    if convert is None or value == 0.0:
        return _short(float(value))
    guess = _inverse(value, convert)
    for digits in (15, 16, 17):
        text = f"{guess:.{digits}g}"
        if convert(float(text)) == value:
            return _short(float(text))
    near = [guess]
    for _ in range(_NEIGHBOURS):
        near = [math.nextafter(near[0], -math.inf), *near, math.nextafter(near[-1], math.inf)]
    best = min(near, key=lambda candidate: abs(convert(candidate) - value))
    return _short(best)


def _inverse(value: float, convert: Convert) -> float:
    """Return roughly the number that converts to a value; conversions are x·f or f/x."""
    one, two = convert(1.0), convert(2.0)
    return value / one if two > one else one / value


def _short(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
