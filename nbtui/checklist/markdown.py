"""The checklist as Markdown: boxes, commands in fences, room for initials and time."""

from collections.abc import Iterator

from nbtui.checklist.sheet import Entry, Sheet
from nbtui.evidence.text import fenced

ROOM = "initials ________  time (UTC) ________"


def render_markdown(sheet: Sheet) -> str:
    """Return the checklist as Markdown.

    Every step is numbered, says who does it, gives the exact command and a box to tick. The
    commands can be pasted into bash one after the other.
    """
    return "\n".join(_lines(sheet))


def _lines(sheet: Sheet) -> Iterator[str]:
    yield f"# Checklist: {sheet.title}\n"
    yield f"Memo {sheet.memo} (SHA-256 `{sheet.memo_sha256}`), plan `{sheet.digest}`.\n"
    if sheet.stamp:
        yield f"Run {sheet.stamp}: **{sheet.verdict}**. Filled in from its journal.\n"
    else:
        yield (
            "`nbtui --batch --yes` does every step marked *machine* and records it; "
            "`nbtui checklist --interactive` leads through all of them. By hand: paste the "
            "commands into one bash session, in this order, and stop at the first that fails.\n"
        )
    yield "## Before\n"
    box = "x" if sheet.checks.endswith(" 0 block") else " "
    told = f": {sheet.checks}" if sheet.checks else ""
    yield (
        f"- [{box}] `nbtui preflight` shows no BLOCK (branch, clean tree, memory, hashes, "
        f"variables){told}"
    )
    if sheet.branch:
        yield f"- [{box}] branch is `{sheet.branch}`"
    yield "\n## Steps\n"
    yield fenced("\n".join(sheet.setting), "bash")
    for entry in sheet.entries:
        yield from _entry(entry)
    yield "\n## Gates to hold every figure against\n"
    yield from (f"- [ ] {gate}" for gate in sheet.gates)
    for title, lines in (("Pitfalls to avoid", sheet.pitfalls), ("If blocked", sheet.if_blocked)):
        if lines:
            yield f"\n## {title}\n"
            yield from (f"- [ ] {line}" for line in lines)
    yield "\n## Sign-off\n"
    yield f"- [x] {sheet.signed}" if sheet.signed else f"- [ ] every step above is done. {ROOM}"


def _entry(entry: Entry) -> Iterator[str]:
    mark = entry.mark
    yield (
        f"{entry.number}. [{mark.box}] **{entry.title}** ({entry.who}, memo line {entry.line})\n"
    )
    yield f"   {entry.purpose}\n"
    if entry.question:
        yield f"   Question: {entry.question}\n"
    if entry.proposal:
        yield "   Proposed answer, confirmed by nobody yet:\n"
        yield _indented(fenced(entry.proposal, "bash"))
    if entry.command:
        yield _indented(fenced(entry.command, "bash"))
    elif entry.words:
        yield f"   {entry.words}\n"
    yield from (f"   - see: {line}" for line in entry.expect)
    yield from (f"   - [ ] `{artifact}` exists and is not empty" for artifact in entry.artifacts)
    yield from (f"   - deviation: {line}" for line in entry.deviations)
    yield from (f"   - pitfall: {line}" for line in entry.pitfalls)
    if mark.word:
        who = f"{mark.by}, {mark.when}: " if mark.by else ""
        yield f"   - **{who}{mark.word}**"
        yield from (f"   - {note}" for note in mark.notes)
    if not mark.by:
        yield f"   - {ROOM}"
    yield ""


def _indented(text: str) -> str:
    return "\n".join(f"   {line}" if line else "" for line in text.split("\n"))
