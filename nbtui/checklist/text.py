"""The checklist as plain text: words instead of marks, for any terminal and for paper."""

import textwrap
from collections.abc import Iterator

from nbtui.checklist.markdown import ROOM
from nbtui.checklist.sheet import Entry, Sheet

WIDTH = 96


def render_text(sheet: Sheet) -> str:
    """Return the checklist as plain text; commands are never wrapped."""
    return "\n".join(_lines(sheet))


def _lines(sheet: Sheet) -> Iterator[str]:
    yield f"CHECKLIST: {sheet.title}"
    yield f"memo {sheet.memo}, SHA-256 {sheet.memo_sha256}"
    yield f"plan {sheet.digest}"
    if sheet.stamp:
        yield f"run {sheet.stamp}: {sheet.verdict}; preflight: {sheet.checks}"
    yield "\nBEFORE"
    yield "[ ] nbtui preflight shows no BLOCK"
    if sheet.branch:
        yield f"[ ] branch is {sheet.branch}"
    yield "\nONCE, IN THE SESSION OF ALL COMMANDS"
    yield from (f"    {line}" for line in sheet.setting)
    for entry in sheet.entries:
        yield from entry_lines(entry)
    yield "\nGATES"
    yield from (f"[ ] {gate}" for gate in sheet.gates)
    for title, lines in (("PITFALLS", sheet.pitfalls), ("IF BLOCKED", sheet.if_blocked)):
        if lines:
            yield f"\n{title}"
            yield from (_wrapped(f"[ ] {line}") for line in lines)
    yield "\nSIGN-OFF"
    yield _wrapped(sheet.signed or f"[ ] every step above is done as recorded. {ROOM}")


def entry_lines(entry: Entry, *, room: bool = True) -> Iterator[str]:
    """Yield one step as lines; with room for initials and time unless somebody signed."""
    mark = entry.mark
    yield f"\n[{mark.box}] STEP {entry.number}: {entry.title}"
    yield f"    {entry.who}, memo line {entry.line}. {entry.purpose}"
    if entry.question:
        yield _wrapped(f"    question: {entry.question}")
    if entry.proposal:
        yield "    proposed answer, confirmed by nobody yet:"
        yield from (f"    $ {line}" for line in entry.proposal.split("\n"))
    if entry.command:
        yield f"    $ {entry.command}"
    elif entry.words:
        yield _wrapped(f"    {entry.words}")
    yield from (_wrapped(f"    see: {line}") for line in entry.expect)
    yield from (f"    see: {artifact} exists and is not empty" for artifact in entry.artifacts)
    yield from (_wrapped(f"    deviation: {line}") for line in entry.deviations)
    yield from (_wrapped(f"    pitfall: {line}") for line in entry.pitfalls)
    if mark.word:
        yield f"    {f'{mark.by}, {mark.when}: ' if mark.by else ''}{mark.word}"
        yield from (_wrapped(f"    {note}") for note in mark.notes)
    if room and not mark.by:
        yield f"    {ROOM}"


def _wrapped(text: str) -> str:
    return textwrap.fill(
        text, WIDTH, subsequent_indent="        ", break_long_words=False, break_on_hyphens=False
    )
