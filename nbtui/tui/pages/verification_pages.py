"""A verification in words: the two answers, what is wrong file by file, and what was checked."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from textual.content import Content

from nbtui.tui.document import Block, Bullet, Code, Gap, Heading, Pair, Para, visible
from nbtui.tui.services import Verified
from nbtui.tui.words import Mark, figure
from nbtui.verify.model import WORDS, Finding, Level, Status

MARKS = {
    Status.BAD: Mark("✗", WORDS[Status.BAD], "bold $error"),
    Status.UNKNOWN: Mark("?", WORDS[Status.UNKNOWN], "bold $warning"),
    Status.OK: Mark("✓", WORDS[Status.OK], "$success"),
    Status.NOTE: Mark("i", WORDS[Status.NOTE], "$muted"),
}
COUNTED = {
    Status.OK: "hold",
    Status.BAD: "do not hold",
    Status.UNKNOWN: "cannot be derived",
    Status.NOTE: "to know",
}
LEVELS = {
    Level.FORM: "Form: what kinds of files there are",
    Level.COMPLETE: "Complete: no file missing, none added",
    Level.INTACT: "Intact: every file as it was sealed",
    Level.JOURNAL: "Journal: the chain of events",
    Level.ATTESTATION: "Attestation: what the bundle says of itself",
    Level.SIGNATURE: "Signatures",
    Level.LEDGER: "Ledger: what the project says of this run",
    Level.FIGURES: "Figures: measured again from what is stored",
    Level.THRESHOLDS: "Thresholds: each at its address",
    Level.WAIVERS: "Waivers: who signed for what",
    Level.CONTEXT: "Context: code, parameters, tests",
}


def command(bundle: Path) -> str:
    """Return the command that says the same on the command line."""
    return f"nbtui verify {shlex.quote(str(bundle))}"


def at_work(bundle: Path) -> list[Block]:
    """Return what is shown while another process looks."""
    return [
        Para(Content.assemble(("● ", "bold $primary"), ("Verifying…", "bold"))),
        Gap(),
        Para(
            "Another process reads every file of the bundle, follows the journal's chain and "
            "measures the stored images again. It changes nothing; a bundle of 4096 x 4096 "
            "pixels takes some seconds."
        ),
        Gap(),
        Pair("bundle", str(bundle)),
    ]


def result(found: Verified) -> list[Block]:
    """Return the two answers, what is wrong, and everything that was looked at."""
    report = found.report
    wrong, unknown = report.of(Status.BAD), report.of(Status.UNKNOWN)
    mark = MARKS[Status.BAD if wrong else (Status.UNKNOWN if unknown else Status.OK)]
    waived = " with waiver" if report.waived else ""
    blocks: list[Block] = [
        Bullet(Content.styled(found.integrity, mark.style), mark.glyph, mark.style),
        Pair("verdict", f"{report.verdict or 'none that can be read'}{waived}"),
        Pair("exit code", f"{found.exit_code}, as nbtui verify gives it"),
        Pair("bundle", report.bundle),
        Pair("written by", f"nbtui {report.written_by or 'unknown'}; verified by {report.version}"),
        Gap(),
    ]
    if wrong:
        blocks += [Heading("What does not hold", "file by file"), *_by_file(wrong), Gap()]
    if unknown:
        blocks += [Heading("What cannot be derived again"), *_by_file(unknown), Gap()]
    return [*blocks, *_advice(wrong, unknown, Path(report.bundle)), *_all(report.findings)]


def _advice(wrong: Sequence[Finding], unknown: Sequence[Finding], bundle: Path) -> list[Block]:
    blocks: list[Block] = [Heading("What to do next")]
    steps: tuple[str, ...]
    if wrong:
        steps = (
            "Treat this bundle as no evidence: after it was sealed something was altered or lost.",
            "Restore it from its archive, then r verifies again.",
            "If there is no other copy: a under Results makes a new attempt with a new STAMP.",
        )
    elif unknown:
        steps = (
            "Nothing contradicts, but the bundle proves less than it says: read what is missing.",
            "r verifies again, once it has been restored.",
        )
    else:
        steps = ("The bundle can be handed on as it is; whoever gets it can verify it too:",)
    blocks += [Bullet(text, "▸", "$accent") for text in steps]
    return [*blocks, Code(command(bundle)), Gap()]


def _by_file(findings: Sequence[Finding]) -> list[Block]:
    """Return findings under the files they are about."""
    files: dict[str, list[Finding]] = {}
    for finding in findings:
        files.setdefault(finding.file, []).append(finding)
    blocks: list[Block] = []
    for name, about in files.items():
        mark = MARKS[about[0].status]
        title = name or "the bundle as a whole"
        blocks.append(Bullet(Content.styled(visible(title), "bold"), mark.glyph, mark.style))
        for finding in about:
            blocks.append(Pair(f"  {finding.level.value}", finding.what, mark.style, column=15))
            blocks += _figures(finding)
    return blocks


def _figures(finding: Finding) -> list[Block]:
    if finding.claimed is None and finding.derived is None:
        return []
    return [
        Pair("", f"claimed {_value(finding.claimed)}, derived {_value(finding.derived)}", column=15)
    ]


def _value(value: float | str | None) -> str:
    return value if isinstance(value, str) else figure(value)


def _all(findings: Sequence[Finding]) -> list[Block]:
    """Return everything that was looked at, in the order of looking."""
    counts = [(sum(f.status is s for f in findings), words) for s, words in COUNTED.items()]
    told = ", ".join(f"{count} {words}" for count, words in counts if count)
    blocks: list[Block] = [Heading("What was checked", told)]
    for level, title in LEVELS.items():
        about = [f for f in findings if f.level is level]
        if about:
            blocks.append(Para(title, "bold"))
            blocks += [_line(f) for f in about]
    return blocks


def _line(finding: Finding) -> Block:
    mark = MARKS[finding.status]
    place = f"{finding.file}: " if finding.file else ""
    text = " ".join(f"{place}{finding.what}".split())
    words = Content.assemble((f"{mark.word}  ", mark.style), visible(text))
    return Bullet(words, f"  {mark.glyph}", mark.style)
