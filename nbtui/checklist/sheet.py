"""What a checklist holds, whatever it is written as; filled in from a run's journal."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbtui.evidence.records import Attestation
from nbtui.evidence.text import figure, one_line, printable
from nbtui.listing import resolved_words
from nbtui.memo.model import Memo, SectionKey
from nbtui.memo.plan import GateSpec, Plan, Role, Step, StepKind
from nbtui.run.operator import SIGN_OFF
from nbtui.store import RunState, StageState, StageStatus

_VARIABLES = ("$OUTDIR", "$STAMP")

_PURPOSE: Mapping[Role, str] = {
    Role.SETTING: "Set what every later command needs; once, in the session of all of them.",
    Role.BENCHMARK: "Measure how fast both programs are, and that they still agree.",
    Role.COMPARE: "Compare the image of the C program with that of the port.",
    Role.PYTEST: "Run the mapped test: the acceptance criterion as code.",
    Role.SUMMARY: "Write down what was measured, against which threshold, from which file.",
    Role.COMMAND: "Run a command of the memo; its exit code is its result.",
    Role.MANUAL: "A person does this and says what was seen.",
}

_ASKING = "Somebody says first which command is meant; then it runs like the others."
_RUNNING = frozenset({Role.BENCHMARK, Role.COMPARE, Role.PYTEST, Role.COMMAND})
_APPLIES: Mapping[str, frozenset[Role]] = {
    "golden-unchanged": frozenset({Role.BENCHMARK, Role.COMPARE, Role.PYTEST}),
    "reports-untracked": frozenset({Role.SUMMARY}),
    "environment-fixed": frozenset({Role.SETTING}),
    "memory": frozenset({Role.BENCHMARK, Role.COMPARE}),
    "new-stamp": frozenset({Role.SETTING}),
    "pytest-selector": frozenset({Role.PYTEST}),
    "no-full-suite": frozenset({Role.PYTEST}),
    "code-unchanged": frozenset({Role.MANUAL}),
    "protected-assets": frozenset({Role.MANUAL}),
    "no-cuda": frozenset({Role.BENCHMARK, Role.COMPARE}),
    "logs-exact": _RUNNING,
    "provenance": frozenset({Role.SUMMARY}),
    "no-blind-rerun": frozenset({Role.BENCHMARK, Role.COMPARE}),
    "thresholds-fixed": frozenset({Role.BENCHMARK, Role.COMPARE, Role.PYTEST}),
    "interpreter": frozenset({Role.SETTING}),
}
"""Where a guard's pitfall is met."""

