"""Plans, runs and states as plain text: one fact a line, no colour needed to read it."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nbtui.errors import PlanError
from nbtui.evidence.secrets import redacted
from nbtui.evidence.text import one_line, printable, size
from nbtui.memo.danger import dangerous_variables, dangers
from nbtui.memo.guards import HELD
from nbtui.memo.lint import Asked, Finding, Severity, Table
from nbtui.memo.plan import Plan, Role, Step, StepKind
from nbtui.narration import describe, describe_gate
from nbtui.preflight.model import CheckResult, CheckStatus
from nbtui.run.environment import left_to_the_shell, resolve_program
from nbtui.run.forecast import Forecast
from nbtui.run.throughput import rates
from nbtui.store import RunState, StageState, StageStatus


def plan_text(
    plan: Plan,
    root: Path,
    env: Mapping[str, str],
    forecasts: Mapping[str, Forecast] | None = None,
) -> str:
    """Return the whole plan: variables, steps as they will be executed, gates, deviations.

    Parameters
    ----------
    plan, root, env
        The plan, the project's root and the operator's environment.
    forecasts
        What earlier runs took, by step.
    """
    return "\n".join(_plan_lines(plan, root, env, forecasts or {}))


def _plan_lines(
    plan: Plan, root: Path, env: Mapping[str, str], forecasts: Mapping[str, Forecast]
) -> Iterator[str]:
    yield f"plan sha256:{plan.digest()}"
    yield f"memo {plan.memo_name}: {one_line(plan.summary, 200)}"
    yield f"branch {plan.branch or 'any'}; bundle {plan.artifacts_root}/$STAMP; root {root}"
    yield ""
    yield from _environment_lines(plan, env)
    yield ""
    yield "Steps:"
    for number, step in enumerate(plan.steps, start=1):
        yield from _step_lines(number, step, root, env)
        if forecast := forecasts.get(step.id):
            yield f"     {_forecast(step, forecast)}"
    yield ""
    yield f"Gates ({len(plan.held())} to hold, from {len(plan.gates)} thresholds):"
    for gate in plan.gates:
        where = ", ".join(gate.steps) or f"every {gate.role.value} stage"
        kind = "" if gate.binding else "  (reported, not binding)"
        kind = "  (the test holds it itself)" if gate.held_by_tool else kind
        yield (
            f"  {gate.metric} {gate.comparison.value} {gate.threshold:.10g}  at {where}  "
            f"(source {gate.source}){kind}"
        )
        yield from (f"    also set, and not stricter: {looser}" for looser in gate.overrides)
    if plan.guards:
        yield ""
        yield "Guards:"
        for guard in plan.guards:
            held = HELD.get(guard.id, "the operator's to keep")
            yield f"  {guard.id} ({guard.source}): {held}"
            yield f"    memo: {one_line(guard.text, 200)}"
    yield ""
    yield "Deviations from the memo:"
    for step_id, deviation in plan.all_deviations():
        yield f"  [{step_id}] memo: {one_line(deviation.memo_says)}"
        yield f"    runs: {one_line(deviation.runs)}  ({one_line(deviation.why)})"
    if not plan.all_deviations():
        yield "  none"
    if plan.mentions:
        yield ""
        yield "Commands that the memo names but that are not to run now:"
        for mention in plan.mentions:
            same = f"  (runs as {mention.step})" if mention.step else ""
            yield f"  {mention.source} {mention.section}: {one_line(mention.text)}{same}"


def _environment_lines(plan: Plan, env: Mapping[str, str]) -> Iterator[str]:
    yield "Environment of every stage:"
    for variable in plan.environment:
        shown = "demanded, the shell's value" if variable.value is None else variable.value
        danger = "  DANGER: changes what runs" if dangerous_variables([variable.name]) else ""
        yield f"  {variable.name}={shown}  ({variable.source}){danger}"
    for name, value in left_to_the_shell(plan, env).items():
        yield f"  {name}={printable(value)}  (the shell's; the memo does not name it)"
    if not (plan.environment or left_to_the_shell(plan, env)):
        yield "  nothing that the memo demands"


def _forecast(step: Step, forecast: Forecast) -> str:
    """Return what a step is expected to take, with a warning where its limit is shorter."""
    runs = f"{forecast.runs} earlier run{'s' * (forecast.runs > 1)}, last {forecast.last}"
    line = f"forecast: {forecast.wall_s:.3g} s, {size(forecast.peak_rss_bytes)} ({runs})"
    return f"{line}; WARNING: the limit is shorter" if step.timeout_s < forecast.wall_s else line


def _step_lines(number: int, step: Step, root: Path, env: Mapping[str, str]) -> Iterator[str]:
    lines = f"{step.lines.first}-{step.lines.last}"
    yield f"  {number}. {one_line(step.title, 100)}  [{step.id}; {who(step)}; memo lines {lines}]"
    if step.question:
        yield f"     question: {one_line(step.question)}"
    if step.proposal:
        yield f"     proposed: {one_line(step.proposal, 400)}"
    if step.command is None:
        return
    added = redacted(step.command.env)
    if script := step.command.script:
        yield "     shell (bash -o pipefail):"
        yield from (f"       | {printable(line)}" for line in script.split("\n"))
    else:
        yield f"     argv: {printable(shlex.join(resolved_words(step, root, env)))}"
    for danger in dangers(step.command):
        yield f"     DANGER: {printable(danger)}"
    if added:
        yield f"     env : {printable(shlex.join(f'{k}={v}' for k, v in added.items()))}"
    yield f"     cwd : {step.command.cwd or root}"
    yield f"     log : {step.command.log}   limit: {step.timeout_s:g} s"
    if step.independent:
        yield "     independent: runs after a block too, for information only"
    if step.artifacts:
        yield f"     must leave: {', '.join(step.artifacts)}"


def who(step: Step) -> str:
    """Return who does a step, in words."""
    if step.kind is StepKind.NEEDS_ANSWER:
        return "needs an answer"
    if step.kind is StepKind.MANUAL:
        return "you do and attest it"
    return "the tool itself" if step.role in {Role.SETTING, Role.SUMMARY} else step.role.value


def resolved_words(step: Step, root: Path, env: Mapping[str, str]) -> tuple[str, ...]:
    """Return a step's argv with its program's path; the bare name where there is none."""
    if step.command is None:
        return ()
    words = step.command.argv
    try:
        program = resolve_program(words[0], root, env.get("PATH", ""))
    except PlanError:
        return words
    return (program, *words[1:])


def check_line(result: CheckResult) -> str:
    """Return a preflight result in one line, with the fix where it does not hold."""
    word = result.status.value.upper()
    line = f"{word:5} {result.title}: {one_line(result.found)}"
    if result.status is not CheckStatus.OK:
        line += f" (expected {one_line(result.expected)}; {result.source})"
        line += f" | fix: {one_line(result.fix)}" if result.fix else ""
    return printable(line)


def run_line(state: RunState) -> str:
    """Return a run in one line: STAMP, where it is, why it stopped, its folder."""
    word = state.verdict_words
    return printable(
        f"{state.bundle.name}  {word:11}  {state.wall_s:7.1f} s  {state.bundle}"
        + (f"  {one_line(state.reason, 120)}" if state.reason else "")
    )


def state_text(state: RunState, *, supervised: bool) -> str:
    """Return a run in full: stages, gates, blocker, files."""
    return "\n".join(printable(line) for line in _state_lines(state, supervised))


def _state_lines(state: RunState, supervised: bool) -> Iterator[str]:
    yield f"run {state.bundle.name}: {state.verdict_words}"
    yield f"bundle {state.bundle}"
    if not state.ended:
        yield f"supervisor {'works' if supervised else 'is GONE: nbtui recover closes the run'}"
        yield f"last event {state.last_t}: {state.last_event}"
    if state.started is not None and state.started.follows:
        yield (
            f"attempt {state.started.attempt}, follows {state.started.follows} "
            f"({state.started.follows_verdict})"
        )
    for waived in state.waived:
        yield describe(waived)
    for stage in state.stages:
        cut_off = state.ended and stage.status is StageStatus.RUNNING
        word = "its end was not recorded" if cut_off else stage.status.value
        yield f"stage {stage.step_id}: {word}{_usage(stage)}"
        yield from (f"  {describe_gate(result)}" for result in stage.gates)
    if state.blocker is not None:
        yield f"blocked at {state.blocker.where}: {one_line(state.blocker.reason)}"
        yield f"read {state.bundle / 'blockers.md'}"


def _usage(stage: StageState) -> str:
    if stage.outcome is not None:
        peak = size(stage.outcome.peak_rss_bytes)
        return f", {stage.outcome.wall_s:.1f} s, CPU {stage.outcome.cpu_s:.1f} s, peak {peak}"
    if stage.samples:
        last = stage.samples[-1]
        of = f" of about {stage.forecast_s:.1f} s" if stage.forecast_s else ""
        used = f"CPU {last.cpu_percent:.0f} %, {size(last.rss_bytes)}"
        moved = rates(stage.samples)
        used += f", I/O {size(moved[-1])}/s" if moved else ""
        return f", {last.elapsed_s:.1f} s{of}, limit {stage.timeout_s:g} s, {used}"
    return ""


def findings_text(findings: Sequence[Finding], memo_name: str, history: Sequence[str] = ()) -> str:
    """Return what lint says: findings, remarks that ask for nothing, runs of the same memo."""
    wrong = [f for f in findings if f.severity is not Severity.INFO]
    remarks = [f for f in findings if f.severity is Severity.INFO]
    lines = ["Lint:", *(_finding(f, memo_name) for f in wrong)] if wrong else ["Lint: no findings"]
    lines += ["Remarks:", *(_finding(f, memo_name) for f in remarks)] if remarks else []
    return printable("\n".join([*lines, *(f"History: {line}" for line in history)]))


def _finding(finding: Finding, memo_name: str) -> str:
    place = f"{memo_name}:{finding.line}" if finding.line else memo_name
    elsewhere = f" ({finding.source})" if finding.source != place else ""
    remedy = f" | fix: {one_line(finding.fix)}" if finding.fix else ""
    offered = " | nbtui lint --fix does it" if finding.remedy else ""
    return (
        f"  {finding.severity.value.upper():5} {place} [{finding.id}] "
        f"{one_line(finding.text)}{elsewhere}{remedy}{offered}"
    )


def earlier_text(lines: Sequence[str]) -> str:
    """Return what earlier runs say about a plan, one fact a line."""
    said = [f"  {one_line(line)}" for line in lines] or ["  nothing: no run of these stages yet"]
    return "\n".join(["Earlier runs:", *said])


def asked_text(asked: Sequence[Asked]) -> str:
    """Return everything that lint started or asked, one child a line."""
    lines = ["Asked:" if asked else "Asked: nothing was started"]
    for child in asked:
        how = "no network, read-only disks" if child.confined else "empty environment"
        how = "" if child.why == "git" else f"{how}; "
        took = f", {child.wall_s:.1f} s" if child.wall_s else ""
        words = one_line(shlex.join(child.argv), 300)
        lines.append(f"  {words}  [in {child.cwd}{took}; {how}{one_line(child.outcome, 200)}]")
    return printable("\n".join(lines))


def table_text(table: Table) -> str:
    """Return the stages' physics arguments side by side; differing ones are marked."""
    if not table.experiments:
        return "Experiments: none is named"
    heads = ["", *(e.step_id for e in table.experiments), ""]
    rows = [[r.flag, *r.cells, "DIFFERS" if r.differs else ""] for r in table.rows]
    widths = [max(len(row[n]) for row in [heads, *rows]) for n in range(len(heads))]
    sources = ", ".join(f"{e.step_id} from {e.source}" for e in table.experiments)
    lines = [
        f"Experiments ({sources}; a default stands in brackets, ? is not known):",
        *(
            ("  " + "  ".join(w.ljust(widths[n]) for n, w in enumerate(row))).rstrip()
            for row in [heads, *rows]
        ),
    ]
    return printable("\n".join(lines))


def state_record(state: RunState, *, supervised: bool | None = None) -> dict[str, object]:
    """Return a run as plain data, for ``--json``."""
    record: dict[str, object] = {
        "stamp": state.bundle.name,
        "bundle": str(state.bundle),
        "phase": state.phase.value,
        "verdict": state.verdict.value if state.verdict else None,
        "waived": state.waived,
        "attempt": state.started.attempt if state.started else None,
        "follows": state.started.follows if state.started else None,
        "exit_code": state.exit_code,
        "wall_s": state.wall_s,
        "reason": state.reason,
        "blocker": state.blocker,
        "stages": [
            {
                "id": stage.step_id,
                "status": stage.status.value,
                "outcome": stage.outcome,
                "gates": stage.gates,
            }
            for stage in state.stages
        ],
    }
    if supervised is not None:
        record["supervised"] = supervised
    return record
