"""A resolved command as a stage: role, experiment, promised artifacts, log, deadline.

What the tool must add to a command so that its results can be read (``--junitxml``,
``--outdir``) is a deviation like any other difference.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from nbtui.memo import shelltext
from nbtui.memo.commandline import CommandLine
from nbtui.memo.names import OUTDIR
from nbtui.memo.plan import SHELL, Command, Deviation, LineSpan, Role, Step, StepKind
from nbtui.memo.programs import (
    forwarded_arguments,
    is_golden,
    is_own_tool,
    option,
    outputs,
    own_arguments,
    role_of,
    without_outputs,
)

_JUNIT = ("--junitxml", "--junit-xml")


def make_stage(
    line: CommandLine, *, step_id: str, title: str, lines: LineSpan, text: str, timeout_s: float
) -> Step:
    """Return the runnable step of a command that needs no answer.

    Parameters
    ----------
    line
        The resolved command.
    step_id
        Names the stage's folder in the bundle.
    title, lines, text
        The memo's words for it and where they stand.
    timeout_s
        The deadline when the memo gives none.
    """
    role = role_of(line.argv)
    argv, added = _with_results(line.argv, role, step_id)
    command = Command(argv=argv, env=dict(line.env), log=_log(line.log, step_id), cwd=line.cwd)
    forwarded = None if command.script else forwarded_arguments(argv)
    return Step(
        id=step_id,
        title=title or _named(command),
        kind=StepKind.RUNNABLE,
        role=role,
        lines=lines,
        memo_text=text,
        command=command,
        experiment=without_outputs(forwarded) if forwarded is not None else None,
        artifacts=_written(line) or _artifacts(argv, role, step_id),
        timeout_s=line.timeout_s or _deadline(command) or timeout_s,
        deviations=(*line.deviations, *added, *_moved_log(line.log, step_id), *_golden(command)),
    )


def _named(command: Command) -> str:
    """Return a title from the program, for a command that the memo gives none."""
    words = shelltext.commands(command.script) if command.script else (command.argv,)
    words = tuple(w for w in words if w[0] not in _UNNAMED) or words
    return PurePosixPath(words[0][0]).name if words and words[0] else "command"


_UNNAMED = frozenset({"[", "[[", "test", "cd", "export", "set", "read", "wait"})
"""Parts of shell text that say nothing of what it is for."""
_MAY_BE_EMPTY = frozenset({"diff", "cmp", "grep", "egrep", "rg"})


def _written(line: CommandLine) -> tuple[str, ...]:
    """Return the files in the bundle that shell text promises to write.

    What ``diff`` and ``grep`` write may well be empty; nothing is promised for them.
    """
    if not line.writes:
        return ()
    if _MAY_BE_EMPTY.intersection(w[0] for w in shelltext.commands(line.argv[-1])):
        return ()
    inside = (p for p in line.writes if p.startswith(f"{OUTDIR}/") and "$" not in p[1:])
    return tuple(p for p in inside if not set("*?[{").intersection(p) and ".." not in p.split("/"))


def _deadline(command: Command) -> float | None:
    """Return the longest ``timeout N`` in shell text, with a little more for itself."""
    text = command.script or ""
    found = [w[1] for w in shelltext.commands(text) if w[0] == "timeout" and len(w) > 1]
    units = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
    numbers = [re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", w) for w in found]
    return max((float(m[1]) * units.get(m[2], 1.0) + 30.0 for m in numbers if m), default=None)


def slug_of(line: CommandLine) -> str:
    """Return the word that names a command's step."""
    role = role_of(line.argv)
    if role is not Role.COMMAND:
        return role.value
    if line.argv[:-1] == SHELL:
        found = [
            c for c in shelltext.commands(line.argv[-1]) if c[0] not in {"cd", "export", "set"}
        ]
        words = [w for c in found[:1] for w in c[:2] if re.match(r"[\w./-]", w) and w[:1] != "-"]
    else:
        words = [w for w in line.argv[:2] if not w.startswith("-")]
    name = PurePosixPath((words or ["shell"])[-1]).stem.lower().replace("_", "-")
    return "".join(c for c in name if c.isalnum() or c == "-")[:32].strip("-") or "command"


