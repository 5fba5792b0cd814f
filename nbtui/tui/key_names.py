"""What keys are called where people read them."""

_NAMES = {
    "question_mark": "?", "slash": "/", "f1": "F1", "plus": "+", "equals_sign": "=", "minus": "-",
    "escape": "esc", "colon": ":",
    "semicolon": ";",
}  # fmt: skip


def key_name(key: str) -> str:
    """Return a key as people write it."""
    return _NAMES.get(key, key.replace("ctrl+", "^"))
