"""The third face: the plan as a checklist that a person works through by hand."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from nbtui.evidence.text import fenced, one_line
from nbtui.listing import resolved_words
from nbtui.memo.model import Memo, SectionKey
from nbtui.memo.plan import Plan, Role, Step, StepKind

_VARIABLES = ("$OUTDIR", "$STAMP")


def render(plan: Plan, memo: Memo, root: Path, env: Mapping[str, str]) -> str:
    """Return the checklist as Markdown.

    Every step is numbered, says who does it, gives the exact command and a box to tick.
    The commands can be pasted into bash one after the other.
    """
    return "\n".join(_lines(plan, memo, root, env))


def _lines(plan: Plan, memo: Memo, root: Path, env: Mapping[str, str]) -> Iterator[str]:
    yield f"# Checklist: {one_line(plan.focus or plan.summary, 160)}\n"
    yield f"Memo {plan.memo_name} (SHA-256 `{plan.memo_sha256}`), plan `{plan.digest()}`.\n"
    yield (
        "`nbtui --batch --yes` does every step marked *machine* and records it. By hand: paste "
        "the commands into one bash session, in this order, and stop at the first that fails.\n"
    )
    yield "## Before\n"
    yield "- [ ] `nbtui preflight` shows no BLOCK (branch, clean tree, memory, hashes, variables)"
    if plan.branch:
        yield f"- [ ] branch is `{plan.branch}`"
    yield "\n## Steps\n"
    yield fenced("\n".join(_setting(plan, root)), "bash")
    for number, step in enumerate(plan.steps, start=1):
        yield from _step(number, step, root, env)
    yield "\n## Gates to hold every figure against\n"
    for gate in plan.gates:
        binding = "" if gate.binding else " (reported only)"
        yield (
            f"- [ ] {', '.join(gate.steps) or gate.role.value}: {gate.metric} "
            f"{gate.comparison.value} {gate.threshold:.10g}{binding} ({gate.source})"
        )
    yield from _section(memo, SectionKey.PITFALLS, "Pitfalls to avoid")
    yield from _section(memo, SectionKey.IF_BLOCKED, "If blocked")


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


def _step(number: int, step: Step, root: Path, env: Mapping[str, str]) -> Iterator[str]:
    who = {
        StepKind.RUNNABLE: "machine",
        StepKind.MANUAL: "by hand",
        StepKind.NEEDS_ANSWER: "needs an answer first",
    }[step.kind]
    yield f"{number}. [ ] **{one_line(step.title, 160)}** ({who}, memo line {step.lines.first})\n"
    if step.question:
        yield f"   Question: {one_line(step.question)}\n"
    if step.command is not None:
        yield _indented(fenced(_command(step, root, env), "bash"))
    elif step.role is Role.SETTING:
        yield "   Done by the block above.\n"
    elif step.role is Role.SUMMARY:
        yield "   Write the summary: criterion, threshold, source, measured, from file, verdict.\n"
    else:
        yield f"   {one_line(step.memo_text)}\n"
    for artifact in step.artifacts:
        yield f"   - [ ] `{artifact}` exists and is not empty"
    for deviation in step.deviations:
        yield (
            f"   - deviation: memo says `{one_line(deviation.memo_says)}`, runs "
            f"`{one_line(deviation.runs)}` ({one_line(deviation.why)})"
        )
    yield ""


def _command(step: Step, root: Path, env: Mapping[str, str]) -> str:
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


def _section(memo: Memo, key: SectionKey, title: str) -> Iterator[str]:
    section = memo.section(key)
    if section is None:
        return
    yield f"\n## {title}\n"
    texts = [b.text for b in section.bullets] or [section.text]
    yield from (f"- [ ] {one_line(text, 1000)}" for text in texts)


def _indented(text: str) -> str:
    return "\n".join(f"   {line}" if line else "" for line in text.split("\n"))