def _with_results(
    argv: tuple[str, ...], role: Role, step_id: str
) -> tuple[tuple[str, ...], tuple[Deviation, ...]]:
    if role is Role.PYTEST:
        return _with_junit(argv, f"{OUTDIR}/stages/{step_id}/junit.xml")
    if role in {Role.BENCHMARK, Role.COMPARE} and is_own_tool(argv):
        return _with_outdir(argv, f"{OUTDIR}/stages/{step_id}")
    return argv, ()


def _with_junit(argv: tuple[str, ...], path: str) -> tuple[tuple[str, ...], tuple[Deviation, ...]]:
    given = next((f"{n}={v}" for n in _JUNIT if (v := option(argv, n)) is not None), None)
    word = f"--junitxml={path}"
    why = "the test's verdict is read from its result file, not from its output"
    said = Deviation(memo_says=given or "no result file", runs=word, why=why)
    return (*without_results(argv), word), (said,)


def without_results(argv: Sequence[str]) -> tuple[str, ...]:
    """Return a command without the option that names pytest's result file."""
    kept: list[str] = []
    skip = False
    for word in argv:
        if skip or word.startswith(tuple(f"{n}=" for n in _JUNIT)):
            skip = False
        elif word in _JUNIT:
            skip = True
        else:
            kept.append(word)
    return tuple(kept)


def _with_outdir(argv: tuple[str, ...], path: str) -> tuple[tuple[str, ...], tuple[Deviation, ...]]:
    if option(argv, "--outdir") is not None:
        return argv, ()
    own = own_arguments(argv)
    return (*own, "--outdir", path, *argv[len(own) :]), (
        Deviation(
            memo_says="no --outdir",
            runs=f"--outdir {path}",
            why="what a stage writes belongs in the bundle",
        ),
    )


def _artifacts(argv: Sequence[str], role: Role, step_id: str) -> tuple[str, ...]:
    """Return the files a stage promises, as far as its program is known."""
    if role is Role.PYTEST:
        return (f"{OUTDIR}/stages/{step_id}/junit.xml",)
    outdir = option(argv, "--outdir")
    if outdir is None or not is_own_tool(argv):
        return ()
    names = {
        Role.BENCHMARK: ("benchmark_results.json",),
        Role.COMPARE: ("summary.json", "c_float.bin", "py_float.bin"),
    }
    return tuple(f"{outdir.rstrip('/')}/{name}" for name in names.get(role, ()))


def _log(wanted: str | None, step_id: str) -> str:
    inside = wanted and wanted.startswith(f"{OUTDIR}/") and ".." not in wanted.split("/")
    return wanted if wanted and inside else f"{OUTDIR}/logs/{step_id}.log"


def _moved_log(wanted: str | None, step_id: str) -> tuple[Deviation, ...]:
    log = _log(wanted, step_id)
    if wanted is None or wanted == log:
        return ()
    return (
        Deviation(memo_says=f"log {wanted}", runs=f"log {log}", why="logs belong in the bundle"),
    )


def _golden(command: Command) -> tuple[Deviation, ...]:
    """Say what becomes of a golden file that one of this project's tools is to write."""
    if command.script is None:
        found = [command.argv]
    else:
        texts = shelltext.commands(command.script)
        found = [tuple(w.strip("\"'") for w in words) for words in texts]
    return tuple(
        Deviation(
            memo_says=f"{flag} {path}",
            runs="the tool leaves it out",
            why=f"it names a golden file as output; {argv[0]} writes only below --outdir",
        )
        for argv in found
        if is_own_tool(argv) and "--" in argv
        for flag, path in outputs(forwarded_arguments(argv) or ())
        if is_golden(path)
    )
