"""Answers that come after the wait for them has ended, kept from being taken for keys.

Over a slow line a terminal answers when the app already reads the keyboard. Textual does not
know these sequences and would hand them on letter by letter, as if somebody had typed them.
"""

import re

_ANSWER = re.compile(
    r"\x1b_G[^\x1b]*\x1b\\|\x1bP>\|[^\x1b]*\x1b\\|\x1b\[6;\d+;\d+t|\x1b\[\?1;[\d;]*S|(?P<last>\x1b\[\?[\d;]*c)"
)
# Not a lone escape, nor one with a bracket: keys that must not wait for what may never come.
_BEGUN = re.compile(r"\x1b(_(G[^\x1b]*\x1b?)?|P(>[^\x1b]*\x1b?)?|\[6[;\d]*|\[\?[\d;]*)\Z")
_LONGEST = 512


class LateAnswers:
    """Takes answers out of what is read, until the last one has come."""

    def __init__(self) -> None:
        self._held = ""
        self._over = False

    def without(self, text: str) -> str:
        """Return what was typed; an answer that has only begun is held back until its rest."""
        if self._over:
            return text
        text = self._held + text
        self._held = ""
        for answer in _ANSWER.finditer(text):
            self._over = self._over or answer["last"] is not None
        text = _ANSWER.sub("", text)
        begun = None if self._over else _BEGUN.search(text)
        if begun and len(begun[0]) < _LONGEST:
            self._held = begun[0]
            text = text[: begun.start()]
        return text
