"""Why two sides differ, in words: each step as it ends, then one sentence and one command."""

from collections.abc import Sequence

from textual.content import Content

from nbtui.diagnose.model import State, StepReport
from nbtui.explaining import Explanation
from nbtui.tui.document import Block, Bullet, Code, Gap, Heading, Pair, Para, visible
from nbtui.tui.words import Mark, duration

STATES = {
    State.OK: Mark("✓", "nothing found", "$success"),
    State.FOUND: Mark("✗", "FOUND", "bold $error"),
    State.SKIPPED: Mark("–", "skipped", "$muted"),
}
MANY = 30
"""Lines of a step that are shown; ``nbtui diagnose`` prints them all."""


def searching(steps: Sequence[StepReport]) -> list[Block]:
    """Return the search so far."""
    if not steps:
        return [Para("Reading what the run left…", "$muted")]
    return [*_steps(steps), Gap(), Para("● the next step is at work…", "bold $primary")]


def result(found: Explanation) -> list[Block]:
    """Return the sentence first, then how it was found."""
    diagnosis = found.diagnosis
    style = (
        "bold" if diagnosis.agree else ("bold $error" if diagnosis.explained else "bold $warning")
    )
    blocks: list[Block] = [Para(diagnosis.sentence, style)]
    if diagnosis.command:
        blocks += [Gap(), Heading("One command shows it", "y copies it"), Code(diagnosis.command)]
    if found.earlier:
        blocks += [Gap(), Heading("Earlier runs"), *(Bullet(line) for line in found.earlier)]
    if found.known:
        blocks += [Gap(), Heading("Known issues")]
        blocks += [_line(line.text, line.source) for line in found.known]
    count = f"{len(diagnosis.steps)} steps, {duration(diagnosis.wall_s)}"
    return [*blocks, Gap(), Heading("How it was found", count), *_steps(diagnosis.steps)]


def _steps(steps: Sequence[StepReport]) -> list[Block]:
    blocks: list[Block] = []
    for step in steps:
        mark = STATES[step.state]
        title = Content.assemble(
            (visible(step.title), "bold"),
            "  ",
            (mark.word, mark.style),
            (f"  {duration(step.cost_s)}", "$muted"),
        )
        blocks.append(Bullet(title, mark.glyph, mark.style))
        if step.skipped:
            blocks.append(Para(step.skipped, "$muted", indent=2))
        blocks += [_line(line.text, line.source) for line in step.lines[:MANY]]
        if len(step.lines) > MANY:
            blocks.append(Para(f"… {len(step.lines) - MANY} more lines", "$muted", indent=2))
    return blocks


def _line(text: str, source: str) -> Block:
    words = Content.assemble(visible(text), (f"  {visible(source)}" if source else "", "$muted"))
    return Pair("", words, column=2)
