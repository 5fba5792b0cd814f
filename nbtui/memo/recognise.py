"""Where a command begins, and where it is only English.

``make``, ``diff``, ``touch``, ``python`` and ``pytest`` are words of English prose too. A
program's name counts only with what it usually takes behind it: a path, an option, a quoted
text. In backticks less is asked for than in bare text.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from nbtui.memo.programs import NANOBRAGG, PYTHONS, TOOLS
from nbtui.memo.vocabulary import begins_quoted

Words = Sequence[str]
Shape = Callable[[Words], bool]


class Looks(Enum):
    """What a run of words looks like."""

    PROSE = "prose"
    COMMAND = "command"
    STRANGER = "stranger"
    """Shaped like a command, but the program is not known."""


_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_DURATION = re.compile(r"\d+(?:\.\d+)?[smhd]?$")
_EXTENSION = re.compile(r"\.[A-Za-z]\w{0,4}$")
_OPERATORS = (">", ">>", "|", "||", "&&", "<", "<<", "2>", "&>", ";")
_NAME = re.compile(r"[a-z][\w.+-]*$")
_KEYWORDS = {"for": ("do", "done"), "while": ("do", "done"), "until": ("do", "done"),
             "if": ("then", "fi")}  # fmt: skip


def looks(words: Words, *, quoted: bool = False, strict: bool = True, asked: bool = False) -> Looks:
    """Say whether a command begins with the first of these words.

    Parameters
    ----------
    words
        The words from there on, separated by white space, quotes still in them.
    quoted
        They stand in backticks or a fence: somebody marked them as code.
    strict
        They stand where a command may be expected: at the beginning, behind a colon, behind
        "run". Only programs whose name is no English word are accepted elsewhere.
    asked
        The text asks to run what stands in the backticks.
    """
    rest, assigned, wrapped = _unwrapped(words)
    if not rest:
        return Looks.PROSE
    if rest[0].lstrip("(") != rest[0]:
        rest = [rest[0].lstrip("("), *rest[1:]]
        if not rest[0]:
            return Looks.PROSE
        return looks(rest, quoted=quoted, strict=strict, asked=asked)
    sure = quoted or strict or assigned or wrapped
    if _is_known(rest[0], rest[1:], quoted=quoted, sure=sure):
        return Looks.COMMAND
    if quoted and begins_quoted(rest[0], rest[1:], asked=asked):
        return Looks.COMMAND
    if _is_stranger(rest[0], rest[1:], quoted=quoted, assigned=assigned):
        return Looks.STRANGER
    return Looks.PROSE


def split_words(text: str) -> list[str]:
    """Return the first words of a text, quoted ones whole, quotes still in them."""
    return [m[0] for m, _ in zip(_WORD.finditer(text[:_AHEAD]), range(_FIRST), strict=False)]


_WORD = re.compile(r"""(?:[^\s"'$]|"[^"\n]{0,400}"|'[^'\n]{0,400}'|\$\([^()\n]{0,200}\)|["'$])+""")
_AHEAD = 1200
"""Characters that are looked at to say whether a command begins."""
_FIRST = 24


def is_path(word: str) -> bool:
    """Whether a word is a path, a variable, a pattern or a quoted text."""
    word = word.strip("`,;")
    if word.lower() in _NO_PATHS:
        return False
    if word.startswith(("$", "~", "@", '"', "'", "./", "../")):
        return len(word) > 1
    return "/" in word or _EXTENSION.search(word) is not None or "*" in word


_NO_PATHS = frozenset(
    {
        "stdout/stderr",
        "stdout/err",
        "stderr/stdout",
        "and/or",
        "pass/fail",
        "before/after",
        "e.g",
        "i.e",
    }
)


def is_option(word: str) -> bool:
    """Whether a word is an option: ``-v``, ``--maxfail=1``, or the ``-`` of standard input."""
    return word == "-" or re.match(r"--?[A-Za-z0-9]", word) is not None or word == "--"


def _unwrapped(words: Words) -> tuple[list[str], bool, bool]:
    """Take assignments, ``env``, ``timeout N`` and ``time`` off; say whether there were any."""
    rest = list(words)
    assigned = wrapped = False
    while rest:
        name = rest[0].lstrip("(").rsplit("/", maxsplit=1)[-1]
        following = rest[1] if len(rest) > 1 else ""
        if _ASSIGNMENT.match(rest[0].lstrip("(")) and not rest[0].endswith(("=", ",")):
            assigned = True
            del rest[0]
        elif name == "timeout" and _DURATION.match(following):
            wrapped = True
            del rest[:2]
        elif name == "env" and _ASSIGNMENT.match(following):
            wrapped = True
            del rest[0]
        elif name in {"time", "nohup"} and len(rest) > 1 and rest[0] != "time":
            wrapped = True
            del rest[: 2 if following in {"-v", "-p"} else 1]
        elif name == "time" and is_option(following):
            del rest[:2]
        else:
            break
    return rest, assigned, wrapped


def _is_known(program: str, rest: Words, *, quoted: bool, sure: bool) -> bool:
    name = program.rsplit("/", maxsplit=1)[-1] if "/" in program else program
    if program in _KEYWORDS:
        return sure and all(re.search(rf"\b{w}\b", " ".join(rest)) for w in _KEYWORDS[program])
    if name in PYTHONS:
        return bool(rest) and (is_option(rest[0]) or _is_script(rest[0]))
    if name in {"pytest", "py.test"}:
        return bool(rest) and _selects(rest[0], quoted=quoted)
    if name in TOOLS | NANOBRAGG:
        return bool(rest) and _forwards(name, rest[0], quoted=quoted)
    shape = _SHAPES.get(name) if "/" not in program or program.startswith("/") else None
    if shape is not None:
        return sure and (shape(rest) or (quoted and _has_operator(rest)))
    return _is_own_path(program, rest, quoted=quoted)


def _selects(word: str, *, quoted: bool) -> bool:
    word = word.strip("`,;")
    if word.startswith(("-", "@")) or word in {"tests", "test"} or "::" in word:
        return len(word) > 1
    return word.endswith(".py") or "/" in word or (quoted and word.startswith(("<", "$", '"$')))


def _forwards(name: str, word: str, *, quoted: bool) -> bool:
    if name == "nb-golden":
        return word in {"generate", "verify", "build-reference", "list"} or is_option(word)
    return is_option(word) or word.startswith("@") or (quoted and word.startswith(("<", "$")))


def _is_script(word: str) -> bool:
    word = word.strip("`,;)").rstrip(".")
    return word.endswith(".py") or word.startswith(("$", '"$', "<"))


def _is_own_path(program: str, rest: Words, *, quoted: bool) -> bool:
    """Whether the program is named by its path: ``./x -v``, ``"$NB_C_BIN" -mat``, ``a/b.sh``."""
    name = program.strip("\"'")
    first = rest[0] if rest else ""
    if name.startswith("$") and not name.startswith("$("):
        return is_option(first) or first.startswith("@")
    if "/" not in name or _ASSIGNMENT.match(name) or "::" in name or name.startswith("-"):
        return False
    if name.endswith((".sh", ".py")):
        return is_option(first) or (quoted and (name.endswith(".sh") or is_path(first)))
    plain = _EXTENSION.search(name) is None and not name.endswith("/")
    return plain and (is_option(first) or (quoted and name.startswith("./") and bool(rest)))


def _is_stranger(program: str, rest: Words, *, quoted: bool, assigned: bool) -> bool:
    """Whether words have the shape of a command although the program is not known."""
    first = rest[0] if rest else ""
    if "::" in program and program.partition("::")[0].endswith(".py"):
        return assigned  # a node of pytest with an environment, but without pytest
    if program.endswith(".py") and is_option(first) and first != "-":
        return True
    if quoted and _WINDOWS.match(program):
        return bool(rest) or program.endswith((".exe", ".bat", ".cmd", ".ps1"))
    if not quoted and not assigned:
        return False
    known = program in _SHAPES or program in PYTHONS | {"pytest"}
    if known or program in _ENGLISH or not _NAME.match(program):
        return False
    if assigned and quoted:
        return bool(rest)
    return any(re.match(r"--[a-z]|-[a-zA-Z]$", w) for w in rest[:3])


_WINDOWS = re.compile(r"(?:[A-Za-z]:|\.{1,2})?\\?[\w .-]+(?:\\[\w .-]+)+$")
"""A program by its path on another system: somebody has to say what stands for it here."""
_ENGLISH = frozenset(
    {"command", "with", "on", "and", "for", "to", "or", "the", "by", "in", "is", "via", "so"}
)


def _has_operator(rest: Words) -> bool:
    return any(w.startswith(_OPERATORS) for w in rest)


def _paths(rest: Words) -> bool:
    return bool(rest) and (is_option(rest[0]) or is_path(rest[0]))


def _alone(rest: Words) -> bool:
    return bool(rest) and (is_option(rest[0]) or rest[0].startswith(_OPERATORS))


def _texts(rest: Words) -> bool:
    return bool(rest) and (rest[0].startswith(("'", '"', "$", "-")) or _has_operator(rest))


def _search(rest: Words) -> bool:
    """Accept ``grep -n x``, ``rg "x"`` and ``grep x file``, not ``find references in``."""
    if bool(rest) and rest[0].startswith(("-", '"', "'", "\\")):
        return True
    return len(rest) > 1 and (is_path(rest[1]) or is_option(rest[1]))


def _options(rest: Words) -> bool:
    return bool(rest) and is_option(rest[0])


def _one_of(*names: str) -> Shape:
    return lambda rest: bool(rest) and rest[0].strip("`,;.)") in names


def _script(rest: Words) -> bool:
    if not rest:
        return False
    word = rest[0].strip("`,;")
    return word.endswith((".sh", "/activate")) or word in {"-c", "-lc"} or is_option(word)


def _make(rest: Words) -> bool:
    """Accept ``make -C x`` and ``make target``, not ``make sure that``."""
    if not rest or rest[0].rstrip(".") in _MADE:
        return False
    return is_option(rest[0]) or (len(rest) == 1 and rest[0][:1].isalpha())


_MADE = frozenset(
    {"sure", "notes", "changes", "progress", "sense", "room", "copies", "plots", "it"}
)
"""What people make without the program."""


_GIT = _one_of(
    "add", "am", "apply", "bisect", "blame", "branch", "checkout", "cherry-pick", "clean", "clone",
    "commit", "config", "describe", "diff", "fetch", "grep", "hash-object", "init", "log",
    "ls-files", "ls-tree", "merge", "mv", "pull", "push", "rebase", "reset", "restore", "revert",
    "rev-parse", "rm", "shortlog", "show", "stash", "status", "submodule", "switch", "tag",
    "update-index", "worktree", "--no-pager", "-C", "-c",
)  # fmt: skip

_SHAPES: Mapping[str, Shape] = {
    **dict.fromkeys(
        (
            "cp", "mv", "rm", "mkdir", "rmdir", "touch", "ls", "cat", "head", "tail", "diff",
            "cmp", "sort", "uniq", "wc", "cut", "tr", "tee", "sha256sum", "shasum",
            "md5sum", "sha1sum", "tar", "zip", "unzip", "gzip", "gunzip", "ln", "chmod", "tree",
            "du", "df", "stat", "rsync", "scp", "patch", "ruff", "mypy", "black", "isort",
            "flake8", "curl", "wget", "nohup", "readlink", "realpath", "basename",
            "dirname", "xxd", "od", "hexdump", "split", "paste", "comm", "column", "truncate",
            "cd", "pushd", "strings", "ldd", "nm", "objdump", "valgrind", "gdb", "perf", "strace",
            "hyperfine", "nsys", "ncu", "jupyter", "open", "less", "more", "install",
        ),
        _paths,
    ),
    **dict.fromkeys(
        ("pwd", "env", "printenv", "nvidia-smi", "lscpu", "nproc", "hostname", "whoami", "date",
         "uname", "free", "uptime", "id", "locale", "sleep", "ulimit", "lsmod", "ps", "top"),
        _alone,
    ),
    **dict.fromkeys(("grep", "egrep", "rg", "awk", "sed", "find", "xargs", "ag"), _search),
    **dict.fromkeys(("echo", "printf"), _texts),
    **dict.fromkeys(("gcc", "cc", "clang", "cmake", "ninja", "nvcc", "tox", "nox"), _options),
    **dict.fromkeys(("bash", "sh", "zsh", "source", "."), _script),
    "git": _GIT,
    "jq": lambda rest: len(rest) > 1 and rest[0].startswith(("'", '"', ".", "-")),
    "make": _make,
    "cargo": _one_of("bench", "build", "check", "clippy", "fmt", "run", "test"),
    "npm": _one_of("ci", "exec", "install", "run", "start", "test"),
    **dict.fromkeys(("poetry", "pdm", "hatch"), _one_of("build", "install", "lock", "run", "sync")),
    "go": _one_of("build", "generate", "run", "test", "vet"),
    "coverage": _one_of("run", "report", "combine", "html", "json", "xml"),
    "sudo": _paths,
    "set": _one_of("-e", "-o", "-u", "-x", "-eu", "-euo", "-ex", "+e", "-eo", "-uo"),
    "which": lambda rest: len(rest) == 1 or _has_operator(rest[1:2]),
    "pip": _one_of("install", "list", "freeze", "show", "uninstall", "check", "download"),
    "pip3": _one_of("install", "list", "freeze", "show", "uninstall", "check", "download"),
    "conda": _one_of("activate", "create", "env", "install", "list", "run", "info"),
    "uv": _one_of("pip", "run", "sync", "venv", "lock"),
    "docker": _one_of("run", "build", "exec", "ps", "images"),
    "pre-commit": _one_of("run", "install"),
    "kill": _options,
    "unset": lambda rest: bool(rest) and rest[0].isupper(),
    "script": lambda rest: bool(rest) and rest[0] in {"-q", "-c", "-a"},
    "time": lambda rest: bool(rest) and looks(rest, quoted=True) is Looks.COMMAND,
    "test": lambda rest: bool(rest) and rest[0] in {"-f", "-d", "-e", "-s", "-x", "-z", "-n"},
}  # fmt: skip
"""What a program must have behind it to be one, in a text that may be prose."""

ALONE = frozenset(
    {
        "pwd", "env", "printenv", "nvidia-smi", "lscpu", "nproc", "make", "pytest", "hostname",
        "date", "uname", "whoami", "id", "ls", "free", "df", "uptime", "ps", "true", "false",
        "tox", "nox", "ctest", "ninja", "nbtui",
    }
)  # fmt: skip
"""Programs that are a command by themselves where the text says to run them."""
