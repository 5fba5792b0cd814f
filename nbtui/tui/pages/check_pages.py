"""A preflight check in words: found, expected, source, fix."""

from textual.content import Content

from nbtui.preflight.model import CheckResult, CheckStatus
from nbtui.tui.document import Block, Code, Gap, Heading, Pair, Para
from nbtui.tui.words import CHECKS


def offered_fix(result: CheckResult) -> str:
    """Return a check's fix; nothing for a check that passes."""
    return "" if result.status is CheckStatus.OK else result.fix


def describe_check(result: CheckResult | None) -> list[Block]:
    """Return what the detail pane says about a check."""
    if result is None:
        return [
            Para(
                "Preflight looks at the machine, the environment, the repository, the C binary "
                "and the golden data. It changes nothing.",
                "$muted",
            ),
        ]
    mark = CHECKS[result.status]
    blocks: list[Block] = [
        Para(Content.assemble((result.title, "bold"), "  ", mark.content())),
        Pair("found", result.found, "" if result.status is CheckStatus.OK else mark.style),
        Pair("expected", result.expected),
    ]
    if fix := offered_fix(result):
        # Before the rest: on a small screen the pane ends here.
        note = "y copies it, ^z goes to the shell, R checks again"
        blocks += [Heading("Fix", note), Code(fix), Gap()]
    blocks.append(Pair("source", result.source, "$muted"))
    if result.facts:
        blocks += [Gap()]
        blocks += [
            Pair("facts" if i == 0 else "", f"{name} {value}", "$muted")
            for i, (name, value) in enumerate(result.facts.items())
        ]
    return blocks
