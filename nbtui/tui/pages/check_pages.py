"""A preflight check in words: found, expected, source, fix."""

from textual.content import Content

from nbtui.preflight.model import CheckResult, CheckStatus
from nbtui.tui.document import Block, Code, Gap, Heading, Pair, Para
from nbtui.tui.words import CHECKS


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
        Pair("source", result.source, "$muted"),
    ]
    if result.fix and result.status is not CheckStatus.OK:
        blocks += [Gap(), Heading("Fix", "y copies it, R checks again"), Code(result.fix)]
    if result.facts:
        blocks += [Gap()]
        blocks += [
            Pair("facts" if i == 0 else "", f"{name} {value}", "$muted")
            for i, (name, value) in enumerate(result.facts.items())
        ]
    return blocks
