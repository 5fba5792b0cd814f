"""What a newcomer reads first: what this is, what was found here, what to do next."""

from collections.abc import Iterator

from nbtui.tui.document import Block, Bullet, Code, Gap, Heading, Pair, Para
from nbtui.tui.model import Ground

START = "start"
_WHAT = (
    "nbtui turns a memo into a plan, runs it, holds every figure against its threshold and seals "
    "the evidence. Nothing runs before you have seen every command and said yes."
)
_THERE, _MISSING = "✓", "–"


def page(ground: Ground) -> list[Block]:
    """Return the page; it is shown until the first run."""
    return [
        Para(_WHAT),
        Gap(),
        Heading("What next"),
        *_next(ground),
        Gap(),
        Heading("Found here", ground.root),
        _found("memo", ground.memo, "none (input.md); the packaged memo is shown"),
        _found("git", "a repository" if ground.repository else "", "no repository"),
        _found("C program", ground.c_program, "none: NB_C_BIN, or build/reference/nanoBragg"),
        _found("runs", "", "none yet"),
    ]  # fmt: skip


def _next(ground: Ground) -> Iterator[Block]:
    if not (ground.repository and ground.c_program):
        yield _do("See a whole run first, in seconds (q leaves here):")
        yield Code("nbtui demo")
    if not ground.repository:
        yield _do("Then start nbtui in a checkout of the project to be proven.")
    elif not ground.c_program:
        yield _do("Build the C reference, or let NB_C_BIN name yours:")
        yield Code("nb-golden build-reference")
    if ground.repository and not ground.memo:
        yield _do("Write the supervisor's memo to input.md, or run the packaged one.")
    yield _do("enter always does the next sensible thing; the line above the keys says what.")
    yield _do("? explains each screen; docs/app.md of nbtui is the guide.")


def _do(text: str) -> Block:
    return Bullet(text, "▸", "$accent")


def _found(name: str, value: str, missing: str) -> Block:
    if value:
        return Pair(name, f"{_THERE} {value}", "$success")
    return Pair(name, f"{_MISSING} {missing}", "$warning")
