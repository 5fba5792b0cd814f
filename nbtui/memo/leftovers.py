"""What a bullet asks of a person besides its commands."""

import re

from nbtui.memo.guards import is_interpreter_check

_LEAD = re.compile(
    r"^(?:[\s,;:.)\]—–-]|(?:and|then|also|afterwards|next|finally|,)\b)+", re.IGNORECASE
)
_STEP = re.compile(
    r"^(?:step \w+(?: detail)?|[\w /+-]{1,40}(?:\([^)]*\))?)\s*[:—–]\s+", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[.;])\s+|\n+(?![a-z])|,?\s+(?:and|then)\s+(?=[a-z])|:\s+(?=[A-Z])")
_DOING = frozenset(
    {
        "add", "adjust", "aggregate", "analyse", "analyze", "annotate", "append", "archive",
        "ask", "attach", "author", "avoid", "backfill", "build", "capture", "cite", "check",
        "choose", "classify", "clean", "clear", "close", "collect", "combine", "commit",
        "compare", "compute", "confirm", "copy", "correlate", "create", "cross-check", "delete",
        "describe", "detail", "diff", "document", "double-check", "draft", "dump", "edit", "emit",
        "ensure", "enumerate", "escalate", "evaluate", "extend", "extract", "fill", "fix", "flag",
        "flip", "follow", "gather", "generate", "guard", "highlight", "identify", "implement",
        "include", "indicate", "inspect", "instrument", "interpret", "keep", "label", "leave",
        "link", "list", "log", "make", "mark", "measure", "mention", "merge", "mirror", "monitor",
        "move", "note", "notify", "open", "outline", "parse", "paste", "ping", "place",
        "populate", "prepare", "preserve", "prune", "push", "put", "quote", "read", "rebuild",
        "recalculate", "record", "re-read", "refactor", "refresh", "regenerate", "relocate",
        "remove", "rename", "repeat", "replace", "report", "rerun", "re-run", "restore", "reuse",
        "revert", "review", "rewrite", "save", "seed", "seek", "set", "sketch", "snapshot",
        "split", "stage", "stash", "stop", "store", "strip", "summarise", "summarize", "switch",
        "sync", "tag", "take", "tally", "test", "thread", "tidy", "touch", "track", "transcribe",
        "tune", "update", "upload", "use", "validate", "verify", "wait", "watch", "write",
        "align", "assess", "bring", "calculate", "calibrate", "call", "configure", "count",
        "decide", "deliver", "derive", "determine", "disable", "discuss", "download", "email",
        "enable", "enter", "estimate", "examine", "execute", "explore", "find", "hand", "hang",
        "hold", "inform", "install", "investigate", "launch", "listen", "load", "look", "manually",
        "obtain", "pack", "pick", "please", "plot", "present", "press", "print", "publish",
        "rehearse", "reset", "restart", "return", "rotate", "run", "scan", "search", "select",
        "send", "share", "show", "sign", "skim", "sort", "start", "study", "submit", "swap",
        "tell", "turn", "visit", "walk", "weigh", "zip",
    }
)  # fmt: skip


def asks_something(text: str) -> bool:
    """Whether a text begins with something to do."""
    words = text.strip().strip("*_`(").split(maxsplit=1)
    return bool(words) and words[0].strip("*_`(,:").lower() in _DOING


def leftover(text: str, *, leads: bool = False) -> str:
    """Return the instructions among the words around a bullet's commands; empty for none.

    Parameters
    ----------
    text
        The words.
    leads
        They lead on to a command: the last sentence is what the command does.


    Notes
    -----
    "for reproducibility" and "(expect ten lines)" ask nothing of anybody; "note the count
    in the checklist" does.
    """
    kept: list[str] = []
    sentences = _SENTENCE.split(text[:8000])
    for sentence in sentences[:-1] if leads else sentences:
        plain = _LEAD.sub("", sentence).strip()
        plain = _STEP.sub("", plain) if _STEP.match(plain) else plain
        plain = _LEAD.sub("", plain).strip()
        words = plain.split()
        remark = sentence.lstrip().startswith("(")
        if len(words) < 3 or remark or is_interpreter_check(plain):
            continue
        if words[0].strip("`(,").lower() in _DOING and not plain.rstrip().endswith(
            (":", "with", "via")
        ):
            kept.append(plain)
    return "; ".join(kept)
