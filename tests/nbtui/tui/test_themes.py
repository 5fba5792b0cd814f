"""Every theme is legible, and NO_COLOR gets the one made for it."""

import pytest
from textual.color import Color
from textual.theme import Theme

from nbtui.tui import themes

_TEXT = ("foreground", "primary", "secondary", "accent", "success", "warning", "error")
_READABLE = 4.5


def _contrast(one: str, other: str) -> float:
    def luminance(text: str) -> float:
        channels = [
            c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
            for c in Color.parse(text).normalized
        ]
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", themes.THEMES, ids=lambda t: t.name)
def test_text_stands_out(theme: Theme) -> None:
    backgrounds = (theme.background or "", theme.surface or "", theme.variables["cursor-row"])
    for background in backgrounds:
        for name in _TEXT:
            colour = getattr(theme, name)
            assert _contrast(colour, background) >= _READABLE, (name, background)
    assert _contrast(theme.variables["muted"], theme.background or "") >= _READABLE


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
