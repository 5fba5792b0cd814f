"""An image of any size: zoom, pan, a cursor, spots; drawn from pooled levels.

Half blocks are always there. Where the terminal can draw real pixels, sixels are laid over them
after each frame, and a picture of kitty's protocol stands in for them; pictures of the screen,
dialogs and all that is not on top show half blocks.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.events import Click, MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from nbtui.images.peaks import Found, Spot
from nbtui.images.pyramid import Pyramid, fitting_block, ladder
from nbtui.images.scale import Indices, Scale, Scaling, scale_of, table
from nbtui.images.views import Pictures, View
from nbtui.tui import compat
from nbtui.tui.document import edge
from nbtui.tui.graphics.canvas import Canvas
from nbtui.tui.graphics.choice import HALF_BLOCKS, Graphics
from nbtui.tui.graphics.picture import EMPTY, Mark, coarse, paint
from nbtui.tui.widgets.raster import Cells, Painter, cells

if TYPE_CHECKING:
    from textual.timer import Timer

MAGNIFIED = (8, 4, 2)
"""Dots an image pixel is high and wide, beyond one to one."""
FRAME_S = 0.05
"""Seconds from one picture to the next, at least: a terminal that is slower gets fewer."""
ARMS = ((0, -2, "─"), (0, -1, "─"), (0, 1, "─"), (0, 2, "─"), (-1, 0, "│"), (1, 0, "│"))
"""What the cursor's cross shows beside its middle: rows down, columns to the right."""
GLYPHS = {Found.MATCHED: "○", Found.MOVED: "◇", Found.MISSING: "✕", Found.SPURIOUS: "+"}


@dataclass(frozen=True, slots=True)
class Zoom:
    """A cell of the picture: ``block`` pixels pooled, or one pixel on ``dots`` x ``dots``."""

    block: int = 1
    dots: int = 1

    @property
    def words(self) -> str:
        """The zoom as a title tells it."""
        if self.dots > 1:
            return f"{self.dots}x"
        return "1:1" if self.block == 1 else f"1:{self.block}"


def zooms() -> tuple[Zoom, ...]:
    """Return all steps, from the largest magnification to the smallest picture."""
    return (*(Zoom(1, dots) for dots in MAGNIFIED), *(Zoom(block) for block in ladder()))


