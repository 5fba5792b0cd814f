"""What is known about programs: how a command is recognised, which may run, what they do."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from nbtui.memo.plan import Role

PYTHONS = frozenset({"python", "python3"})
NANOBRAGG = frozenset({"nanoBragg", "nanobragg"})
TOOLS = frozenset({"nb-compare", "nb-benchmark", "nb-golden"}) | NANOBRAGG
"""This project's console scripts, and the original under its own name."""

READERS = frozenset(
    {
        "sha256sum", "shasum", "sha1sum", "md5sum", "uname", "nproc", "lscpu", "free", "ls", "wc",
        "cmp", "cat", "head", "tail", "diff", "rg", "grep", "egrep", "sort", "uniq", "cut", "tr",
        "jq", "echo", "printf", "printenv", "env", "date", "hostname", "whoami", "pwd", "which",
        "stat", "du", "df", "tree", "basename", "dirname", "realpath", "readlink", "true", "false",
        "test", "[", "nvidia-smi", "command", "type", "comm", "column", "paste", "ps", "id",
        "uptime", "locale", "sleep", "ldd", "nm", "strings", "xxd", "od", "export", "set", ":",
        "seq", "cd", "mypy", "ruff", "awk", "wait", "read", "break", "continue",
    }
)  # fmt: skip
"""Programs that only look."""

WRITERS = frozenset({"mkdir", "cp", "touch", "tee", "make", "cmake", "ninja", "gcc", "cc"})
"""Programs that add files of the work tree; guards watch what must not change."""

_GIT_READS = frozenset(
    {"rev-parse", "status", "diff", "log", "show", "describe", "ls-files", "ls-tree", "grep",
     "blame", "shortlog", "hash-object"}
)  # fmt: skip

_OTHERS = frozenset(
    {
        "git", "mv", "rm", "rmdir", "ln", "sed", "bash", "sh", "zsh", "timeout", "time", "pip",
        "pip3", "curl", "wget", "sudo", "conda", "source", "xargs", "find", "perf", "gdb", "tar",
        "zip", "unzip", "kill", "nohup", "pushd", "popd", "chmod", "rsync", "scp", "docker", "uv",
        "patch", "script", "truncate", "install", "unset", "eval", "exec", "dd",
    }
)  # fmt: skip
"""Programs that make a quoted text a command, whether or not it may run."""

OUTPUT_FLAGS = frozenset(
    {
        "-floatfile", "-floatimage", "-intfile", "-intimage", "-pgmfile", "-pgmimage",
        "-noisefile", "-noiseimage",
    }
)  # fmt: skip
"""nanoBragg's options that name a file to write (specification section 3)."""

_PYTEST_VALUE = frozenset(
    {
        "-k", "-m", "-c", "-p", "-o", "-n", "-W", "-r", "--rootdir", "--maxfail", "--timeout",
        "--durations", "--junitxml", "--tb", "--cov", "--junit-xml", "--basetemp", "--deselect",
        "--ignore", "--log-level", "--import-mode",
    }
)  # fmt: skip
_SELECTING = frozenset({"-k", "-m", "--deselect", "--ignore", "--last-failed", "--lf"})


def is_program(word: str) -> bool:
    """Whether a backticked text that begins with this word is a command."""
    name = PurePosixPath(word).name
    if name in PYTHONS | TOOLS | READERS | WRITERS | _OTHERS or name in {"pytest", "py.test"}:
        return True
    return word.startswith(("./", "/")) or word.endswith(".sh")


def why_not_run(argv: Sequence[str], *, stdin: bool = False) -> str | None:
    """Return why a command may not run by itself, or ``None`` when it may.

    What runs: python, pytest, this project's tools, programs of the repository by path, and
    programs that only look or add files. A memo is text that somebody else wrote.

    Parameters
    ----------
    argv
        The command's words.
    stdin
        Whether a here-document feeds it: then ``python -`` has a script.
    """
    program = argv[0]
    name = PurePosixPath(program).name
    if not name or program.startswith("-"):
        return f"{program!r} is no program"
    if name in PYTHONS:
        return None if stdin or (len(argv) > 1 and argv[1] != "-") else "python without a script"
    if name == "git":
        ok = len(argv) > 1 and argv[1] in _GIT_READS
        return None if ok else "this git command may change the repository"
    if name in TOOLS | READERS | WRITERS or name == "pytest":
        return None
    if name in {"bash", "sh"} and len(argv) > 1 and argv[1].endswith(".sh"):
        return None
    if name in {"sed", "find"} and not _CHANGING.intersection(w.partition("=")[0] for w in argv):
        return None
    if name in _OTHERS:
        return f"{name} is not a program that runs unasked"
    if "/" in program:
        return None
    return f"{name} is not a program that is known"


