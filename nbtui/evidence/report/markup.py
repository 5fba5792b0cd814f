"""Small pieces of HTML; every text is escaped unless it is :class:`Html` already."""

import html
from collections.abc import Iterable, Iterator, Sequence

from nbtui.evidence.text import printable


class Html(str):
    """Markup that was made here; anything else is text and gets escaped."""

    __slots__ = ()


def text(value: object) -> Html:
    """Return a value as HTML text: control characters visible, markup escaped."""
    return value if isinstance(value, Html) else Html(html.escape(printable(str(value))))


def code(value: object) -> Html:
    """Return a value as code; an empty one as nothing."""
    return Html(f"<code>{text(value)}</code>") if str(value) else Html("")


def badge(word: str, kind: str) -> Html:
    """Return a word that is coloured by its kind (``good``, ``bad``, ``open``) as well."""
    return Html(f'<span class="badge {kind}">{text(word)}</span>')


def table(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[object]], kind: str = ""
) -> Iterator[str]:
    """Yield a table; the first cell of each row is its header."""
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{text(caption)}">'
    yield f'<table class="{kind}"><caption>{text(caption)}</caption><thead><tr>'
    yield "".join(f'<th scope="col">{text(head)}</th>' for head in heads)
    yield "</tr></thead><tbody>"
    for first, *rest in rows:
        cells = "".join(f"<td>{text(cell)}</td>" for cell in rest)
        yield f'<tr><th scope="row">{text(first)}</th>{cells}</tr>'
    yield "</tbody></table></div>"


def bullets(items: Iterable[object]) -> Iterator[str]:
    """Yield a list."""
    yield "<ul>"
    yield from (f"<li>{text(item)}</li>" for item in items)
    yield "</ul>"


def paragraph(value: object, kind: str = "") -> str:
    """Return a paragraph."""
    return f'<p class="{kind}">{text(value)}</p>' if kind else f"<p>{text(value)}</p>"
