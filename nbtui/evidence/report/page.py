"""The page: head, verdict, one section after the other, style and script inside.

It is written as a stream of pieces: pictures are large, and none is held twice. A content
security policy with the hashes of style and script lets nothing else run and nothing be
fetched, whatever a memo or a log holds.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from nbtui.evidence.facts import RunFacts
from nbtui.evidence.records import Verdict, verdict_words
from nbtui.evidence.report import (
    gates,
    limits,
    origin,
    pictures,
    remarks,
    timeline,
)
from nbtui.evidence.report.markup import code, text

REPORT = "report.html"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: where links lead, what it is called, what it shows."""

    anchor: str
    title: str
    render: Callable[[RunFacts, Path], Iterator[str]]


SECTIONS = (
    Section("gates", "Gates", gates.render),
    Section("images", "Images", pictures.render),
    Section("time", "Time line", timeline.render),
    Section("origin", "Provenance", origin.render),
    Section("remarks", "Deviations and remarks", remarks.render),
    Section("limits", "What was not checked", limits.render),
)
"""In reading order; a section that yields nothing is left out."""


def render(facts: RunFacts, bundle: Path) -> Iterator[bytes]:
    """Yield the report of a run as UTF-8 HTML.

    Parameters
    ----------
    facts
        The run, its verdict included.
    bundle
        Its folder: the pictures come from there.
    """
    for piece in _pieces(facts, bundle):
        yield piece.encode("utf-8", "backslashreplace")
        yield b"\n"


def _pieces(facts: RunFacts, bundle: Path) -> Iterator[str]:
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; "
        f"script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    waived = bool(facts.waived)
    verdict = verdict_words(facts.verdict, waived=waived) if facts.verdict else "open"
    title = facts.plan.focus or facts.plan.summary
    yield '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{text(f'{verdict}: {facts.stamp}')}</title>"
    yield f"<style>{style}</style></head><body>"
    yield '<a class="skip" href="#main">Skip to the gates</a>'
    yield from _header(facts, verdict, title)
    yield '<main id="main" tabindex="-1">'
    for section in SECTIONS:
        body = section.render(facts, bundle)
        first = next(body, None)
        if first is None:
            continue
        yield f'<section id="{section.anchor}"><h2>{text(section.title)}</h2>'
        yield first
        yield from body
        yield "</section>"
    yield "</main>"
    yield from _footer(facts)
    yield f"<script>{script}</script></body></html>"


def _header(facts: RunFacts, verdict: str, title: str) -> Iterator[str]:
    kind = "good" if facts.verdict is Verdict.CLEARED else "bad"
    kind = "open" if facts.waived and facts.verdict is Verdict.CLEARED else kind
    held = [g for s in facts.stages for g in s.gates]
    passed = sum(g.passed for g in held)
    yield f'<header class="{kind}"><p class="verdict">{text(verdict)}</p><h1>{text(title)}</h1>'
    if facts.blocker is not None:
        yield f'<p class="reason">{text(facts.blocker.reason)}</p>'
    yield from _explained(facts)
    yield from (f'<p class="reason">{text(words)}</p>' for words in facts.waived)
    yield '<dl class="key">'
    for name, value in (
        ("run", code(facts.stamp)),
        ("attempt", facts.attempt or "unknown"),
        ("gates", f"{passed} of {len(held)} hold"),
        ("duration", f"{facts.wall_s:.1f} s"),
        ("commit", code(facts.provenance.get("git_sha", "unknown")[:12])),
        ("host", facts.provenance.get("host", "unknown")),
        ("operator", facts.operator or "unknown"),
        ("plan", code(facts.plan_sha256[:16])),
    ):
        yield f"<div><dt>{text(name)}</dt><dd>{text(value)}</dd></div>"
    yield '</dl></header><nav aria-label="Sections"><ul>'
    for section in SECTIONS:
        yield f'<li><a href="#{section.anchor}">{text(section.title)}</a></li>'
    yield "</ul></nav>"


def _explained(facts: RunFacts) -> Iterator[str]:
    """Yield the diagnosis, and the command that shows it."""
    told = facts.explanation
    if told is None or not told.sentence:
        return
    word = "Cause" if told.explained else "Likely cause"
    yield f"<p><strong>{word}:</strong> {text(told.sentence)}</p>"
    if told.command:
        yield f"<p>To see it: {code(told.command)}</p>"


def _footer(facts: RunFacts) -> Iterator[str]:
    yield "<footer><p>"
    yield f"Written by nbtui {text(facts.version)} from the journal of run {text(facts.stamp)}, "
    yield "before it was sealed. This page is a view, not the record: the journal and the images "
    yield f"are. Check them with {code('nbtui verify ' + facts.stamp)}, or, with nothing but "
    yield f"Python, {code('python3 verify.py')} in this folder.</p></footer>"


def _asset(name: str) -> str:
    return resources.files("nbtui.evidence.report").joinpath(name).read_text("utf-8")


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
