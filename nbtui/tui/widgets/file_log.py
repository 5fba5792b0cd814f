"""The live log: lines are drawn straight from the file, ten times a second at most."""

import re
from array import array
from bisect import bisect_left
from pathlib import Path
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import MouseScrollUp, Resize
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from nbtui.tui.document import edge, visible
from nbtui.tui.logfile import TROUBLE, LogFile

POLL_S = 0.1
SEARCH_BATCH = 20_000
"""Lines searched between two looks at the keyboard."""


class FileLog(ScrollView, can_focus=True):
    """Shows a growing file; follows its end until told to pause.

    Parameters
    ----------
    live
        Whether to look for new bytes by itself; tests call :meth:`poll` instead.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--text",
        "log--number",
        "log--trouble",
        "log--match",
        "log--empty",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_line(-1)", "Up", show=False),
        Binding("down,j", "scroll_line(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "top", "Top", show=False),
        Binding("end", "bottom", "Bottom", show=False),
    ]

    following: reactive[bool] = reactive(True)

    class Changed(Message):
        """Another file, another search, paused or following: other keys make sense now."""

    def __init__(self, *, live: bool = True, id: str | None = None) -> None:
        super().__init__(id=id, classes="pane")
        self._live = live
        self.log_file: LogFile | None = None
        self._file_name = ""
        self._hint = "No log yet"
        self._words = ""
        self._matches = array("Q")
        self._searched = 0
        self._match: int | None = None

    def on_mount(self) -> None:
        """Start to look for new bytes."""
        if self._live:
            self.set_interval(POLL_S, self.poll)
        self._title()

    def on_unmount(self) -> None:
        """Give the file back."""
        if self.log_file:
            self.log_file.close()

    def open(self, path: Path | None, name: str, hint: str = "") -> None:
        """Show another file; ``hint`` stands in the pane while it is empty."""
        self._hint = hint
        if path is None:
            if self.log_file is not None:
                self.log_file.close()
            self.log_file = None
        elif self.log_file is None or self.log_file.path != path:
            if self.log_file is not None:
                self.log_file.close()
            self.log_file = LogFile(path)
            self._file_name = name
            self.following = True
            self._restart_search()
            self.scroll_to(0, 0, animate=False)
            self.virtual_size = Size(0, 0)
            self.poll()
            self.post_message(self.Changed())
        self.refresh()
        self._title()

    def poll(self) -> None:
        """Look for new bytes and, when following, go to the end."""
        log = self.log_file
        if log is None or not self.is_attached:
            return
        whole = log.whole
        grew = log.poll()
        if grew:
            self._forget_partial(whole)
        searched = self._search_on()
        if grew:
            self._measure()
            if self.following:
                self._to_end()
            self.refresh()
        if grew or searched:
            self._title()

    def _measure(self) -> None:
        if self.log_file:
            width = self._gutter + self.log_file.longest
            self.virtual_size = Size(width, self.log_file.count)

    @property
    def _gutter(self) -> int:
        count = self.log_file.count if self.log_file else 0
        return max(len(str(count)), 3) + 2

    def _to_end(self) -> None:
        self.scroll_to(y=max(self.virtual_size.height - self._height, 0), animate=False, force=True)

    @property
    def _height(self) -> int:
        return self.scrollable_content_region.height

    def on_resize(self, _event: Resize) -> None:
        """Stay at the end when following."""
        self._measure()
        if self.following:
            self._to_end()

    def watch_following(self, following: bool) -> None:
        """Say so in the title, and catch up."""
        if following and self.is_attached:
            self._to_end()
        self._title()
        self.post_message(self.Changed())

    def _title(self) -> None:
        log = self.log_file
        if log is None:
            self.border_title = edge("Log")
            return
        state = "following" if self.following else "PAUSED"
        lines = "line" if log.count == 1 else "lines"
        found = ""
        if self._words:
            place = f"{self._match + 1} of " if self._match is not None else ""
            found = f" · “{visible(self._words)}” {place}{len(self._matches)}"
            if self._searched < log.count:
                found += " so far"
        self.border_title = edge(
            f"{visible(self._file_name)} · {log.count:,} {lines} · {state}{found}"
        )

    def render_line(self, y: int) -> Strip:
        """Draw one line of the pane."""
        width = self.scrollable_content_region.width
        base = self.get_component_rich_style("log--text")
        log = self.log_file
        number = y + self.scroll_offset.y
        if log is None or number >= log.count:
            if log is None or log.count == 0:
                return self._hint_line(y, width, base)
            return Strip.blank(width, base)
        text = self._text(number)
        strip = Strip(self._segments(number, text, base))
        left = self.scroll_offset.x
        gutter = Strip([self._number(number)])
        body = strip.crop(left, left + width - self._gutter).adjust_cell_length(
            width - self._gutter, base
        )
        return Strip.join([gutter, body.apply_offsets(left, number)])

    def _hint_line(self, y: int, width: int, base: Style) -> Strip:
        lines = Content(self._hint).wrap(max(width - 1, 10))
        if y >= len(lines):
            return Strip.blank(width, base)
        style = self.get_component_rich_style("log--empty")
        return Strip([Segment(lines[y].plain, style)]).adjust_cell_length(width, base)

    def _text(self, number: int) -> str:
        return self.log_file.line(number) if self.log_file else ""

    def _number(self, number: int) -> Segment:
        digits = self._gutter - 2
        at = self._match
        current = at is not None and at < len(self._matches) and self._matches[at] == number
        mark = "▸" if current else " "
        return Segment(
            f"{number + 1:>{digits}}{mark} ", self.get_component_rich_style("log--number")
        )

    def _segments(self, number: int, text: str, base: Style) -> list[Segment]:
        trouble = TROUBLE.search(text) is not None
        style = self.get_component_rich_style("log--trouble") if trouble else base
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(number)) is not None:
            start, end = span
            end = len(text) if end == -1 else end
            chosen = style + Style(reverse=True)
            return [
                Segment(text[:start], style),
                Segment(text[start:end], chosen),
                Segment(text[end:], style),
            ]
        if not self._words:
            return [Segment(text, style)]
        lit = self.get_component_rich_style("log--match")
        parts = re.split(f"({re.escape(self._words)})", text, flags=re.IGNORECASE)
        return [Segment(part, lit if i % 2 else style) for i, part in enumerate(parts) if part]

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text for copying."""
        if self.log_file is None:
            return None
        last = self.log_file.count - 1
        first = selection.start.y if selection.start else 0
        final = min(selection.end.y, last) if selection.end else last
        lines = [self._text(n) for n in range(first, final + 1)]
        if not lines:
            return None
        if selection.end:
            lines[-1] = lines[-1][: selection.end.x]
        if selection.start:
            lines[0] = lines[0][selection.start.x :]
        return "\n".join(lines), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002 - Textual's hook
        """Draw the selection."""
        self.refresh()

    def find(self, words: str) -> None:
        """Search for ``words`` from now on; an empty string ends the search."""
        self._words = words
        self._restart_search()
        self.poll()
        self.step_match(1)
        self._title()
        self.refresh()
        self.post_message(self.Changed())

    @property
    def words(self) -> str:
        """What is searched for."""
        return self._words

    @property
    def match_count(self) -> int:
        """Lines found so far."""
        return len(self._matches)

    def _restart_search(self) -> None:
        self._matches = array("Q")
        self._searched = 0
        self._match = None

    def _search_on(self) -> bool:
        """Search the next lines; a big log is searched in slices, so that keys are heard."""
        log = self.log_file
        if not self._words or log is None or self._searched >= log.count:
            return False
        end = min(self._searched + SEARCH_BATCH, log.count)
        self._matches.extend(log.matches(self._words, self._searched, end))
        self._searched = end
        return True

    def _forget_partial(self, whole: int) -> None:
        """Search a line again that was searched before its end was written."""
        if self._searched > whole:
            self._searched = whole
            while self._matches and self._matches[-1] >= whole:
                self._matches.pop()

    def step_match(self, step: int) -> bool:
        """Go ``step`` matches on (or back, round the end); return whether there is one."""
        if not self._matches:
            return False
        count = len(self._matches)
        if self._match is None or self._match >= count:
            here = bisect_left(self._matches, self.scroll_offset.y)
            self._match = (here if step > 0 else here - 1) % count
        else:
            self._match = (self._match + step) % count
        self.go_to_line(self._matches[self._match])
        return True

    def go_to_line(self, number: int) -> None:
        """Pause with line ``number`` (from 0) in the middle."""
        self.following = False
        self.scroll_to(y=max(number - self._height // 2, 0), animate=False, force=True)
        self._title()
        self.refresh()

    def action_scroll_line(self, lines: int) -> None:
        """Scroll; scrolling up pauses, reaching the end follows again."""
        self._scroll_by(lines)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        self._scroll_by(pages * max(self._height - 1, 1))

    def action_top(self) -> None:
        """Go to the first line and pause."""
        self.following = False
        self.scroll_to(y=0, animate=False, force=True)

    def action_bottom(self) -> None:
        """Go to the last line and follow."""
        self.following = True

    def _scroll_by(self, lines: int) -> None:
        bottom = max(self.virtual_size.height - self._height, 0)
        target = min(max(self.scroll_offset.y + lines, 0), bottom)
        self.following = lines > 0 and target >= bottom
        self.scroll_to(y=target, animate=False, force=True)

    def _on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.following = False
        super()._on_mouse_scroll_up(event)
