"""Names of programs, by how far they can be taken for English.

Whether a text holds a command must not depend on what is installed: the same memo has the
same plan everywhere. So names are looked up here and not along ``PATH``.
"""

import re
from collections.abc import Sequence

DISTINCT = frozenset(
    {
        "apptainer", "apt", "apt-get", "awk", "basename", "bc", "cargo", "cc", "cd", "chmod",
        "clang", "cmake", "cmp", "conda", "cp", "ctest", "curl", "df", "dirname", "docker", "du",
        "echo", "egrep", "expr", "flake8", "gcc", "gdb", "getconf", "grep", "gunzip", "gzip",
        "hatch", "hexdump", "hyperfine", "isort", "java", "javac", "julia", "ldd", "ln", "ls",
        "lscpu", "lsmod", "mamba", "md5sum", "mkdir", "mpiexec", "mpirun", "mv", "mypy", "nbtui",
        "ncu", "ninja", "nm", "nox", "nproc", "npm", "npx", "nsys", "numactl", "nvcc", "nvidia-smi",
        "objdump", "od", "pdm", "perl", "pipx", "podman", "poetry", "popd", "printenv", "printf",
        "ps", "pushd", "pwd", "pylint", "pyright", "readlink", "realpath", "rg", "rm", "rmdir",
        "rsync", "ruff", "rustc", "Rscript", "sbatch", "scp", "sed", "seq", "sha1sum", "sha256sum",
        "shasum", "singularity", "squeue", "srun", "ssh", "strace", "sudo", "sysctl", "tar",
        "taskset", "torchrun", "touch", "tox", "ulimit", "uname", "uniq", "unzip", "uptime", "uv",
        "valgrind", "wc", "wget", "whoami", "xargs", "xxd", "yq",
    }
)  # fmt: skip
"""No words of a language: in backticks, with an argument, they are commands."""

WORDS = frozenset(
    {
        "black", "cat", "column", "comm", "coverage", "cut", "date", "diff", "env", "exit",
        "false", "find", "free", "git", "go", "head", "hostname", "id", "install",
        "join", "jupyter", "kill", "less", "locale", "make", "more", "open", "paste",
        "patch", "perf", "pip", "pip3", "pytest", "python", "python3", "ruby", "sleep",
        "sort", "source", "split", "stat", "strings", "tail", "tee", "test", "time",
        "timeout", "top", "tr", "tree", "true", "truncate", "type", "which", "zip",
    }
)  # fmt: skip
"""Words too, or written about as often as run: commands only with what belongs to one."""

_SPOKEN = frozenset(
    {"echo", "printf", "ls", "seq", "rg", "mkdir", "sbatch", "srun", "torchrun", "nbtui"}
)
"""Names that begin no sentence, so that plain words may follow them in bare text."""

_FUNCTION_WORDS = frozenset(
    {
        "a", "about", "after", "again", "all", "an", "and", "any", "are", "as", "at", "back",
        "be", "before", "both", "but", "by", "can", "each", "every", "for", "from", "has", "have",
        "here", "if", "in", "into", "is", "it", "its", "new", "no", "not", "of", "on", "once",
        "only", "or", "our", "out", "over", "per", "should", "so", "that", "the", "their", "them",
        "then", "there", "these", "this", "those", "through", "to", "under", "until", "up",
        "using", "via", "was", "we", "when", "where", "which", "while", "will", "with", "you",
        "your",
    }
)  # fmt: skip
_ARGUMENT = re.compile(
    r"[$\"'<>|&~@*./\ue001-]|\d|[\w.-]*[/*=\ue001]|[\w-]+\.[A-Za-z]\w{0,4}$|[A-Za-z_]\w*="
)


def is_argument(word: str) -> bool:
    """Whether a word can only be an argument: an option, a path, a number, a variable."""
    return _ARGUMENT.match(word) is not None


def begins_quoted(program: str, rest: Sequence[str], *, asked: bool) -> bool:
    """Whether words in backticks are a command of a known program.

    Parameters
    ----------
    program, rest
        The program and what follows it.
    asked
        The text asks to run what stands there: "run `touch marker`".
    """
    if not rest:
        return False
    if program in DISTINCT or program in _COUNTING:
        return True
    if asked and program in WORDS and not speaks(rest):
        return True
    return program in WORDS - _MENTIONED and is_argument(rest[0]) and not rest[0][:1].isdigit()


_COUNTING = frozenset({"sleep", "exit"})
_MENTIONED = frozenset({"env", "git", "make", "pip", "pip3", "pytest", "python", "python3"})
"""Programs with rules of their own (:mod:`nbtui.memo.recognise`)."""


def begins_bare(program: str, rest: Sequence[str], *, asked: bool) -> bool:
    """Whether a whole bare text such as ``echo hello-world`` is a command.

    Parameters
    ----------
    program, rest
        The program and what follows it, to the end of the text.
    asked
        The text stands where a command is what is asked for: behind *Do Now*.
    """
    if not rest or len(rest) > _MOST_WORDS or speaks(rest):
        return False
    if program in _SPOKEN or (program in DISTINCT and is_argument(rest[0])):
        return True
    if not asked:
        return False
    return program in DISTINCT or (program in WORDS | _COUNTING and is_argument(rest[0]))


_MOST_WORDS = 6
"""Plain words behind a program's name; more of them are a sentence."""


def speaks(rest: Sequence[str]) -> bool:
    """Whether function words stand among plain words, as they do in a sentence."""
    return any(w.lower().strip(".,;:") in _FUNCTION_WORDS for w in rest)
