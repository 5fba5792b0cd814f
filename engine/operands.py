"""Operands as C reads them: the longest prefix that is a number, and zero for text (spec 3.1)."""

import math
import re

from engine.errors import UsageError

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_INFINITE = re.compile(r"[+-]?(inf|nan)", re.IGNORECASE)
_LARGEST_INT = 2**31 - 1


def is_number(word: str) -> bool:
    """Whether a word is a number and nothing else."""
    return NUMBER.fullmatch(word) is not None


def is_whole(word: str) -> bool:
    """Whether a word is a whole number and nothing else."""
    return _INTEGER.fullmatch(word) is not None


def real(word: str, token: str) -> float:
    """Return the number a word starts with, or 0.

    Parameters
    ----------
    word
        The operand.
    token
        The flag, for the message.

    Raises
    ------
    UsageError
        When the number is not finite: every pixel would be NaN.
    """
    text = word.lstrip()
    match = NUMBER.match(text)
    value = float(match.group()) if match else 0.0
    if not math.isfinite(value) or _INFINITE.match(text):
        raise UsageError(f"{word!r} is not a finite number", where=token)
    return value


def integer(word: str, token: str) -> int:
    """Return the whole number a word starts with, or 0.

    Raises
    ------
    UsageError
        When it does not fit the original's 32 bits (a seed of that size is degenerate, 11.2).
    """
    match = _INTEGER.match(word.lstrip())
    # int() refuses to read thousands of digits.
    digits = match.group() if match else "0"
    if len(digits) > 4000 or abs(int(digits)) >= _LARGEST_INT:
        raise UsageError(f"{digits[:20]} is too large a whole number", where=token)
    return int(digits)
