"""The checklist in words: a row for each step, a page for one, the signature below the list."""

from collections.abc import Sequence

from textual.content import Content

from nbtui.checklist.sheet import Entry, Sheet
from nbtui.memo.plan import Plan
from nbtui.run.events import Asked
from nbtui.run.operator import SIGN_OFF
from nbtui.store import RunState
from nbtui.tui.document import Block, Bullet, Code, Gap, Heading, Pair, Para, visible
from nbtui.tui.widgets.rows import Row, columns
from nbtui.tui.words import Mark

TITLES = {
    "answer": "An answer is needed",
    "attest": "Was it done?",
    "sign-off": "Do you sign the whole checklist?",
    "confirm": "Run this?",
}
_BOXES = {
    "x": Mark("☑", "done", "$success"),
    "!": Mark("☒", "FAILED", "bold $error"),
    " ": Mark("☐", "open", "$muted"),
}
_ROOMY = 70
WAITS = Mark("?", "you", "bold $warning")
RUNS = Mark("●", "runs", "bold $primary")


def wanted(asked: Asked) -> str:
    """Return what the operator is expected to say, in words."""
    match asked.what:
        case "answer":
            return f"answer: {asked.text}"
        case "confirm":
            return "see the command your answer makes, and confirm it"
        case "sign-off":
            return "sign the whole checklist"
        case _:
            return f"say whether it is done: {asked.text}"


def box(entry: Entry, *, waits: bool) -> Mark:
    """Return a step's box."""
    if waits:
        return WAITS
    if entry.mark.word == "running":
        return RUNS
    return _BOXES.get(entry.mark.box, _BOXES[" "])


def rows(plan: Plan, sheet: Sheet, run: RunState | None, width: int) -> list[Row]:
    """Return a row for each step, and one for the signature."""
    waiting = run.waiting if run else None
    # What a step is called is worth more than who ticked it, which its page tells too.
    roomy = width >= _ROOMY
    out = []
    for step, entry in zip(plan.steps, sheet.entries, strict=False):
        mark = box(entry, waits=waiting is not None and waiting.step_id == step.id)
        by = visible(entry.mark.by)
        text = columns(
            (f"{entry.number:>2}", 2),
            (mark.content(), 9),
            (visible(entry.title), max(width - (39 if roomy else 23), 12)),
            (Content.styled(entry.who, "$muted"), 12 if roomy else 8),
            *(((Content.styled(by, "$muted"), 11),) if roomy else ()),
        )
        out.append(Row(step.id, text.truncate(width, ellipsis=True)))
    signing = waiting is not None and waiting.step_id == SIGN_OFF
    said = [a for _, a in run.attestations if a.step_id == SIGN_OFF] if run else []
    mark = WAITS if signing else _BOXES[("x" if said[-1].done else "!") if said else " "]
    signed = columns(("  ", 2), (mark.content(), 9), ("Signature below the whole list", 0))
    return [*out, Row(SIGN_OFF, signed.truncate(width, ellipsis=True), divider=True)]


def tally(sheet: Sheet) -> str:
    """Return how far the list is."""
    done = sum(e.mark.box == "x" for e in sheet.entries)
    verdict = f" · {sheet.verdict}" if sheet.verdict else ""
    return f"{done} of {len(sheet.entries)} done{verdict}"


def nothing(trouble: str) -> list[Block]:
    """Return what stands there without a plan."""
    if trouble:
        return [Para("There is no list, because there is no plan.", "bold"), Gap(), Code(trouble)]
    return [Para("The memo is being read…", "$muted")]


def describe(entry: Entry, run: RunState | None, step_id: str) -> list[Block]:
    """Return one step: what to do, what to see, what was seen and where it can be read."""
    mark = box(entry, waits=False)
    blocks: list[Block] = [
        Para(Content.assemble((entry.title, "bold"), "  ", mark.content())),
        Para(f"{entry.who} · memo line {entry.line}", "$muted"),
        Gap(),
        Para(entry.purpose),
    ]
    if entry.question:
        blocks += [Pair("question", entry.question, "$warning")]
    if entry.proposal:
        blocks += [Pair("proposed", entry.proposal)]
    if entry.command:
        blocks += [Gap(), Heading("Command", "y copies it"), Code(entry.command)]
    elif entry.words:
        blocks += [Gap(), Heading("In the memo's words"), Para(entry.words, "$muted")]
    blocks += _listed("See", (*entry.expect, *(f"{a} is there" for a in entry.artifacts)))
    blocks += _listed("Deviations", entry.deviations)
    blocks += _listed("Pitfalls", entry.pitfalls)
    if entry.mark.word:
        blocks += [Gap(), Heading("Recorded")]
        when = f"  {entry.mark.when}" if entry.mark.when else ""
        blocks.append(Pair(entry.mark.by or "–", f"{entry.mark.word}{when}"))
        blocks += [Pair("", note) for note in entry.mark.notes]
    stage = run.stage(step_id) if run else None
    if stage and stage.log:
        blocks.append(Pair("evidence", f"{stage.log}  (l opens it)", "$accent"))
    return blocks


def _listed(title: str, lines: Sequence[str]) -> list[Block]:
    return [Gap(), Heading(title), *(Bullet(line) for line in lines)] if lines else []


def signature(run: RunState | None) -> list[Block]:
    """Return who signed the list, or what a signature means."""
    said = [(t, a) for t, a in run.attestations if a.step_id == SIGN_OFF] if run else []
    if said:
        when, last = said[-1]
        word = "signed" if last.done else "NOT SIGNED"
        return [
            Para(f"{word} by {last.by} ({last.initials}), {when}", "bold"),
            Gap(),
            Para(last.note),
        ]
    return [
        Para("Nobody has signed yet.", "bold"),
        Gap(),
        Para(
            "A led run goes through this list: the machine does its steps and ticks them, you "
            "answer, attest and sign yours. The journal holds each word with name, initials and "
            "time; what is not done, or not signed, blocks the run."
        ),
    ]
