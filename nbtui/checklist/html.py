"""The checklist as one HTML page of its own: it prints well and needs no network."""

from collections.abc import Iterator
from html import escape

from nbtui.checklist.sheet import Entry, Sheet

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }
pre { background: #f2f2f2; padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere; }
li.step { border-top: 1px solid #999; padding: .6rem 0; break-inside: avoid; }
.who, .purpose { color: #444; } .bad { font-weight: bold; text-decoration: underline; }
.sign td { border-bottom: 1px solid #444; min-width: 12rem; padding-top: 1.2rem; }
code { overflow-wrap: anywhere; } .box { font-size: 1.3em; }
"""
_ROOM = (
    '<table class="sign"><tr><th>initials</th><td></td><th>time (UTC)</th><td></td></tr></table>'
)
_BOX = {" ": "☐", "x": "☑", "!": "☒", "-": "☐"}
_SAID = {" ": "open", "x": "done", "!": "failed", "-": "left out"}


def render_html(sheet: Sheet) -> str:
    """Return the checklist as a complete HTML document; all texts are escaped."""
    return "\n".join(_lines(sheet))


def _lines(sheet: Sheet) -> Iterator[str]:
    title = escape(sheet.title)
    yield "<!DOCTYPE html>"
    yield f'<html lang="en"><head><meta charset="utf-8"><title>Checklist: {title}</title>'
    yield f"<style>{_STYLE}</style></head><body><main>"
    yield f"<h1>Checklist: {title}</h1>"
    yield (
        f"<p>Memo {escape(sheet.memo)} (SHA-256 <code>{sheet.memo_sha256}</code>), "
        f"plan <code>{sheet.digest}</code>.</p>"
    )
    if sheet.stamp:
        yield (
            f"<p>Run {escape(sheet.stamp)}: <strong>{escape(sheet.verdict)}</strong>; "
            f"preflight: {escape(sheet.checks)}. Filled in from its journal.</p>"
        )
    yield "<h2>Before</h2><ul>"
    yield "<li>☐ <code>nbtui preflight</code> shows no BLOCK</li>"
    if sheet.branch:
        yield f"<li>☐ branch is <code>{escape(sheet.branch)}</code></li>"
    yield "</ul><h2>Steps</h2>"
    yield f"<pre>{escape(chr(10).join(sheet.setting))}</pre>"
    yield "<ol>"
    for entry in sheet.entries:
        yield from _entry(entry)
    yield "</ol>"
    parts = (
        ("Gates to hold every figure against", sheet.gates),
        ("Pitfalls to avoid", sheet.pitfalls),
        ("If blocked", sheet.if_blocked),
    )
    for heading, lines in parts:
        if lines:
            yield f"<h2>{heading}</h2>{_list(f'☐ {line}' for line in lines)}"
    yield "<h2>Sign-off</h2>"
    yield (
        f"<p>{escape(sheet.signed)}</p>"
        if sheet.signed
        else f"<p>☐ every step above is done</p>{_ROOM}"
    )
    yield "</main></body></html>\n"


def _entry(entry: Entry) -> Iterator[str]:
    mark = entry.mark
    box = f'<span class="box" role="img" aria-label="{_SAID[mark.box]}">{_BOX[mark.box]}</span>'
    yield f'<li class="step">{box} <strong>{escape(entry.title)}</strong> '
    yield f'<span class="who">({escape(entry.who)}, memo line {entry.line})</span>'
    yield f'<div class="purpose">{escape(entry.purpose)}</div>'
    if entry.question:
        yield f"<p>Question: {escape(entry.question)}</p>"
    if entry.proposal:
        yield f"<p>Proposed answer, confirmed by nobody yet:</p><pre>{escape(entry.proposal)}</pre>"
    if entry.command:
        yield f"<pre>{escape(entry.command)}</pre>"
    elif entry.words:
        yield f"<p>{escape(entry.words)}</p>"
    details = [f"see: {line}" for line in entry.expect]
    details += [f"☐ {artifact} exists and is not empty" for artifact in entry.artifacts]
    details += [f"deviation: {line}" for line in entry.deviations]
    details += [f"pitfall: {line}" for line in entry.pitfalls]
    if mark.word:
        details.append(f"{f'{mark.by}, {mark.when}: ' if mark.by else ''}{mark.word}")
        details += mark.notes
    if details:
        yield _list(details)
    if not mark.by:
        yield _ROOM
    yield "</li>"


def _list(lines: Iterator[str] | list[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
