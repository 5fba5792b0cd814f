"""Plans on disk: written as TOML or JSON, edited by a person, read back, settled.

A plan file answers questions and changes commands. It changes nothing else: thresholds,
guards and the memo's hash come from the memo and the testing strategy, and every difference
from what the memo compiles to is a deviation.
"""

import json
import shlex
import tomllib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import msgspec

from nbtui.errors import PlanError
from nbtui.memo.commandline import CommandLine
from nbtui.memo.plan import Deviation, Plan, Role, Step, StepKind
from nbtui.memo.stages import make_stage

SKIP = "skip"
"""The answer that leaves a question's step to a person."""

_HEAD = """\
# A plan of nbtui, sha256:{digest}
#
# Answer a question: answer = "command line", or answer = "skip".
# Run a stage after a block too, for information only: independent = true.
# Change a command: edit its argv; a step that is to be left out is deleted.
# Thresholds, guards and the memo are not changed here.
# Then: nbtui approve --plan FILE, and nbtui --batch --plan FILE

"""


def to_toml(plan: Plan) -> str:
    """Return the plan as TOML; what has its default value is left out."""
    import tomli_w  # noqa: PLC0415  # start-up stays free of it

    data = _plain(plan)
    multiline = "\\r" not in json.dumps(data)
    return _HEAD.format(digest=plan.digest()) + tomli_w.dumps(data, multiline_strings=multiline)


def to_json(plan: Plan) -> str:
    """Return the plan as JSON, indented."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=2).decode()


def read(path: Path) -> Plan:
    """Return the plan of a file, by its contents: TOML or JSON.

    Raises
    ------
    PlanError
        When the file cannot be read or is no plan; the message names the entry.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(
            f"the plan file cannot be read ({error})",
            where=str(path),
            fix="nbtui plan --toml -o FILE",
        ) from error
    return from_text(text, where=str(path))


def from_text(text: str, *, where: str = "plan") -> Plan:
    """Return the plan of a text, TOML or JSON; see :func:`read`."""
    try:
        data = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        if isinstance(data, dict) and "plan" in data and "memo_sha256" not in data:
            data = data["plan"]  # what `nbtui plan --json` prints
        return msgspec.convert(data, Plan)
    except (ValueError, RecursionError) as error:
        raise PlanError(
            f"this is no plan ({' '.join(str(error).split())})",
            where=where,
            fix="compare it with nbtui plan --toml",
        ) from error


def settle(edited: Plan, compiled: Plan, resolve: Callable[[str], CommandLine]) -> tuple[Step, ...]:
    """Return the steps of an edited plan: answers resolved, every change on record.

    Parameters
    ----------
    edited
        The plan of the file.
    compiled
        What the same memo compiles to now.
    resolve
        Resolves a command line with the memo's names and the project's aliases.

    Raises
    ------
    PlanError
        When the file is about another memo, or changes what a plan file may not change.
    """
    _check(edited, compiled)
    before = {s.id: s for s in compiled.steps}
    return tuple(_settled(s, before.get(s.id), resolve) for s in edited.steps)


def removed(edited: Plan, compiled: Plan) -> tuple[Deviation, ...]:
    """Return a deviation for each step that the file left out."""
    kept = {s.id for s in edited.steps}
    return tuple(
        Deviation(memo_says=f"{s.id}: {s.title}", runs="nothing", why="left out in the plan file")
        for s in compiled.steps
        if s.id not in kept
    )


_FIXED = (
    "schema", "memo_name", "memo_sha256", "branch", "artifacts_root", "mapped_tests", "gates",
    "guards", "environment", "golden_image", "min_available_memory_bytes", "summary_name",
)  # fmt: skip


def _check(edited: Plan, compiled: Plan) -> None:
    for name in _FIXED:
        if getattr(edited, name) == getattr(compiled, name):
            continue
        what = "the plan file is about another memo" if name.startswith("memo") else ""
        raise PlanError(
            what or f"a plan file does not change {name.replace('_', ' ')}",
            where=name,
            fix="change the memo or the testing strategy, then nbtui plan --toml again",
        )
    ids = [s.id for s in edited.steps]
    if len(set(ids)) != len(ids):
        raise PlanError("two steps have the same id", where="steps", fix="number them anew")
    known = {s.id for s in compiled.steps}
    for step in edited.steps:
        if step.id not in known:
            raise PlanError(
                "the memo has no such step",
                where=step.id,
                fix="answer one of its questions instead",
            )


def marked(plan: Plan, step_ids: Collection[str]) -> Plan:
    """Return the plan with stages marked independent by its operator, each a deviation.

    Raises
    ------
    PlanError
        The plan has no such stage.
    """
    ids = [s.id for s in plan.stages if s.role is not Role.SUMMARY]
    for step_id in step_ids:
        if step_id not in ids:
            raise PlanError(
                "the plan has no such stage", where=step_id, fix=f"name one of {', '.join(ids)}"
            )
    steps = tuple(
        _independent(s) if s.id in step_ids and not s.independent else s for s in plan.steps
    )
    return msgspec.structs.replace(plan, steps=steps)


