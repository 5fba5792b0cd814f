"""Lint's findings one by one: what is wrong, and the words before and after the fix."""

import shlex
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from textual.content import Content

from nbtui.tui.document import Block, Bullet, Code, Gap, Heading, Pair, Para, visible
from nbtui.tui.model import PlanView
from nbtui.tui.widgets.rows import Row
from nbtui.tui.words import SEVERITIES

if TYPE_CHECKING:
    from nbtui.memo.lint import Finding, Remedy

_FINDING = "finding:"
_ACCEPTED = "accepted:"


def rows(view: PlanView, width: int) -> Iterator[Row]:
    """Yield a row for each finding that blocks or can be fixed here, and each accepted fix.

    A finding's row has its number, not its name: once its fix is accepted, the cursor stands
    on the finding after it.
    """
    for number, finding in enumerate(_worth_a_row(view)):
        mark = SEVERITIES[finding.severity.value]
        offer = ("  f fixes it", "$accent") if finding.remedy else ""
        text = Content.assemble("  ", (mark.glyph, mark.style), " ", visible(finding.text))
        yield Row(f"{_FINDING}{number}", _with_end(text, offer, width))
    for fix in view.accepted:
        change = fix.deviation
        said = f"{one_line(change.memo_says)}: {one_line(change.runs)}"
        text = Content.assemble("  ", ("≠", "$warning"), " fixed ", visible(said))
        yield Row(f"{_ACCEPTED}{fix.key}", _with_end(text, ("  u undoes it", "$accent"), width))


def _with_end(text: Content, end: str | tuple[str, str], width: int) -> Content:
    offer = Content.assemble(end)
    # A scrollbar may come and take a cell.
    return text.truncate(max(width - offer.cell_length - 1, 8), ellipsis=True) + offer


def one_line(text: str) -> str:
    """Return text without its line breaks."""
    return " ".join(text.split())


def of_lint(row: str) -> bool:
    """Return whether a row is a finding or an accepted fix."""
    return row.startswith((_FINDING, _ACCEPTED))


def finding_of(view: PlanView, row: str | None) -> "Finding | None":
    """Return the finding that a row stands for, if it is one."""
    if row is None or not row.startswith(_FINDING):
        return None
    number = int(row.removeprefix(_FINDING))
    found = _worth_a_row(view)
    return found[number] if number < len(found) else None


def first_fix(view: PlanView) -> str | None:
    """Return the row of the first finding that can be fixed here."""
    found = _worth_a_row(view)
    return next((f"{_FINDING}{i}" for i, f in enumerate(found) if f.remedy), None)


def accepted_of(view: PlanView, row: str | None) -> "Remedy | None":
    """Return the accepted fix that a row stands for, if it is one."""
    if row is None:
        return None
    return next((f for f in view.accepted if f"{_ACCEPTED}{f.key}" == row), None)


def page(view: PlanView, row: str) -> list[Block] | None:
    """Return what the detail pane says about a row of lint; ``None`` for any other row."""
    finding, fix = finding_of(view, row), accepted_of(view, row)
    if finding is not None:
        return describe_finding(view, finding)
    if fix is not None:
        return [
            Bullet(Content.styled("accepted; u takes it back", "bold"), "≠", "$warning"),
            *_change(fix),
            Gap(),
            Para("Taken back, it takes those of the same step with it that build on it. Once a run "
                 "has started, it stays in that run's bundle.", "$muted"),
        ]  # fmt: skip
    return None


def describe_finding(view: PlanView, finding: "Finding") -> list[Block]:
    """Return one finding: what is wrong, where, and what its fix changes."""
    mark = SEVERITIES[finding.severity.value]
    where = f"{view.plan.memo_name}:{finding.line}" if finding.line else view.plan.memo_name
    text = Content.assemble((mark.word, mark.style), "  ", (visible(finding.text), "bold"))
    blocks: list[Block] = [Bullet(text, mark.glyph, mark.style), Pair("where", where)]
    if finding.source and finding.source != where:
        blocks.append(Pair("source", finding.source))
    if finding.remedy is None:
        if finding.fix:
            blocks.append(Pair("fix", finding.fix, "$accent"))
        return [*blocks, Gap(), Para("Nobody but a person can mend this: edit the memo, then r "
                                     "reads it again.", "$muted")]  # fmt: skip
    return [
        *blocks,
        *_change(finding.remedy),
        Gap(),
        Para("f accepts this fix, F every fix. The memo stays as it is; what runs instead stands "
             "among the deviations, in the plan and in the journal. u takes it back.", "$muted"),
    ]  # fmt: skip


def _change(fix: "Remedy") -> list[Block]:
    """Return what a fix changes: the words around it first, both whole commands last."""
    change = fix.deviation
    old, new = _text(fix.before, fix.after), _text(fix.after, fix.before)
    short, long = _marked(old, new, context=_AROUND), _marked(old, new)
    return [
        Bullet(short[0], "−", "bold $error"),
        Bullet(short[1], "+", "bold $success"),
        Pair("why", change.why),
        Pair("step", fix.step_id),
        Pair("memo says", change.memo_says),
        Pair("runs", change.runs, "$warning"),
        Gap(),
        Heading("Before"),
        Code(long[0]),
        Gap(),
        Heading("After"),
        Code(long[1]),
    ]


_AROUND = 6
"""Pieces (words and spaces) that are shown on each side of a change."""


def _marked(before: str, after: str, *, context: int | None = None) -> tuple[Content, Content]:
    """Return both commands; what goes is struck out, what comes is underlined.

    With ``context``, only so many pieces around each change are kept.
    """
    old, new = _pieces(before), _pieces(after)
    going: list[Content] = []
    coming: list[Content] = []
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for number, (kind, i, j, m, n) in enumerate(codes):
        if kind == "equal":
            last = number == len(codes) - 1
            same = _elided(old[i:j], context, before=number > 0, after=not last)
            going.append(Content(visible(same)))
            coming.append(Content(visible(same)))
            continue
        going.append(Content.styled(visible("".join(old[i:j])), "strike $error"))
        coming.append(Content.styled(visible("".join(new[m:n])), "bold underline $success"))
    return Content.assemble(*going), Content.assemble(*coming)


def _elided(pieces: Sequence[str], context: int | None, *, before: bool, after: bool) -> str:
    """Return unchanged pieces; of many, those next to the changes before and after them."""
    if context is None or len(pieces) <= context * (before + after):
        return "".join(pieces)
    head = "".join(pieces[:context]).rstrip() + " " if before else ""
    tail = " " + "".join(pieces[-context:]).lstrip() if after else ""
    return f"{head}…{tail}"


def _text(words: Sequence[str], other: Sequence[str]) -> str:
    """Return a command as it is typed; of shell text that changes, that text alone."""
    changed = [a for a, b in zip(words, other, strict=False) if a != b]
    if len(words) == len(other) and len(changed) == 1 and " " in changed[0]:
        return changed[0]
    return shlex.join(words)


def _pieces(text: str) -> list[str]:
    """Return words and the spaces between them, to be compared one by one."""
    pieces: list[str] = []
    for word in text.split(" "):
        pieces += [" ", word] if pieces else [word]
    return pieces


def _worth_a_row(view: PlanView) -> tuple["Finding", ...]:
    """Return the findings that block or have a fix; the others stand on lint's page."""
    return tuple(f for f in view.findings if f.severity == "block" or f.remedy)
