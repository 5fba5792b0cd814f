"""What was done otherwise than the memo says, what preflight warned of, what was noted."""

from collections.abc import Iterator
from pathlib import Path

from nbtui.evidence.facts import RunFacts
from nbtui.evidence.report.markup import badge, bullets, code, paragraph, table
from nbtui.preflight.model import CheckStatus


def render(facts: RunFacts, _bundle: Path) -> Iterator[str]:
    """Yield deviations, preflight results that are not plain, attestations and notes."""
    rows = [(step, code(d.memo_says), code(d.runs), d.why) for step, d in facts.deviations]
    if rows:
        heads = ("step", "the memo says", "what runs", "why")
        yield from table("Deviations from the memo", heads, rows, "plain")
    else:
        yield paragraph("No deviation: what ran is what the memo says.")
    checked = [c for c in facts.checks if c.status is not CheckStatus.OK]
    if checked:
        checks = [
            (
                c.title,
                badge(c.status.value, "bad" if c.status is CheckStatus.BLOCK else "open"),
                c.found,
                c.expected,
                code(c.fix),
            )
            for c in checked
        ]
        yield from table(
            "Preflight, where it did not simply hold",
            ("check", "status", "found", "expected", "fix"),
            checks,
            "plain",
        )
    else:
        yield paragraph(f"Preflight: all of {len(facts.checks)} checks hold.")
    told = facts.explanation
    recalled = [*facts.recalled, *(told.earlier if told else ()), *(told.known if told else ())]
    said = [
        f"{a.by} attests {a.step_id} {'done' if a.done else 'NOT DONE'} at {t}: {a.note}"
        for t, a in facts.attestations
    ]
    said += [f"sign-off of {s.by}: {s.reason} ({words})" for s, words in facts.sign_offs]
    if said or recalled or facts.notes:
        yield from bullets([*said, *dict.fromkeys(recalled), *facts.notes])