def _independent(step: Step) -> Step:
    after = msgspec.structs.replace(step, independent=True)
    said = Deviation(
        memo_says=_after_a_block(step), runs=_after_a_block(after), why="the operator asked for it"
    )
    return msgspec.structs.replace(after, deviations=(*step.deviations, said))


def _after_a_block(step: Step) -> str:
    runs = "runs for information only" if step.independent else "does not run"
    return f"after a block {step.id} {runs}"


def _settled(step: Step, before: Step | None, resolve: Callable[[str], CommandLine]) -> Step:
    if step.kind is StepKind.NEEDS_ANSWER and step.answer.strip():
        return answered(step, step.answer, resolve)
    if before is None or step == before:
        return step
    same_kind = (step.kind, step.role) == (before.kind, before.role)
    if not same_kind or (step.command is None) != (before.command is None):
        raise PlanError(
            "a step changes its kind by an answer only", where=step.id, fix='write answer = "..."'
        )
    changes = tuple(
        Deviation(memo_says=old, runs=new, why="changed in the plan file")
        for old, new in (
            (command_words(before), command_words(step)),
            (f"a limit of {before.timeout_s:g} s", f"a limit of {step.timeout_s:g} s"),
            (_after_a_block(before), _after_a_block(step)),
        )
        if old != new
    )
    return msgspec.structs.replace(
        before,
        command=step.command,
        timeout_s=step.timeout_s,
        independent=step.independent,
        deviations=(*before.deviations, *changes),
    )


def command_words(step: Step) -> str:
    """Return everything about a command that decides what runs."""
    command = step.command
    if command is None:
        return ""
    env = [f"{name}={value}" for name, value in sorted(command.env.items())]
    place = [f"(in {command.cwd})"] if command.cwd else []
    return " ".join([*env, shlex.join(command.argv), *place])


def answered(
    step: Step,
    answer: str,
    resolve: Callable[[str], CommandLine],
    *,
    why: str = "answered in the plan file",
) -> Step:
    """Return the step that an answer makes of a question, the answer on record as a deviation.

    Parameters
    ----------
    step
        The step with the question.
    answer
        A command line, or :data:`SKIP`: then a person does it.
    resolve
        Resolves a command line with the memo's names and the project's aliases.
    why
        Where the answer was given.

    Raises
    ------
    PlanError
        When the answer is no command line, or leaves something open itself.
    """
    answer = answer.strip()
    said = f"{step.title} ({step.question})"
    if answer.lower() == SKIP:
        left = Deviation(memo_says=said, runs="nothing", why=why.replace("answered", "skipped"))
        return msgspec.structs.replace(
            step, kind=StepKind.MANUAL, role=Role.MANUAL, deviations=(*step.deviations, left)
        )
    if answer.lower().strip(".!") in _NO_COMMANDS:
        raise PlanError(
            f"{answer!r} is no command line", where=step.id, fix="write the whole command, or skip"
        )
    line = resolve(answer)
    # whoever answers with a command that the tool would not run unasked has been asked
    open_questions = [q for q in line.questions if not q.startswith("may it run?")]
    if open_questions:
        raise PlanError(
            f"the answer leaves a question: {'; '.join(open_questions)}",
            where=step.id,
            fix="spell every word out",
        )
    stage = make_stage(
        line,
        step_id=step.id,
        title=step.title,
        lines=step.lines,
        text=step.memo_text,
        timeout_s=step.timeout_s,
    )
    given = Deviation(memo_says=said, runs=answer, why=why)
    return msgspec.structs.replace(
        stage,
        deviations=(given, *stage.deviations),
        question=step.question,
        answer=answer,
        independent=step.independent,
    )


_NO_COMMANDS = frozenset({"yes", "y", "no", "n", "ok", "okay", "done", "true", "none", "n/a", "?"})
"""Answers in words; some of them are programs too, which nobody means."""


def _plain(value: Any) -> Any:
    """Return builtins without what TOML lacks (null) and without default values."""
    if isinstance(value, msgspec.Struct):
        return {f.name: _plain(v) for f in msgspec.structs.fields(value)
                if _said(value, f, v := getattr(value, f.name))}  # fmt: skip
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return str(value) if isinstance(value, str) else value


def _said(owner: msgspec.Struct, field: msgspec.structs.FieldInfo, value: Any) -> bool:
    if isinstance(owner, Step) and owner.kind is StepKind.NEEDS_ANSWER and field.name == "answer":
        return True
    if field.default_factory is not msgspec.NODEFAULT:
        return bool(value != field.default_factory())
    return value is not None and value != field.default
