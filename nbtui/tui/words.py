"""The marks of every state (glyph, word, colour) and figures as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from nbtui.evidence.records import GateResult
from nbtui.memo.plan import StepKind
from nbtui.preflight.model import CheckStatus
from nbtui.store import Phase, StageStatus


@dataclass(frozen=True, slots=True)
class Mark:
    """How a state looks: the glyph and the word carry it, the colour only helps."""

    glyph: str
    word: str
    style: str

    def content(self, *, width: int = 0) -> Content:
        """Return glyph and word in the state's colour, padded to ``width`` cells."""
        return Content.styled(f"{self.glyph} {self.word}".ljust(width), self.style)


WAITING = Mark("·", "waiting", "$muted")
LOST = Mark("✗", "LOST", "bold $error")

PHASES: dict[Phase, Mark] = {
    Phase.PLANNED: Mark("·", "planned", "$muted"),
    Phase.PREFLIGHT: Mark("●", "PREFLIGHT", "bold $primary"),
    Phase.RUNNING: Mark("●", "RUNNING", "bold $primary"),
    Phase.BLOCKED: Mark("✗", "BLOCKED", "bold $error"),
    Phase.CLEARED: Mark("✓", "CLEARED", "bold $success"),
    Phase.CANCELLED: Mark("■", "CANCELLED", "bold $warning"),
    Phase.INTERRUPTED: Mark("!", "INTERRUPTED", "bold $warning"),
}

STAGES: dict[StageStatus, Mark] = {
    StageStatus.WAITING: WAITING,
    StageStatus.RUNNING: Mark("●", "running", "bold $primary"),
    StageStatus.PASSED: Mark("✓", "passed", "$success"),
    StageStatus.FAILED: Mark("✗", "FAILED", "bold $error"),
}

CHECKS: dict[CheckStatus, Mark] = {
    CheckStatus.OK: Mark("✓", "ok", "$success"),
    CheckStatus.WARN: Mark("!", "warn", "$warning"),
    CheckStatus.BLOCK: Mark("✗", "BLOCK", "bold $error"),
}

KINDS: dict[StepKind, Mark] = {
    StepKind.RUNNABLE: Mark("▸", "runs", "$primary"),
    StepKind.NEEDS_ANSWER: Mark("?", "asks", "bold $warning"),
    StepKind.MANUAL: Mark("□", "by hand", "$accent"),
}

SEVERITIES: dict[str, Mark] = {
    "block": Mark("✗", "BLOCK", "bold $error"),
    "warn": Mark("!", "warn", "$warning"),
    "info": Mark("i", "info", "$muted"),
}

PASS = Mark("✓", "PASS", "$success")
FAIL = Mark("✗", "FAIL", "bold $error")
NOTE = Mark("!", "note", "$warning")


def gate_mark(result: GateResult) -> Mark:
    """Return the mark of a gate that was held; a gate that does not bind never fails."""
    if result.passed:
        return PASS
    return FAIL if result.gate.binding else NOTE


def duration(seconds: float) -> str:
    """Return seconds as people read them: ``0.8 s``, ``42 s``, ``3:07``, ``1:02:07``."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: float) -> str:
    """Return bytes in decimal units with three figures: ``608 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 999.5:  # three figures of more would read 1e+03
            return f"{count:.3g} {unit}" if unit != "B" else f"{count:.0f} B"
        count /= 1000
    return f"{count:.3g} TB"


def rate(bytes_per_s: float) -> str:
    """Return bytes per second: ``12.3 MB/s``."""
    return f"{size(bytes_per_s)}/s"


def figure(value: float | None) -> str:
    """Return a measured figure without hiding the digits that matter."""
    if value is None:
        return "undefined"
    text = f"{value:.10g}"
    if "e" in text:
        return f"{value:.4g}"
    # A correlation of 0.99999999999994 is not one: what is missing is the interesting part.
    if text == "1" and value != 1:
        return f"1 {'−' if value < 1 else '+'} {abs(1 - value):.1e}"
    return text


_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int, *, top: float | None = None) -> str:
    """Return a line of ``width`` cells; each cell holds the largest value that falls in it.

    Parameters
    ----------
    values
        Samples in time order.
    width
        Cells to fill; fewer values than cells leave the rest blank on the right.
    top
        The value of a full cell; the largest value when not given.
    """
    if width <= 0 or not values:
        return " " * max(width, 0)
    count = len(values)
    cells = (
        [
            max(values[i * count // width : max((i + 1) * count // width, i * count // width + 1)])
            for i in range(width)
        ]
        if count > width
        else list(values)
    )
    scale = top or max(cells) or 1.0
    marks = (_BARS[min(int(v / scale * len(_BARS)), len(_BARS) - 1)] for v in cells)
    return "".join(marks).ljust(width)


def meter(fraction: float, width: int) -> str:
    """Return a bar of ``width`` cells, filled from the left in eighths of a cell."""
    eighths = round(min(max(fraction, 0.0), 1.0) * width * 8)
    full, part = divmod(eighths, 8)
    bar = "█" * full + ("▏▎▍▌▋▊▉"[part - 1] if part else "")
    return bar.ljust(width, "·")
