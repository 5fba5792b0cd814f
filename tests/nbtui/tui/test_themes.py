"""Every theme is legible, and NO_COLOR gets the one made for it."""

import math
from itertools import combinations

import pytest
from textual.color import Color
from textual.theme import Theme

from nbtui.tui import themes
from tests.nbtui.tui.cells import contrast, linear

_TEXT = ("foreground", "primary", "secondary", "accent", "success", "warning", "error")
_READABLE = 4.5
_STATES = ("primary", "success", "warning", "error")
_APART = 20.0
"""CIE 1976 colour difference; 2.3 is just noticeable side by side."""
_SEEN_AS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}  # fmt: skip
"""What a dichromat sees of linear red, green and blue (Machado, Oliveira and Fernandes 2009)."""
_LAB = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
_WHITE = (0.95047, 1.0, 1.08883)


@pytest.mark.parametrize("theme", themes.THEMES, ids=lambda t: t.name)
def test_text_stands_out(theme: Theme) -> None:
    backgrounds = (
        theme.background or "", theme.surface or "", theme.panel or "",
        theme.variables["cursor-row"],
    )  # fmt: skip
    for background in backgrounds:
        for name in (*_TEXT, "muted"):
            colour = theme.variables.get(name) or getattr(theme, name)
            assert contrast(colour, background) >= _READABLE, (name, background)


def _lab(colour: str, kind: str) -> tuple[float, float, float]:
    """Return a colour as one with this kind of colour-blindness sees it, in CIE L*a*b*."""
    light = linear(colour)
    seen = [sum(a * b for a, b in zip(row, light, strict=True)) for row in _SEEN_AS[kind]]
    inside = [min(max(c, 0.0), 1.0) for c in seen]
    xyz = (sum(a * b for a, b in zip(row, inside, strict=True)) for row in _LAB)
    x, y, z = (
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
        for t in (value / white for value, white in zip(xyz, _WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("kind", _SEEN_AS)
def test_states_are_told_apart_by_the_colour_blind(kind: str) -> None:
    theme = next(t for t in themes.THEMES if t.name == "nb-cvd")
    for one, other in combinations(_STATES, 2):
        apart = math.dist(_lab(getattr(theme, one), kind), _lab(getattr(theme, other), kind))
        assert apart >= _APART, (one, other)


def test_no_color_starts_the_monochrome_theme() -> None:
    assert themes.first_theme({"NO_COLOR": "1", "NBTUI_THEME": "light"}) == themes.MONOCHROME
    mono = next(t for t in themes.THEMES if t.name == themes.MONOCHROME)
    for name in (*_TEXT, "background", "surface", "panel"):
        red, green, blue = Color.parse(getattr(mono, name)).rgb
        assert red == green == blue


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, "nb-dark"),
        ({"NBTUI_THEME": "light"}, "nb-light"),
        ({"NBTUI_THEME": "nb-cvd"}, "nb-cvd"),
        ({"NBTUI_THEME": "ansi-dark"}, "nb-dark"),
    ],
)
def test_the_first_theme(environ: dict[str, str], name: str) -> None:
    assert themes.first_theme(environ) == name


def test_walking_through_the_themes_comes_back() -> None:
    name = themes.DEFAULT
    seen = []
    for _ in themes.THEMES:
        seen.append(name)
        name = themes.after(name)
    assert name == themes.DEFAULT
    assert len(set(seen)) == len(themes.THEMES)
    assert themes.after("textual-dark") == themes.DEFAULT
