"""Text that is safe to show: control characters visible, one line a line."""

import re

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    """Return ``text`` with control and direction characters written as escapes.

    Newlines and tabs stay. A log or a memo can then not move a terminal's cursor, set its
    title, or show another order of characters than it holds.
    """
    return _CONTROL.sub(lambda m: m.group().encode("unicode_escape").decode("ascii"), text)


def one_line(text: str, limit: int = 400) -> str:
    """Return ``text`` as one printable line, cut with a notice."""
    line = printable(" ".join(text.split()))
    return line if len(line) <= limit else f"{line[:limit]}... ({len(line) - limit} more)"


def cell(text: str) -> str:
    """Return ``text`` for a cell of a Markdown table."""
    return one_line(text).replace("|", "\\|")


def fenced(text: str, language: str = "text") -> str:
    """Return ``text`` as a Markdown code block that nothing inside can close."""
    longest = max((len(m) for m in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def size(count: float) -> str:
    """Return a number of bytes in decimal units: ``67.1 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def figure(value: float | None) -> str:
    """Return a measured value with twelve digits, or all of them where it would read as 1."""
    if value is None:
        return "undefined"
    text = f"{value:.12g}"
    return repr(value) if text == "1" and value != 1.0 else text