_CHANGING = frozenset({"-i", "--in-place", "-exec", "-execdir", "-delete", "-ok", "-fprint"})
"""Options with which ``sed`` and ``find`` change files or start programs."""


def role_of(argv: Sequence[str]) -> Role:
    """Return what a command is for, from the program it runs."""
    name = PurePosixPath(argv[0]).name
    if is_pytest(argv):
        # a list of tests is no test: its exit code is all it says
        return Role.COMMAND if _COLLECTING.intersection(argv) else Role.PYTEST
    if name in PYTHONS and len(argv) > 1:
        name = PurePosixPath(argv[1]).name
    match name.removesuffix(".py").replace("_", "-"):
        case "nb-compare":
            return Role.COMPARE
        case slug if slug == "nb-benchmark" or slug.startswith("bench"):
            return Role.BENCHMARK
        case _:
            return Role.COMMAND


_COLLECTING = frozenset({"--collect-only", "--co", "--fixtures", "--version", "--help"})


def is_pytest(argv: Sequence[str]) -> bool:
    """Whether the command is pytest, directly or as ``python -m pytest``."""
    name = PurePosixPath(argv[0]).name
    return name == "pytest" or (name in PYTHONS and tuple(argv[1:3]) == ("-m", "pytest"))


def is_own_tool(argv: Sequence[str]) -> bool:
    """Whether the command is one of this project's console scripts."""
    return argv[0] in TOOLS - {"nanoBragg"}


def pytest_arguments(argv: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the nodes and the selecting options (``-k ...``) of a pytest command."""
    rest = list(argv[1:] if PurePosixPath(argv[0]).name == "pytest" else argv[3:])
    nodes: list[str] = []
    selecting: list[str] = []
    while rest:
        word = rest.pop(0)
        name = word.partition("=")[0]
        value = rest.pop(0) if name in _PYTEST_VALUE and "=" not in word and rest else ""
        if name in _SELECTING:
            selecting.append(f"{word} {value}".strip())
        elif not word.startswith("-"):
            nodes.append(word)
    return tuple(nodes), tuple(selecting)


def option(argv: Sequence[str], name: str) -> str | None:
    """Return the value of ``name VALUE`` or ``name=VALUE`` before any ``--``."""
    own = own_arguments(argv)
    for n, word in enumerate(own):
        if word == name and n + 1 < len(own):
            return own[n + 1]
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return None


def own_arguments(argv: Sequence[str]) -> Sequence[str]:
    """Return the words before ``--``: a tool's own arguments."""
    return argv[: list(argv).index("--")] if "--" in argv else argv


def forwarded_arguments(argv: Sequence[str]) -> tuple[str, ...] | None:
    """Return nanoBragg's arguments in a command, outputs included; ``None`` without any."""
    if "--" in argv:
        return tuple(argv[list(argv).index("--") + 1 :])
    if PurePosixPath(argv[0]).name in NANOBRAGG:
        return tuple(argv[1:])
    return None


def without_outputs(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return nanoBragg arguments without the options that name files to write."""
    kept: list[str] = []
    skip = False
    for word in arguments:
        if skip:
            skip = False
        elif word in OUTPUT_FLAGS:
            skip = True
        else:
            kept.append(word)
    return tuple(kept)


def outputs(arguments: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the pairs of output option and file among nanoBragg arguments."""
    pairs = pairwise(arguments)
    return tuple((flag, path) for flag, path in pairs if flag in OUTPUT_FLAGS)


def is_golden(path: str) -> bool:
    """Whether a path lies in a folder of golden data."""
    return any(re.fullmatch(r"golden(?:_data|_suite)?", part) for part in path.split("/")[:-1])
