"""Programs that only start another one, and shells that are given their text as a word."""

from collections.abc import Sequence
from pathlib import PurePosixPath

WRAPPERS = frozenset({"env", "timeout", "nohup", "time", "nice", "xargs", "command", "exec",
                      "stdbuf", "setsid", "taskset", "ionice"})  # fmt: skip
SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh"})
_TAKING = {
    "env": frozenset({"-u", "--unset", "-C", "--chdir"}),
    "timeout": frozenset({"-s", "--signal", "-k", "--kill-after"}),
    "xargs": frozenset({"-I", "-a", "-d", "-E"}),
    "exec": frozenset({"-a"}),
    "time": frozenset({"-f", "-o"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
}
"""Options of wrappers that take the word behind them."""
_LONG_TAKING = frozenset({"--rcfile", "--init-file", "--emulate"})
"""The same of shells."""


def unwrapped(argv: Sequence[str]) -> tuple[str, ...]:
    """Return the command behind wrappers and assignments: without their options and numbers."""
    words = [w for n, w in enumerate(argv) if n or w]
    while words and (PurePosixPath(words[0]).name in WRAPPERS or _assigns(words[0])):
        taking = _TAKING.get(PurePosixPath(words.pop(0)).name, frozenset())
        while words and (words[0].startswith("-") or _assigns(words[0]) or words[0][:1].isdigit()):
            del words[: 2 if words[0] in taking else 1]
    return tuple(words)


def text_at(argv: Sequence[str]) -> int | None:
    """Return where the text of ``sh -c TEXT`` stands, behind wrappers too; ``None`` without."""
    words = unwrapped(argv)
    if not words or PurePosixPath(words[0]).name not in SHELLS:
        return None
    given, at = False, 1
    while at < len(words) and words[at][:1] in {"-", "+"}:
        letters = words[at][1:] if not words[at].startswith("--") else ""
        given = given or (words[at][0] == "-" and "c" in letters)
        # -o and -O take a word: bash -o pipefail -c TEXT
        at += 2 if letters[-1:] in {"o", "O"} or words[at] in _LONG_TAKING else 1
    return len(argv) - len(words) + at if given and at < len(words) else None


def _assigns(word: str) -> bool:
    return word.partition("=")[0].isidentifier() and "=" in word