class ImageView(Widget, can_focus=True):
    """Shows one view of a pair; tells where its cursor is."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"image--hint"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1,0)", "Up", show=False),
        Binding("down,j", "move(1,0)", "Down", show=False),
        Binding("left,h", "move(0,-1)", "Left", show=False),
        Binding("right,l", "move(0,1)", "Right", show=False),
        Binding("shift+up,K,pageup", "pan(-1,0)", "Pan up", show=False),
        Binding("shift+down,J,pagedown", "pan(1,0)", "Pan down", show=False),
        Binding("shift+left,H", "pan(0,-1)", "Pan left", show=False),
        Binding("shift+right,L", "pan(0,1)", "Pan right", show=False),
    ]

    class Moved(Message):
        """Cursor, zoom or view changed."""

    def __init__(self, *, graphics: Graphics = HALF_BLOCKS, id: str | None = None) -> None:
        super().__init__(id=id, classes="pane")
        self.graphics = graphics
        self._canvas = Canvas(graphics, lambda text: compat.send(self.app, text))
        self.pictures: Pictures | None = None
        self.view = View.C
        self.scaling = Scaling.LOG
        self.zoom = Zoom()
        self.spots: tuple[Spot, ...] = ()
        self.hint = ""
        self._pair_name = ""
        self._fitted = True
        self._origin = (0, 0)
        self._cursor = (0, 0)
        self._painters: dict[tuple[bool, bool, str], Painter] = {}
        self._scales: dict[tuple[View, Scaling], Scale] = {}
        self._frame: Indices | None = None
        self._half: Cells | None = None
        self._hinted = True
        """Whether words stand where the picture will be: sixels go over half blocks only."""
        self._marks: dict[int, dict[int, tuple[str, bool]]] = {}
        self._stale = True
        self._plain = False
        self._waiting: Timer | None = None
        self._drawn_at = 0.0

    def on_mount(self) -> None:
        """Draw again what a theme or a stop has changed."""
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.changed())
        self.app.app_resume_signal.subscribe(self, lambda _app: self.changed())

    def open(self, name: str, pictures: Pictures | None, hint: str) -> None:
        """Show a pair, whole; ``hint`` stands there until its view is ready."""
        self._pair_name, self.pictures, self.hint = name, pictures, hint
        self._scales = {}
        self.spots = ()
        self.fit()
        if pictures:
            self._cursor = (pictures.pair.shape[0] // 2, pictures.pair.shape[1] // 2)
        self.changed()

    @property
    def pyramid(self) -> Pyramid | None:
        """The view's reductions, once they are ready."""
        return self.pictures.ready(self.view) if self.pictures else None

    @property
    def scale(self) -> Scale | None:
        """The view's range; of the whole image, whatever is on screen."""
        pyramid = self.pyramid
        if pyramid is None:
            return None
        key = (self.view, self.scaling)
        if key not in self._scales:
            self._scales[key] = scale_of(pyramid.first, self.view, self.scaling)
        return self._scales[key]

    @property
    def room(self) -> tuple[int, int]:
        """Dots the pane is high and wide."""
        return self._canvas.dots(self._cells)

    @property
    def _cells(self) -> tuple[int, int]:
        """Characters the pane is high and wide."""
        region = self.scrollable_content_region
        return region.height, region.width

    @property
    def cells_shown(self) -> tuple[int, int]:
        """Whole cells the pane is high and wide."""
        rows, columns = self.room
        return max(rows // self.zoom.dots, 1), max(columns // self.zoom.dots, 1)

    @property
    def first_cell(self) -> tuple[int, int]:
        """Row and column of the upper left cell."""
        return self._origin

    @property
    def cursor_cell(self) -> tuple[int, int]:
        """Row and column of the cell under the cursor."""
        return self._cursor[0] // self.zoom.block, self._cursor[1] // self.zoom.block

    @property
    def pixel(self) -> tuple[int, int] | None:
        """The pixel ``(slow, fast)`` that the cell under the cursor shows."""
        if self.pictures is None or self.pyramid is None:
            return None
        if self.zoom.block == 1:
            return self._cursor
        return self.pictures.brightest(self.view, self.cursor_cell, self.zoom.block)

    @property
    def area(self) -> tuple[int, int, int, int]:
        """``(slow0, slow1, fast0, fast1)`` of what is on screen, half-open."""
        shape = self.pictures.pair.shape if self.pictures else (0, 0)
        (top, left), (rows, columns), block = self._origin, self.cells_shown, self.zoom.block
        return (
            top * block, min((top + rows) * block, shape[0]),
            left * block, min((left + columns) * block, shape[1]),
        )  # fmt: skip

    def show(self, view: View) -> None:
        """Show another view of the same place."""
        self.view = view
        self.changed()

    def rescale(self, scaling: Scaling) -> None:
        """Spread the values otherwise."""
        self.scaling = scaling
        self.changed()

    def overlay(self, spots: Sequence[Spot]) -> None:
        """Draw spots over the image; none takes them away."""
        self.spots = tuple(spots)
        self.changed()

    def fit(self) -> None:
        """Show the whole image."""
        self._fitted = True
        self._origin = (0, 0)
        if self.pictures and self.room[1]:
            self.zoom = Zoom(fitting_block(self.pictures.pair.shape, self.room))
        self.changed()

    def zoom_by(self, step: int) -> None:
        """Zoom in (negative) or out around the cursor, which keeps its place on screen."""
        steps = zooms()
        block, dots = self.zoom.block, self.zoom.dots
        here = next(
            (i for i, z in enumerate(steps) if z.dots <= dots and z.block >= block), len(steps) - 1
        )
        smallest = fitting_block(self.pictures.pair.shape, self.room) if self.pictures else 1
        wanted = steps[min(max(here + step, 0), len(steps) - 1)]
        if wanted.block > smallest:
            self.fit()
            return
        before, old = self.cursor_cell, self.zoom.dots
        at = ((before[0] - self._origin[0]) * old, (before[1] - self._origin[1]) * old)
        self.zoom, self._fitted = wanted, False
        cell = self.cursor_cell
        self._look(cell[0] - at[0] // wanted.dots, cell[1] - at[1] // wanted.dots)
        self._follow_cursor()

    def go_to(self, slow: int, fast: int) -> None:
        """Put the cursor on a pixel and bring it into view."""
        shape = self.pictures.pair.shape if self.pictures else (1, 1)
        self._cursor = (min(max(slow, 0), shape[0] - 1), min(max(fast, 0), shape[1] - 1))
        self._follow_cursor()

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor by pixels; in a reduced picture by what a half block is large."""
        high, wide = self._canvas.dots((1, 1)) if self.zoom.block > 1 else (2, 1)
        self._move(rows * (high // 2), columns * wide)

    def _move(self, rows: int, columns: int) -> None:
        block = self.zoom.block
        row, column = self.cursor_cell
        self.go_to((row + rows) * block + block // 2, (column + columns) * block + block // 2)

    def action_pan(self, rows: int, columns: int) -> None:
        """Move picture and cursor by half a pane."""
        high, wide = self.cells_shown
        down, right = rows * max(high // 2, 1), columns * max(wide // 2, 1)
        self._look(self._origin[0] + down, self._origin[1] + right)
        self._move(down, right)

    def _look(self, row: int, column: int) -> None:
        """Let a cell be the upper left one, as far as there is image below and beside it."""
        if self.pictures is None:
            return
        cells = [-(-n // self.zoom.block) for n in self.pictures.pair.shape]
        high, wide = self.cells_shown
        self._origin = (
            min(max(row, 0), max(cells[0] - high, 0)),
            min(max(column, 0), max(cells[1] - wide, 0)),
        )

    def _follow_cursor(self) -> None:
        row, column = self.cursor_cell
        (top, left), (high, wide) = self._origin, self.cells_shown
        top = min(max(top, row - high + 1), row)
        left = min(max(left, column - wide + 1), column)
        self._look(top, left)
        self.changed()

    @property
    def _margin(self) -> tuple[int, int]:
        """Dots above and left of a picture that does not fill the pane."""
        if self.pictures is None:
            return 0, 0
        drawn = [-(-n // self.zoom.block) * self.zoom.dots for n in self.pictures.pair.shape]
        above, beside = (max(r - d, 0) // 2 for r, d in zip(self.room, drawn, strict=True))
        return above // 2 * 2, beside

    def on_resize(self, _event: Resize) -> None:
        """Fit again, or keep the cursor in view."""
        if self._fitted:
            self.fit()
        else:
            self._follow_cursor()

    def on_click(self, event: Click) -> None:
        """Put the cursor where one clicked."""
        at = event.get_content_offset(self)
        if at is None or self.pictures is None:
            return
        dots, block = self.zoom.dots, self.zoom.block
        (above, beside), (high, wide) = self._margin, self._canvas.dots((1, 1))
        row = self._origin[0] + (at.y * high + high // 4 - above) // dots
        column = self._origin[1] + (at.x * wide + wide // 2 - beside) // dots
        self.go_to(row * block + block // 2, column * block + block // 2)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Zoom in."""
        event.stop()
        self.zoom_by(-1)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Zoom out."""
        event.stop()
        self.zoom_by(1)

    def changed(self) -> None:
        """Draw anew, and say so."""
        self._frame = None
        self._stale = True
        scale = self.scale
        top = f" to {'±' if scale.signed else ''}{scale.high:.3g}" if scale else ""
        parts = (
            self._pair_name, self.view.value, self.scaling.value + top, self.zoom.words,
            self.graphics.words,
        )  # fmt: skip
        name = " · ".join(parts)
        compat.retitle(self, edge(name if self.pictures else "Images"))
        if self._real and not self._canvas.placed and not self._hinted:
            self._draw_soon()
        else:
            self.refresh()
        self.post_message(self.Moved())

    @contextmanager
    def in_half_blocks(self) -> Iterator[None]:
        """Draw with half blocks while the block lasts: a picture of the screen shows text only."""
        self._plain = True
        self.refresh()
        try:
            yield
        finally:
            self._plain = False
            self.refresh()

    @property
    def _real(self) -> bool:
        """Whether real pixels are shown now: only on top, and where nothing lies over them."""
        return (
            self._canvas.real
            and not self._plain
            and self.pyramid is not None
            and self.is_mounted
            and self.screen.is_active
            and self._canvas.fits(self._cells)
            and (self._canvas.placed or not self._covered)
        )

    @property
    def _covered(self) -> bool:
        """Whether a notice lies over the pane; sixels would be drawn over it."""
        return any(toast.region.overlaps(self.region) for toast in self.screen.query("Toast"))

    def _draw_soon(self) -> None:
        """Draw the picture when its time has come; the last of several wins."""
        if self._waiting is None:
            due = max(FRAME_S - (time.monotonic() - self._drawn_at), 0.001)
            self._waiting = self.set_timer(due, self._draw)

    def _draw(self) -> None:
        self._waiting = None
        if not self._real or not self._stale:
            return
        if compat.backlog(self.app):
            self._drawn_at = time.monotonic()
            self._draw_soon()
            return
        self._send()

    def _send(self) -> None:
        """Send what is shown as a picture."""
        dots = self._pictured()
        region = self.scrollable_content_region
        picture = paint(
            dots,
            table(self.view, grey=self.grey),
            tuple(self._shown_marks()),
            dot_px=self._canvas.dot_px,
            size=self._canvas.size_px(self._cells),
            outside=self._ground,
        )
        self._canvas.send(picture, self._cells, (region.y, region.x))
        self._stale = False
        self._drawn_at = time.monotonic()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the pane's characters; sixels go over them once they stand on the screen."""
        strips = super().render_lines(crop)
        if self._canvas.real and not self._canvas.placed and self._real:
            self._stale = True
            self.call_after_refresh(self._draw_soon)
        return strips

    def on_unmount(self) -> None:
        """Free what the terminal keeps."""
        self._canvas.forget()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the pane."""
        width = self.scrollable_content_region.width
        self._hinted = self.pyramid is None
        if self.pyramid is None:
            style = self.get_component_rich_style("image--hint")
            text = self.hint if y == 0 else ""
            return Strip([Segment(text, style)]).adjust_cell_length(width, style)
        if self._canvas.placed and self._real:
            if self._stale:
                self._send()
            return self._canvas.row(y, width)
        codes = self._in_halves()[y]
        return self._painter().strip(codes, self._marks.get(y, {}))

    def _in_halves(self) -> Cells:
        """Return the two colours of every half block of the pane."""
        dots = self._pictured()
        if self._half is None:
            rows, columns = self._cells
            self._half = cells(coarse(dots, (rows * 2, columns), signed=self.view.signed))
        return self._half

    def _pictured(self) -> Indices:
        """Return the colour of every dot of the pane."""
        rows, columns = self.room
        if self._frame is not None and self._frame.shape == (rows, columns):
            return self._frame
        frame = np.full((rows, columns), EMPTY, np.int16)
        pyramid, scale, dots = self.pyramid, self.scale, self.zoom.dots
        if pyramid is not None and scale is not None:
            size = (-(-rows // dots), -(-columns // dots))
            cells = scale.indices(pyramid.region(self.zoom.block, self._origin, size))
            above, beside = self._margin
            drawn = cells.repeat(dots, 0).repeat(dots, 1)[: rows - above, : columns - beside]
            frame[above : above + drawn.shape[0], beside : beside + drawn.shape[1]] = drawn
        self._marks = self._marked()
        self._frame, self._half = frame, None
        return frame

    def _marked(self) -> dict[int, dict[int, tuple[str, bool]]]:
        marks: dict[int, dict[int, tuple[str, bool]]] = {}
        (rows, columns), (high, wide) = self._cells, self.room
        for mark in self._shown_marks():
            y, x = mark.row * rows * 2 // high, mark.column * columns // wide
            if not (0 <= y < rows * 2 and 0 <= x < columns):
                continue
            if mark.found:
                marks.setdefault(y // 2, {})[x] = (GLYPHS[mark.found], False)
                continue
            # One cell alone is lost in a picture of many colours.
            for down, right, arm in ARMS:
                if 0 <= y // 2 + down < rows and 0 <= x + right < columns:
                    marks.setdefault(y // 2 + down, {}).setdefault(x + right, (arm, False))
            marks.setdefault(y // 2, {})[x] = ("╁" if y % 2 else "╀", True)
        return marks

    def _shown_marks(self) -> Iterator[Mark]:
        """Yield the spots and, over them, the cursor."""
        for spot in self.spots:
            yield Mark(*self._dot(int(spot.slow), int(spot.fast)), spot.found)
        yield Mark(*self._dot(*self._cursor))

    def _dot(self, slow: int, fast: int) -> tuple[int, int]:
        """Return row and column of a pixel's middle dot in the pane."""
        block, dots = self.zoom.block, self.zoom.dots
        above, beside = self._margin
        return (
            (slow // block - self._origin[0]) * dots + dots // 2 + above,
            (fast // block - self._origin[1]) * dots + dots // 2 + beside,
        )

    @property
    def grey(self) -> bool:
        """Whether the theme has no colours."""
        return self.app.theme == "nb-mono" or self.app.no_color

    def _painter(self) -> Painter:
        key = (self.view.signed, self.grey, self.app.theme)
        if key not in self._painters:
            self._painters[key] = Painter(table(self.view, grey=self.grey), self._ground)
        return self._painters[key]

    @property
    def _ground(self) -> tuple[int, int, int]:
        """Red, green and blue around the image."""
        ground = Color.parse(self.app.theme_variables["panel"])
        return ground.r, ground.g, ground.b
