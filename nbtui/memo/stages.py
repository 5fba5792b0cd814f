"""A resolved command as a stage: role, experiment, promised artifacts, log, deadline.

What the tool must add to a command so that its results can be read (``--junitxml``,
``--outdir``) is a deviation like any other difference.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

from nbtui.memo.commandline import CommandLine
from nbtui.memo.names import OUTDIR
from nbtui.memo.plan import Command, Deviation, LineSpan, Role, Step, StepKind
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
    forwarded = forwarded_arguments(argv)
    return Step(
        id=step_id,
        title=title or PurePosixPath(argv[0]).name,
        kind=StepKind.RUNNABLE,
        role=role,
        lines=lines,
        memo_text=text,
        command=Command(argv=argv, env=dict(line.env), log=_log(line.log, step_id)),
        experiment=without_outputs(forwarded) if forwarded is not None else None,
        artifacts=_artifacts(argv, role, step_id),
        timeout_s=line.timeout_s or timeout_s,
        deviations=(*line.deviations, *added, *_moved_log(line.log, step_id), *_golden(argv)),
    )


def slug_of(line: CommandLine) -> str:
    """Return the word that names a command's step."""
    role = role_of(line.argv)
    if role is not Role.COMMAND:
        return role.value
    words = [w for w in line.argv[:2] if not w.startswith("-")]
    name = PurePosixPath(words[-1]).stem.lower().replace("_", "-")
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
    kept = list(argv)
    said = "no result file"
    for name in _JUNIT:
        if (value := option(argv, name)) is None:
            continue
        said = f"{name}={value}"
        if said in kept:
            kept.remove(said)
        else:
            at = kept.index(name)
            del kept[at : at + 2]
    word = f"--junitxml={path}"
    why = "the test's verdict is read from its result file, not from its output"
    return (*kept, word), (Deviation(memo_says=said, runs=word, why=why),)


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


def _golden(argv: Sequence[str]) -> tuple[Deviation, ...]:
    """Say what becomes of a golden file that is named as an output."""
    if not is_own_tool(argv) or "--" not in argv:
        return ()
    return tuple(
        Deviation(
            memo_says=f"{flag} {path}",
            runs="the tool leaves it out",
            why=f"it names a golden file as output; {argv[0]} writes only below --outdir",
        )
        for flag, path in outputs(forwarded_arguments(argv) or ())
        if is_golden(path)
    )
