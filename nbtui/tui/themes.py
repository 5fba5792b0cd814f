"""Five themes: dark, light, high contrast, colour-blind safe and monochrome.

Colour is the third way a state is told, after glyph and word; every theme keeps text at a
contrast of at least 4.5 to 1 against its background (``tests/nbtui/tui/test_themes.py``).
"""

from collections.abc import Mapping
from itertools import cycle

from textual.theme import Theme

DEFAULT = "nb-dark"
MONOCHROME = "nb-mono"


def _theme(name: str, *, dark: bool, muted: str, rule: str, cursor: str, **colours: str) -> Theme:
    """Return a theme with the variables that the style sheets of this app use."""
    return Theme(
        name=name,
        dark=dark,
        variables={
            "muted": muted,
            "rule": rule,
            "cursor-row": cursor,
            "block-cursor-text-style": "none",
            "scrollbar": rule,
            "scrollbar-hover": muted,
            "scrollbar-active": colours["primary"],
            "scrollbar-background": colours["background"],
            "scrollbar-background-hover": colours["background"],
            "scrollbar-background-active": colours["background"],
            "scrollbar-corner-color": colours["background"],
            "input-cursor-background": colours["foreground"],
            "input-selection-background": f"{colours['primary']} 40%",
        },
        **colours,  # type: ignore[arg-type]  # every colour of Theme is a string
    )


THEMES: tuple[Theme, ...] = (
    _theme(
        "nb-dark",
        dark=True,
        background="#10161d",
        surface="#151d26",
        panel="#1b2530",
        foreground="#d6dee6",
        primary="#7cb7e8",
        secondary="#9aa9d6",
        accent="#e6c07b",
        success="#79c99e",
        warning="#e6b450",
        error="#f0857d",
        muted="#8f9fae",
        rule="#33424f",
        cursor="#22364a",
    ),
    _theme(
        "nb-light",
        dark=False,
        background="#fbfaf6",
        surface="#f3f1ea",
        panel="#e9e6dc",
        foreground="#22303c",
        primary="#1d5f96",
        secondary="#4d5a94",
        accent="#7d5700",
        success="#1c6e45",
        warning="#825300",
        error="#ab2b26",
        muted="#57636e",
        rule="#c5c3b8",
        cursor="#d5e4f1",
    ),
    _theme(
        "nb-contrast",
        dark=True,
        background="#000000",
        surface="#000000",
        panel="#1a1a1a",
        foreground="#ffffff",
        primary="#6fd3ff",
        secondary="#c9b8ff",
        accent="#ffe14d",
        success="#5dff9b",
        warning="#ffd000",
        error="#ff9088",
        muted="#d0d0d0",
        rule="#9a9a9a",
        cursor="#00396b",
    ),
    _theme(
        # After Okabe and Ito: whoever confuses red and green, or blue and yellow, still tells
        # the colours of the states apart (primary, success, warning, error).
        "nb-cvd",
        dark=True,
        background="#11151a",
        surface="#171c22",
        panel="#1e252d",
        foreground="#dde2e7",
        primary="#9db8ff",
        secondary="#d996ba",
        accent="#efc3dc",
        success="#3ad1a3",
        warning="#f0e442",
        error="#ff7f50",
        muted="#98a4af",
        rule="#3a4651",
        cursor="#1f3850",
    ),
    _theme(
        "nb-mono",
        dark=True,
        background="#0c0c0c",
        surface="#141414",
        panel="#1e1e1e",
        foreground="#e4e4e4",
        primary="#ffffff",
        secondary="#d0d0d0",
        accent="#ffffff",
        success="#e4e4e4",
        warning="#ffffff",
        error="#ffffff",
        muted="#a6a6a6",
        rule="#4a4a4a",
        cursor="#3a3a3a",
    ),
)


def first_theme(environ: Mapping[str, str]) -> str:
    """Return the theme to start with.

    ``NO_COLOR`` gets the monochrome theme: a colour theme turned to grey afterwards makes
    its reds unreadable, and an ``ansi-*`` theme would be black on black.
    """
    if environ.get("NO_COLOR"):
        return MONOCHROME
    wanted = environ.get("NBTUI_THEME", DEFAULT)
    name = wanted if wanted.startswith("nb-") else f"nb-{wanted}"
    return name if name in {theme.name for theme in THEMES} else DEFAULT


def after(name: str) -> str:
    """Return the theme that follows ``name`` when one walks through them."""
    names = cycle(theme.name for theme in THEMES)
    for candidate in names:
        if candidate == name:
            return next(names)
        if candidate == THEMES[-1].name:
            break
    return DEFAULT
