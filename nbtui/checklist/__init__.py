"""The third face: the plan as a checklist that a person works through by hand."""

from collections.abc import Callable, Mapping

from nbtui.checklist.html import render_html
from nbtui.checklist.markdown import render_markdown
from nbtui.checklist.sheet import Sheet, make_sheet
from nbtui.checklist.text import render_text

__all__ = ["FORMATS", "Sheet", "make_sheet"]

FORMATS: Mapping[str, Callable[[Sheet], str]] = {
    "md": render_markdown,
    "html": render_html,
    "text": render_text,
}
"""How a sheet is written, by the name of the format."""
