"""The live log: lines are drawn straight from the file, ten times a second at most."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.binding import BindingType
from textual.content import Content
from textual.events import MouseScrollUp, Resize
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from nbtui.evidence.streams import Told
from nbtui.tui.document import edge, visible
from nbtui.tui.logfile import TIME, TROUBLE, LogFile
from nbtui.tui.moving import navigation

POLL_S = 0.1
NOTHING_TOLD = Told()
STDERR = "▎"
"""Stands before a line that came through stderr."""
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
        "log--stderr",
        "log--trouble",
        "log--match",
        "log--empty",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        *navigation(
            nav_up="scroll_line(-1)", nav_down="scroll_line(1)", nav_page_up="page(-1)",
            nav_page_down="page(1)", nav_first="top", nav_last="bottom",
        )
    ]  # fmt: skip

    following: reactive[bool] = reactive(True)
    wrapped: reactive[bool] = reactive(False)

    class Changed(Message):
        """Another file, another search, paused or following: other keys make sense now."""

    class Missed(Message):
        """There is no such line."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def __init__(self, *, live: bool = True, id: str | None = None) -> None:
        super().__init__(id=id, classes="pane")
        self._live = live
        self.log_file: LogFile | None = None
        self._file_name = ""
        self._hint = "No log yet"
        self._told = NOTHING_TOLD
        self._has_stderr = False
        self._words = ""
        self._matches = array("Q")
        self._searched = 0
        self._match: int | None = None
        self._jumped: int | None = None
        self._flooded = False
        self._rows: tuple[object, list[tuple[int, int]]] = (None, [])

    def on_mount(self) -> None:
        """Start to look for new bytes."""
        if self._live:
            self.set_interval(POLL_S, self._tick)
        self._title()

    def on_unmount(self) -> None:
        """Give the file back."""
        if self.log_file:
            self.log_file.close()

    def open(self, path: Path | None, name: str, hint: str = "", told: Told = NOTHING_TOLD) -> None:
        """Show another file, or more of what is known of it.

        Parameters
        ----------
        path, name
            The file and what it is called; without one the pane is empty.
        hint
            Stands in the pane while it is empty.
        told
            Which of its bytes came through stderr.
        """
        self._hint = hint
        if told is not self._told:
            self._told, self._has_stderr = told, bool(told.stderr)
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

    def _tick(self) -> None:
        """Look for new bytes; half as often where a screenful comes at a time: nobody reads it."""
        if self._flooded:
            self._flooded = False
            return
        before = self.log_file.count if self.log_file else 0
        self.poll()
        came = (self.log_file.count if self.log_file else 0) - before
        self._flooded = came > self._height

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
        log = self.log_file
        if log is None:
            return
        if self.wrapped:
            # Scrolled by lines of the file: the last one can be brought to the top.
            self.virtual_size = Size(self._gutter, log.count + max(self._height - 1, 0))
        else:
            self.virtual_size = Size(self._gutter + log.longest, log.count)

    @property
    def _gutter(self) -> int:
        count = self.log_file.count if self.log_file else 0
        return max(len(str(count)), 3) + 2

    def _to_end(self) -> None:
        self.scroll_to(
            y=max(self.virtual_size.height - self._height, 0), animate=False, force=True,
            immediate=True,  # after the next refresh it would take a second one
        )  # fmt: skip

    @property
    def _height(self) -> int:
        return self.scrollable_content_region.height

    def on_resize(self, _event: Resize) -> None:
        """Stay at the end when following."""
        self._measure()
        if self.following:
            self._to_end()

    def watch_wrapped(self) -> None:
        """Lay out anew, with the same line on top."""
        top = self.scroll_offset.y
        self._measure()
        self.scroll_to(x=0, y=top, animate=False, force=True)
        if self.following:
            self._to_end()
        self._title()
        self.refresh()

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
        marks = " · wrapped" if self.wrapped else ""
        marks += f" · {STDERR}stderr" if self._has_stderr else ""
        lines = "line" if log.count == 1 else "lines"
        found = ""
        if self._words:
            place = f"{self._match + 1} of " if self._match is not None else ""
            found = f" · “{visible(self._words)}” {place}{len(self._matches)}"
            if self._searched < log.count:
                found += " so far"
        # A narrow pane cuts the end off: what one has just searched for comes first.
        self.border_title = edge(
            f"{visible(self._file_name)} · {log.count:,} {lines} · {state}{found}{marks}"
        )

    def render_line(self, y: int) -> Strip:
        """Draw one line of the pane."""
        width = self.scrollable_content_region.width
        base = self.get_component_rich_style("log--text")
        log = self.log_file
        if log is None or log.count == 0:
            return self._hint_line(y, width, base)
        room = max(width - self._gutter, 1)
        if self.wrapped:
            rows = self._wrapped_rows(room)
            number, left = rows[y] if y < len(rows) else (log.count, 0)
        else:
            number, left = y + self.scroll_offset.y, self.scroll_offset.x
        if number >= log.count:
            return Strip.blank(width, base)
        strip = Strip(self._segments(number, self._text(number), base))
        first = not self.wrapped or left == 0
        gutter = Strip([*self._lead(number, first=first)])
        body = strip.crop(left, left + room).adjust_cell_length(room, base)
        return Strip.join([gutter, body.apply_offsets(left, number)])

    def _wrapped_rows(self, room: int) -> list[tuple[int, int]]:
        """Return line and first cell of every row of the pane; only what is in view is wrapped."""
        log = self.log_file
        if log is None:
            return []
        height, top = self._height, self.scroll_offset.y
        key = (room, height, top, log.size, self.following)
        if self._rows[0] != key:
            numbers = range(log.count - 1, -1, -1) if self.following else range(top, log.count)
            rows: list[tuple[int, int]] = []
            for number in numbers:
                cells = range(0, max(cell_len(self._text(number)), 1), room)
                parts = [(number, left) for left in cells]
                rows = [*parts, *rows] if self.following else [*rows, *parts]
                if len(rows) >= height:
                    break
            self._rows = (key, rows[-height:] if self.following else rows[:height])
        return self._rows[1]

    def _hint_line(self, y: int, width: int, base: Style) -> Strip:
        lines = Content(self._hint).wrap(max(width - 1, 10))
        if y >= len(lines):
            return Strip.blank(width, base)
        style = self.get_component_rich_style("log--empty")
        return Strip([Segment(lines[y].plain, style)]).adjust_cell_length(width, base)

    def _text(self, number: int) -> str:
        return self.log_file.line(number) if self.log_file else ""

    def _lead(self, number: int, *, first: bool) -> Iterator[Segment]:
        """Yield what stands before a row: the line's number, and whether it came through stderr."""
        style = self.get_component_rich_style("log--number")
        digits = self._gutter - 2
        at = self._match
        current = at is not None and at < len(self._matches) and self._matches[at] == number
        mark = "▸" if current else " "
        lead = f"{number + 1:>{digits}}{mark}" if first else " " * (digits + 1)
        if self.is_stderr(number):
            yield Segment(lead, style)
            yield Segment(STDERR, self.get_component_rich_style("log--stderr"))
        else:
            yield Segment(f"{lead} ", style)

    def is_stderr(self, number: int) -> bool:
        """Return whether line ``number`` (from 0) is known to have come through stderr, whole."""
        return self.log_file is not None and self._told.is_stderr(*self.log_file.bounds(number))

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

    def step_trouble(self, step: int) -> None:
        """Go to the next line that speaks of trouble, or to the one before."""
        log = self.log_file
        if log is None:
            return
        here = self.scroll_offset.y - (step > 0) if self._jumped is None else self._jumped
        start = log.count if self.following else here
        where = "further down" if step > 0 else "further up"
        self._jump(log, lambda: log.step_trouble(start, step), f"no trouble {where}")

    def step_stderr(self, step: int) -> None:
        """Go to the next lines that came through stderr (``step`` 1), or to those before (-1)."""
        log = self.log_file
        if log is None:
            return
        found = (log.first_within(s.start, s.end) for s in self._told.stderr if s.start < log.size)
        firsts = [number for number in found if number is not None]
        here = self.scroll_offset.y - (step > 0) if self._jumped is None else self._jumped
        start = log.count if self.following else here
        ahead = [n for n in firsts if (n > start if step > 0 else n < start)]
        if ahead:
            self.go_to_line(ahead[0] if step > 0 else ahead[-1])
        else:
            self.post_message(self.Missed(self._no_stderr(step)))

    def _no_stderr(self, step: int) -> str:
        if self._told.why_not:
            return f"stdout and stderr are not told apart: {self._told.why_not}"
        if not self._told.spans:
            return "nothing of this log is recorded as having come through stderr"
        return f"nothing {'further down' if step > 0 else 'further up'} came through stderr alone"

    def go_to(self, wanted: str) -> None:
        """Go to a line (``1234``) or to the first line of a time of day (``10:15:03``)."""
        log = self.log_file
        if log is None:
            return
        if wanted.isdigit() and 1 <= int(wanted) <= log.count:
            self.go_to_line(int(wanted) - 1)
        elif TIME.fullmatch(wanted):
            self._jump(log, lambda: log.at_time(wanted), f"no time from {wanted} on")
        else:
            self.post_message(self.Missed(f"no line {wanted}"))

    @work(thread=True, exclusive=True, group="jump", exit_on_error=False)
    def _jump(self, log: LogFile, find: Callable[[], int | None], missing: str) -> None:
        """Look through the file without keeping the keyboard waiting."""
        try:
            found = find()
        except (OSError, ValueError):
            found = None  # closed meanwhile: another log is on show
        if found is None:
            self.post_message(self.Missed(missing))
        elif log is self.log_file:
            self.app.call_from_thread(self.go_to_line, found)

    def lines_in_view(self) -> str:
        """Return the text of the lines on screen."""
        log = self.log_file
        if log is None:
            return ""
        if self.wrapped:
            numbers = dict.fromkeys(n for n, _ in self._wrapped_rows(self._room))
        else:
            top = self.scroll_offset.y
            numbers = dict.fromkeys(range(top, min(top + self._height, log.count)))
        return "\n".join(self._text(n) for n in numbers)

    @property
    def _room(self) -> int:
        return max(self.scrollable_content_region.width - self._gutter, 1)

    @property
    def _middle(self) -> int:
        return 0 if self.wrapped else self._height // 2

    def go_to_line(self, number: int) -> None:
        """Pause with line ``number`` (from 0) in the middle, on top when lines are wrapped."""
        self.following = False
        self._jumped = number
        self.scroll_to(y=max(number - self._middle, 0), animate=False, force=True)
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
        self._jumped = None
        self.scroll_to(y=0, animate=False, force=True)

    def action_bottom(self) -> None:
        """Go to the last line and follow."""
        self.following = True

    def _scroll_by(self, lines: int) -> None:
        bottom = max(self.virtual_size.height - self._height, 0)
        if self.wrapped and self.following and lines < 0 and self.log_file:
            # What is on top while following is known by its rows, not by the scroll offset.
            rows = self._wrapped_rows(self._room)
            self.scroll_to(y=rows[0][0] if rows else 0, animate=False, force=True)
        self._jumped = None
        target = min(max(self.scroll_offset.y + lines, 0), bottom)
        self.following = lines > 0 and target >= bottom
        self.scroll_to(y=target, animate=False, force=True)

    def _on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self.following = False
        super()._on_mouse_scroll_up(event)
