"""Whether a text can be pasted into a shell, or is only words about what to do."""

from nbtui.memo.recognise import Looks, looks
from nbtui.memo.shelltext import commands, is_whole

_BUILTINS = frozenset({"export", "unset", "cd", "."})


def is_pasteable(text: str) -> bool:
    """Return whether every part of a text is a command of a program that is known."""
    if "..." in text or not is_whole(text):
        return False
    found = commands(text)
    return bool(found) and all(
        words[0] in _BUILTINS
        or ("/" in words[0] and words[0][:1] in "/.~")
        or looks(words, quoted=True, asked=True) is Looks.COMMAND
        for words in found
    )
