"""Which side departs from what was asked: flags whose value a report repeats as it is."""

from collections.abc import Callable, Sequence

from engine.parity.arguments import c_real
from engine.parity.parameters import normalised
from nbtui.diagnose.model import Side


def _scaled(factor: float) -> Callable[[str], str]:
    return lambda word: normalised(repr(c_real(word) * factor))


def _whole(word: str) -> str:
    return str(int(c_real(word)))


def _three(word: str) -> str:
    return " ".join([f"{c_real(word):g}"] * 3)


_FLAGS: dict[str, tuple[str, Callable[[str], str]]] = {
    "-lambda": ("lambda_m", _scaled(1e-10)),
    "-distance": ("distance_m", _scaled(1e-3)),
    "-pixel": ("pixel_m", _scaled(1e-3)),
    "-fluence": ("fluence", _scaled(1.0)),
    "-default_F": ("default_F", _scaled(1.0)),
    "-mosaic": ("mosaic_spread_deg", _scaled(1.0)),
    "-phi": ("phi_from_deg", _scaled(1.0)),
    "-oversample": ("oversample", _whole),
    "-phisteps": ("phi_steps", _whole),
    "-mosaic_domains": ("mosaic_domains", _whole),
    "-N": ("N", _three),
}
"""Flag to the parameter it sets, and to how a report writes the flag's operand."""


def departing(args: Sequence[str], name: str, c: str | None, py: str | None) -> str:
    """Return which side departs from the arguments in one parameter, in words.

    Empty when no flag that a report repeats sets it, or when neither side or both have it:
    then the report shows something else than the flag.
    """
    for flag, (parameter, written) in _FLAGS.items():
        if parameter != name or flag not in args:
            continue
        last = len(args) - 1 - list(reversed(args)).index(flag)
        if last + 1 >= len(args):
            continue
        word = args[last + 1]
        values = {Side.C: c, Side.PY: py}
        off = [side for side in Side if not _same(values[side], written(word))]
        if len(off) == 1:
            return f"asked was {flag} {word}: {off[0].word} departs from it"
    return ""


def _same(value: str | None, expected: str) -> bool:
    if value is None:
        return False
    try:
        return all(
            float(a) == float(b) for a, b in zip(value.split(), expected.split(), strict=True)
        )
    except ValueError:
        return value == expected
