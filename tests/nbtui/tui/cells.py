"""A screen as cells: what each says and how it looks, drawn as text for all themes at once.

The themes share one layout, so one text and one map of looks tell them all: a look is named by
the roles of its colours (``bold error on background``), and a colour that is no role of the
palette is written out for every theme. Dots of an image are told by a digest alone.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from textual.app import App
from textual.geometry import Region
from textual.theme import Theme

_MARKS = ("bold", "dim", "italic", "underline", "strike", "blink")
_ROLES = (
    "background", "surface", "panel", "foreground", "primary", "secondary", "accent", "success",
    "warning", "error", "muted", "rule", "cursor-row",
)  # fmt: skip
_LETTERS = {
    "foreground": "f", "muted": "m", "primary": "p", "secondary": "d", "accent": "a",
    "success": "s", "warning": "w", "error": "e", "rule": "r",
}  # fmt: skip
"""On the plain background; in capitals where bold."""
_OTHERS = "0123456789bcghijklnoqtuvxyzBCGHIJKLNOQTUVXYZ#$%&@=+<>?!"
_DOT = "*"


@dataclass(frozen=True, slots=True)
class Look:
    """Colours as they reach the terminal; a blank has no ink."""

    ink: str
    ground: str
    marks: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A character (empty in the second half of a wide one) and its look."""

    char: str
    look: Look

    @property
    def graphic(self) -> bool:
        """Whether it is drawn, not written: rules, bars, dots."""
        return not self.char.strip() or "─" <= self.char <= "▟" or "⠀" <= self.char <= "⣿"


Cells = tuple[tuple[Cell, ...], ...]


def seen(app: App[int]) -> Cells:
    """Return the screen as it is drawn now, with what shines through a dialog."""
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    rows = []
    for strips in update.strips:  # type: ignore[union-attr]  # a full update has strips
        row: list[Cell] = []
        for text, style, _ in (segment for strip in strips for segment in strip):
            for char in text:
                look = _look(style or Style(), blank=char == " ")
                row.append(Cell(char, look))
                row += [Cell("", look)] * (cell_len(char) - 1)
        rows.append(tuple(row))
    return tuple(rows)


@lru_cache(maxsize=65536)
def _look(style: Style, *, blank: bool) -> Look:
    ink, ground = _hex(style.color), _hex(style.bgcolor)
    if style.reverse:
        ink, ground = ground, ink
    marks = [m for m in _MARKS if getattr(style, m)]
    if blank and not {"underline", "strike"} & set(marks):
        return Look("", ground)
    return Look(ink, ground, " ".join(marks))


def _hex(colour: Color | None) -> str:
    return colour.get_truecolor().hex if colour else "none"


def text_of(cells: Cells) -> tuple[str, ...]:
    """Return what the screen says, line by line."""
    return tuple("".join(cell.char for cell in row) for row in cells)


def within(cells: Cells, region: Region) -> Cells:
    """Return a part of a screen."""
    return tuple(row[region.x : region.right] for row in cells[region.y : region.bottom])


def runs(row: Sequence[Cell]) -> Iterator[tuple[str, Look]]:
    """Yield the words of a line with their look."""
    start = 0
    for end in range(1, len(row) + 1):
        if end == len(row) or row[end].look != row[start].look:
            yield "".join(cell.char for cell in row[start:end]), row[start].look
            start = end


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, as WCAG 2.2 defines it."""
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(colour: str) -> tuple[float, ...]:
    """Return red, green and blue of ``#rrggbb`` as amounts of light, 0 to 1."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)


@lru_cache(maxsize=4096)
def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def roles(themes: Sequence[Theme]) -> dict[tuple[str, ...], str]:
    """Return the name of each colour of the palette, by its values in all themes."""
    named: dict[tuple[str, ...], str] = {}
    for role in _ROLES:
        values = (t.variables.get(role) or str(getattr(t, role, "")) for t in themes)
        named.setdefault(tuple(v.lower() for v in values), role)
    return named


def picture(
    shown: Mapping[str, Cells], palette: Mapping[tuple[str, ...], str], front: Region | None
) -> str:
    """Return one text for a screen in all themes.

    Parameters
    ----------
    shown
        The same screen by the name of its theme; all say the same.
    palette
        What :func:`roles` gives for these themes, in this order.
    front
        Where a dialog is; how the screen around it looks is not told.
    """
    screens = tuple(shown.values())
    letters = _Letters(palette)
    looks = []
    dots: list[tuple[int, int]] = []
    for y, rows in enumerate(zip(*screens, strict=True)):
        line = ""
        for x, cells in enumerate(zip(*rows, strict=True)):
            behind = front is not None and not front.contains(x, y)
            letter = " " if behind else letters.of(cells)
            dots += [(x, y)] if letter == _DOT else []
            line += letter
        looks.append(line)
    lines = [f"|{line.rstrip()}" for line in text_of(screens[0])]
    lines += ["", "looks", *(f"|{line.rstrip()}" for line in looks), ""]
    lines += [f"{letter}  {name}" for letter, name in sorted(letters.legend.items())]
    if dots:
        lines += [f"{_DOT}  {_digest(cells, dots)} in {name}" for name, cells in shown.items()]
    return "\n".join(lines) + "\n"


class _Letters:
    """A letter for each look, in the order in which they are met."""

    def __init__(self, palette: Mapping[tuple[str, ...], str]) -> None:
        self.legend: dict[str, str] = {}
        self._palette = palette
        self._known: dict[tuple[object, ...], str] = {}
        self._others = iter(_OTHERS)

    def of(self, cells: Sequence[Cell]) -> str:
        """Return the letter of a cell, given as each theme draws it."""
        looks = tuple(cell.look for cell in cells)
        key = (cells[0].graphic, *looks)
        if key not in self._known:
            self._known[key] = self._new(looks, graphic=cells[0].graphic)
        return self._known[key]

    def _new(self, looks: Sequence[Look], *, graphic: bool) -> str:
        """Name a look; what differs between themes other than by role is written out."""
        inks = self._role([look.ink for look in looks])
        grounds = self._role([look.ground for look in looks])
        if graphic and "#" in inks + grounds:
            return _DOT
        marks = "/".join(sorted({look.marks for look in looks}))
        name = " ".join(filter(None, (marks, inks, "on", grounds)))
        letter = next((k for k, v in self.legend.items() if v == name), _letter(name))
        if letter != " ":
            letter = letter or next(self._others)
            self.legend[letter] = name
        return letter

    def _role(self, colours: Sequence[str]) -> str:
        if not any(colours):
            return ""
        near = (r for values, r in self._palette.items() if all(map(_near, values, colours)))
        return next(near, "/".join(colours))


def _near(one: str, other: str) -> bool:
    """Whether two colours are the same but for rounding."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5) if other)
    return bool(other) and all(abs(a - b) <= 1 for a, b in pairs)


def _letter(name: str) -> str:
    if name == "on background":
        return " "
    if not name.endswith(" on background"):
        return ""
    role = name.removesuffix(" on background")
    letter = _LETTERS.get(role.removeprefix("bold "), "")
    return letter.upper() if role.startswith("bold ") else letter


def _digest(cells: Cells, dots: Iterable[tuple[int, int]]) -> str:
    looks = (cells[y][x].look for x, y in dots)
    told = "".join(f"{look.ink}{look.ground}" for look in looks)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