WHO: Mapping[StepKind, str] = {
    StepKind.RUNNABLE: "machine",
    StepKind.MANUAL: "by hand",
    StepKind.NEEDS_ANSWER: "needs an answer first",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What a run says about a step: the box, who, when, and where it can be read."""

    box: str = " "
    """``x`` done, ``!`` failed, blank while open."""
    word: str = ""
    by: str = ""
    when: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of the checklist."""

    number: int
    title: str
    who: str
    line: int
    purpose: str
    command: str = ""
    """Ready to paste into bash; empty where there is nothing to paste."""
    question: str = ""
    proposal: str = ""
    """The command line that the tool proposes as the answer."""
    words: str = ""
    """The memo's own words, where there is no command."""
    expect: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()
    pitfalls: tuple[str, ...] = ()
    mark: Mark = Mark()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole checklist."""

    title: str
    memo: str
    memo_sha256: str
    digest: str
    branch: str | None
    setting: tuple[str, ...]
    """Lines of bash that come first."""
    entries: tuple[Entry, ...]
    gates: tuple[str, ...]
    pitfalls: tuple[str, ...]
    if_blocked: tuple[str, ...]
    stamp: str = ""
    verdict: str = ""
    checks: str = ""
    """How preflight went, of a run."""
    signed: str = ""
    """Who signed the whole list and when, of a run."""


def make_sheet(
    plan: Plan, memo: Memo, root: Path, env: Mapping[str, str], state: RunState | None = None
) -> Sheet:
    """Return the checklist of a plan; filled in where a run of it is given.

    Parameters
    ----------
    plan, memo
        What is to be done, and the memo it comes from.
    root, env
        Where, and the operator's environment (programs are looked up along its ``PATH``).
    state
        The run whose journal fills it in.
    """
    return Sheet(
        title=one_line(plan.focus or plan.summary, 160),
        memo=plan.memo_name,
        memo_sha256=plan.memo_sha256,
        digest=plan.digest(),
        branch=plan.branch,
        setting=tuple(_setting(plan, root)),
        entries=tuple(
            _entry(n, step, plan, root, env, state) for n, step in enumerate(plan.steps, start=1)
        ),
        gates=tuple(_gate(g) for g in plan.gates),
        pitfalls=tuple(_section(memo, SectionKey.PITFALLS)),
        if_blocked=tuple(_section(memo, SectionKey.IF_BLOCKED)),
        stamp=state.bundle.name if state else "",
        verdict=_verdict(state) if state else "",
        checks=_checks(state) if state else "",
        signed=_signed(state) if state else "",
    )


def _setting(plan: Plan, root: Path) -> Iterator[str]:
    yield f"cd {shlex.quote(str(root))}"
    yield "set -o pipefail"
    yield "export STAMP=$(date -u +%Y%m%dT%H%M%SZ)"
    yield f"export OUTDIR=$PWD/{shlex.quote(plan.artifacts_root)}/$STAMP"
    folders = " ".join(f'"$OUTDIR"/{shlex.quote(f)}' for f in ("logs", *plan.folders, "stages"))
    yield f"mkdir -p {folders}"
    for variable in plan.environment:
        if variable.value is not None:
            yield f"export {variable.name}={shlex.quote(variable.value)}"
        else:
            yield f': "${{{variable.name}:?the memo demands it}}"'


def _entry(  # noqa: PLR0917  (one step, and where it stands)
    number: int,
    step: Step,
    plan: Plan,
    root: Path,
    env: Mapping[str, str],
    state: RunState | None,
) -> Entry:
    gates = tuple(_gate(g) for g in plan.gates if g.applies_to(step))
    expect = (*(("exit code 0",) if step.command else ()), *gates)
    if step.independent:
        expect += ("after a block it is of use too, for information only",)
    return Entry(
        number=number,
        title=one_line(step.title, 160),
        who=WHO[step.kind],
        line=step.lines.first,
        purpose=_PURPOSE[step.role] if step.kind is not StepKind.NEEDS_ANSWER else _ASKING,
        command=paste(step, root, env),
        question=one_line(step.question) if step.question else "",
        proposal="" if step.command else printable(step.proposal),
        words="" if step.command or step.role is Role.SUMMARY else one_line(step.memo_text, 1000),
        expect=expect,
        artifacts=step.artifacts,
        deviations=tuple(
            f"memo says `{one_line(d.memo_says)}`, runs `{one_line(d.runs)}` ({one_line(d.why)})"
            for d in step.deviations
        ),
        pitfalls=tuple(
            one_line(f"{g.text} ({g.source})", 300)
            for g in plan.guards
            if step.role in _APPLIES.get(g.id, frozenset())
        ),
        mark=_mark(step, state) if state else Mark(),
    )


def paste(step: Step, root: Path, env: Mapping[str, str]) -> str:
    """Return a step's command as it can be pasted into bash, its output kept in its log."""
    if step.command is None:
        return ""
    prefix = [f"{name}={_quoted(value)}" for name, value in step.command.env.items()]
    words = [_quoted(word) for word in resolved_words(step, root, env)]
    return f"{' '.join([*prefix, *words])} 2>&1 | tee {_quoted(step.command.log)}"


def _quoted(word: str) -> str:
    """Quote a word for bash, but let ``$OUTDIR`` and ``$STAMP`` stand for themselves."""
    if not any(name in word for name in _VARIABLES):
        return shlex.quote(word)
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
    return f'"{escaped}"'


def _gate(gate: GateSpec) -> str:
    binding = "" if gate.binding else " (reported only)"
    binding = " (the test holds it itself)" if gate.held_by_tool else binding
    return (
        f"{', '.join(gate.steps) or gate.role.value}: {gate.metric} "
        f"{gate.comparison.value} {gate.threshold:.10g}{binding} ({gate.source})"
    )


def _section(memo: Memo, key: SectionKey) -> Iterator[str]:
    section = memo.section(key)
    if section is None:
        return
    texts = [b.text for b in section.bullets] or [section.text]
    yield from (one_line(text, 1000) for text in texts)


def signature(said: Attestation) -> str:
    """Return whose word it is: the name, and the initials as on paper."""
    return f"{said.by} ({said.initials})" if said.initials else said.by


def _mark(step: Step, state: RunState) -> Mark:
    said = [(t, a) for t, a in state.attestations if a.step_id == step.id]
    stage = state.stage(step.id)
    if stage is not None:
        return _stage_mark(stage, state, by=signature(said[-1][1]) if said else "nbtui")
    if said:
        t, last = said[-1]
        answers = tuple(f"answer: {a.answer}" for _, a in state.answers if a.step_id == step.id)
        word = "done" if last.done else "NOT DONE"
        notes = (*answers, last.note)
        return Mark(
            "x" if last.done else "!", word, signature(last), t, tuple(map(one_line, notes))
        )
    left = [(t, a) for t, a in state.answers if a.step_id == step.id and a.step is None]
    if left:
        t, answer = left[-1]
        return Mark("-", "not done", answer.by, t, (one_line(answer.answer),))
    if step.role is Role.SETTING and state.started is not None:
        return Mark("x", "done", "nbtui", state.started_t, (f"OUTDIR={state.bundle}",))
    return Mark(word="not reached" if state.ended else "open")


def _stage_mark(stage: StageState, state: RunState, *, by: str) -> Mark:
    boxes = {StageStatus.PASSED: "x", StageStatus.FAILED: "!"}
    notes = [f"log: {stage.log}"] if stage.log else []
    if (outcome := stage.outcome) is not None:
        how = outcome.failure or f"exit code {outcome.exit_code}"
        notes.append(f"{how}, {outcome.wall_s:.1f} s")
    notes += [
        f"{g.gate.metric} {figure(g.value)} {g.gate.comparison.value} "
        f"{g.gate.threshold:.10g}: {'PASS' if g.passed else 'FAIL'}"
        for g in stage.gates
    ]
    cut_off = state.ended and stage.status is StageStatus.RUNNING
    word = "its end was not recorded" if cut_off else stage.status.value
    return Mark(
        boxes.get(stage.status, " "), word, by, stage.started_t, tuple(map(printable, notes))
    )


def _verdict(state: RunState) -> str:
    word = state.verdict_words
    return f"{word}: {one_line(state.reason)}" if state.reason else word


def _checks(state: RunState) -> str:
    blocked = sum(c.status == "block" for c in state.checks)
    return f"{len(state.checks)} checks, {blocked} block"


def _signed(state: RunState) -> str:
    said = [(t, a) for t, a in state.attestations if a.step_id == SIGN_OFF]
    if not said:
        return ""
    t, last = said[-1]
    word = "signed" if last.done else "NOT SIGNED"
    return f"{word} by {signature(last)}, {t}: {one_line(last.note)}"
