"""What a command could do that cannot be undone or leaves the run's folder.

Marked wherever commands are shown and confirmed. A mark is no verdict: the operator decides,
knowing it. Nothing is executed or expanded to find out.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from nbtui.memo import shelltext
from nbtui.memo.plan import Command
from nbtui.memo.programs import NANOBRAGG, PYTHONS, is_golden, outputs
from nbtui.memo.wrappers import text_at, unwrapped

_DELETES = frozenset({"rm", "rmdir", "shred", "unlink", "truncate", "dd", "mkfs"})
_NETWORK = frozenset(
    {
        "curl", "wget", "ssh", "scp", "sftp", "rsync", "nc", "ncat", "netcat", "telnet", "ftp",
        "aria2c", "socat", "apt", "apt-get", "dnf", "yum", "brew", "npm", "gh", "docker",
    }
)  # fmt: skip
_INSTALLERS = frozenset({"pip", "pip3", "conda", "mamba", "uv", "pipx", "cargo", "poetry"})
_GIT_CHANGES = frozenset(
    {
        "push", "commit", "reset", "checkout", "switch", "restore", "clean", "rebase", "merge",
        "pull", "stash", "add", "rm", "mv", "tag", "branch", "cherry-pick", "revert", "am",
        "apply", "gc", "filter-branch", "update-ref", "update-index",
    }
)  # fmt: skip
_GIT_NETWORK = frozenset({"push", "pull", "fetch", "clone", "submodule", "ls-remote"})
_AS_OTHERS = frozenset({"sudo", "doas", "su", "pkexec"})
_PROGRAMS = (
    (_DELETES, "deletes or overwrites files"),
    (_NETWORK, "reaches the network"),
    (frozenset({"kill", "pkill", "killall"}), "ends processes"),
    (frozenset({"chmod", "chown", "chgrp"}), "changes permissions"),
)
_DEEPEST = 5


def dangers(command: Command | None) -> tuple[str, ...]:
    """Return what is dangerous about a command, each in a few words; empty when nothing is."""
    if command is None:
        return ()
    script = command.script
    set_too = (f"sets {n}: changes what runs" for n in dangerous_variables(command.env))
    found = _of_text(script, 0) if script is not None else _of_words(command.argv, 0)
    return tuple(dict.fromkeys((*set_too, *found)))


def dangerous_variables(names: Iterable[str]) -> tuple[str, ...]:
    """Return the variables that change which code runs, or what a test run means, unseen."""
    return tuple(n for n in names if n in _STEERING or n.startswith(("LD_", "DYLD_", "GIT_")))


_STEERING = frozenset(
    {
        "BASH_ENV", "ENV", "IFS", "PATH", "PERL5OPT", "PROMPT_COMMAND", "PYTEST_ADDOPTS",
        "PYTEST_PLUGINS", "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "SHELLOPTS",
    }
)  # fmt: skip


def _of_text(text: str, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        yield "shell text inside shell text: read it"
        return
    if not shelltext.is_whole(text):
        yield "shell text that is not understood: read it"
    for words in shelltext.commands(text):
        yield from _of_words(tuple(w.strip("'\"") for w in words), depth)
    for target in shelltext.writes(text):
        path = target.strip("'\"")
        if not _inside(path):
            yield f"writes {path}, outside the run's folder"


def _of_words(argv: Sequence[str], depth: int) -> Iterator[str]:
    words = unwrapped(argv)
    if not words:
        return
    name, rest = PurePosixPath(words[0]).name, words[1:]
    if name in _AS_OTHERS:
        yield f"{name}: runs as another user"
        yield from _of_words([w for w in rest if not w.startswith("-")], depth + 1)
    elif (at := text_at(words)) is not None:
        yield from _of_text(words[at], depth + 1)
    elif name == "eval":
        yield "eval: runs text as commands"
        yield from _of_text(" ".join(rest), depth + 1)
    else:
        yield from _of_program(name, rest)


def _of_program(name: str, rest: Sequence[str]) -> Iterator[str]:
    if name in PYTHONS and tuple(rest[:2]) == ("-m", "pip"):
        name, rest = "pip", rest[2:]
    verb = next((w for w in rest if not w.startswith("-")), "")
    yield from (f"{name}: {does}" for names, does in _PROGRAMS if name in names)
    if name == "find" and {"-delete", "-exec", "-execdir"} & {*rest}:
        yield "find: deletes files or runs programs"
    if name == "git" and verb in _GIT_CHANGES:
        yield f"git {verb}: changes the repository"
    if name == "git" and verb in _GIT_NETWORK:
        yield f"git {verb}: reaches the network"
    if name in _INSTALLERS and verb in {"install", "download", "add", "update", "sync", "create"}:
        yield f"{name} {verb}: reaches the network and changes the environment"
    if name in NANOBRAGG:
        yield from _of_outputs(rest)


def _of_outputs(arguments: Sequence[str]) -> Iterator[str]:
    for flag, path in outputs(arguments):
        if is_golden(path):
            yield f"{flag} {path}: writes golden data"
        elif not _inside(path):
            yield f"{flag} {path}: writes outside the run's folder"


def _inside(path: str) -> bool:
    """Whether a path lies in the run's own folder, or is none."""
    if path in {"/dev/null", "/dev/stdout", "/dev/stderr"} or path.startswith("&"):
        return True
    inside = path.startswith(("$OUTDIR/", "${OUTDIR}/"))
    return inside and ".." not in PurePosixPath(path).parts
