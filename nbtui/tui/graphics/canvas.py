"""One pane's picture on the terminal: how fine it is, when it is sent, and how it goes away."""

import secrets
from collections.abc import Callable

from textual.strip import Strip

from nbtui.tui.graphics import kitty, sixel
from nbtui.tui.graphics.choice import Drawn, Graphics, real_cell
from nbtui.tui.graphics.picture import Picture

DOT_PX = {Drawn.KITTY: 2, Drawn.SIXEL: 3}
"""Screen pixels that a dot is high and wide: finer ones take the square of that in bytes, and
sixels are not compressed."""


class Canvas:
    """Draws pictures on a pane of characters.

    Parameters
    ----------
    graphics
        What the terminal can.
    send
        Writes to the terminal, in order with the app's frames.
    """

    def __init__(self, graphics: Graphics, send: Callable[[str], None]) -> None:
        self.graphics = graphics
        self._send = send
        # Two numbers in turn: the picture on screen stays whole until the next one is there.
        self._numbers = [first := secrets.randbelow(1 << 23) + 1, first + 1]
        self._sent = False

    @property
    def real(self) -> bool:
        """Whether pictures are more than half blocks here."""
        return self.graphics.drawn is not Drawn.HALF_BLOCK

    @property
    def placed(self) -> bool:
        """Whether the pane's characters stand for the picture."""
        return self.graphics.drawn is Drawn.KITTY

    @property
    def dot_px(self) -> int:
        """Screen pixels that a dot is high and wide."""
        return DOT_PX[self.graphics.drawn]

    @property
    def cell(self) -> tuple[int, int]:
        """Pixels of a character, wide and high; a terminal's font may change at any time."""
        return real_cell(1) or self.graphics.cell

    def dots(self, cells: tuple[int, int]) -> tuple[int, int]:
        """Return how many dots so many rows and columns of characters are high and wide."""
        if not self.real:
            return cells[0] * 2, cells[1]
        wide, high = self.cell
        # Never coarser than half blocks, however small the characters.
        return (
            max(cells[0] * high // self.dot_px, cells[0] * 2),
            max(cells[1] * wide // self.dot_px, cells[1]),
        )

    def fits(self, cells: tuple[int, int]) -> bool:
        """Return whether a pane is not too large for the way of drawing."""
        return not self.placed or max(cells) <= kitty.LARGEST

    def size_px(self, cells: tuple[int, int]) -> tuple[int, int]:
        """Return how many pixels so many rows and columns of characters are high and wide."""
        wide, high = self.cell
        return cells[0] * high, cells[1] * wide

    def send(self, picture: Picture, cells: tuple[int, int], place: tuple[int, int]) -> None:
        """Send a picture; sixels are drawn at once, a kitty picture where its rows stand.

        Parameters
        ----------
        picture
            Of the pane's size in pixels.
        cells
            Rows and columns of characters it covers.
        place
            Row and column of its upper left corner on the screen, from 0.
        """
        if self.placed:
            self._numbers.reverse()
            self._send(kitty.upload(picture, self._numbers[0], cells))
        else:
            self._send(sixel.encode(picture, place))
        self._sent = True

    def row(self, y: int, columns: int) -> Strip:
        """Return the characters that stand for a row of the picture sent last."""
        return kitty.row(self._numbers[0], y, columns)

    def forget(self) -> None:
        """Free what the terminal keeps."""
        if self._sent and self.placed:
            self._send("".join(kitty.forget(number) for number in self._numbers))
        self._sent = False
