"""The plan in words: overview, lint findings, deviations, gates, and each step."""

import shlex
from collections.abc import Mapping

from textual.content import Content

from nbtui.memo.plan import Deviation, LineSpan, Step, StepKind, Variable
from nbtui.tui.document import Block, Bullet, Code, Gap, Heading, Pair, Para
from nbtui.tui.model import PlanView, gates_of
from nbtui.tui.pages import fix_pages
from nbtui.tui.widgets.gate_table import GateLine, GateTable
from nbtui.tui.words import KINDS, SEVERITIES, duration

OVERVIEW = "overview"
FINDINGS = "findings"
DEVIATIONS = "deviations"
GATES = "gates"


def page(view: PlanView, row: str, commands: Mapping[str, tuple[str, ...]]) -> list[Block]:
    """Return what the detail pane says about a row of the step list."""
    if (of_lint := fix_pages.page(view, row)) is not None:
        return of_lint
    match row:
        case "findings":
            return findings(view)
        case "deviations":
            return deviations(view)
        case "gates":
            return gates(view)
        case _:
            step = next((s for s in view.plan.steps if s.id == row), None)
            return describe_step(view, step, commands) if step else overview(view)


def spans(view: PlanView, row: str) -> list[LineSpan]:
    """Return the memo's lines that a row stands for."""
    step = next((s for s in view.plan.steps if s.id == row), None)
    if step:
        return [step.lines]
    finding, fix = fix_pages.finding_of(view, row), fix_pages.accepted_of(view, row)
    if finding is not None:
        return [LineSpan(finding.line, finding.line)] if finding.line else []
    if fix is not None:
        return [s.lines for s in view.plan.steps if s.id == fix.step_id]
    if row == FINDINGS:
        return [LineSpan(f.line, f.line) for f in view.findings if f.line]
    return []


def overview(view: PlanView) -> list[Block]:
    """Return the plan as a whole: goal, identity, environment, guards."""
    plan = view.plan
    blocks: list[Block] = [
        Para(plan.summary, "bold"),
        Gap(),
        Pair("focus", plan.focus),
        Pair("branch", plan.branch or "any"),
        Pair("memo", f"{plan.memo_name} (SHA-256 {plan.memo_sha256[:16]}…)"),
        Pair("plan hash", plan.digest(), "$accent"),
        Pair("bundle", f"{plan.artifacts_root}/<STAMP>/"),
        Pair("golden", plan.golden_image or "none named"),
    ]
    blocks += [Pair("mapped test" if i == 0 else "", t) for i, t in enumerate(plan.mapped_tests)]
    if plan.environment:
        blocks += [Gap(), Heading("Environment", "for every command")]
        blocks += [_variable(v) for v in plan.environment]
    if plan.guards:
        blocks += [Gap(), Heading("Guards", "hold before, between and after stages")]
        blocks += [
            Bullet(Content.assemble(g.text, (f"  {g.source}", "$muted"))) for g in plan.guards
        ]
    return blocks


def _variable(variable: Variable) -> Block:
    value = "demanded, but the memo gives no value" if variable.value is None else variable.value
    style = "$warning" if variable.value is None else ""
    text = Content.assemble(
        (variable.name, "bold"), "=", (value, style), (f"  {variable.source}", "$muted")
    )
    return Para(text, indent=2)


def findings(view: PlanView) -> list[Block]:
    """Return lint's findings, the blocking ones first."""
    if not view.findings:
        text = "Lint found nothing: every command can start, all stages test the same."
        return [Para(text), *_past(view), *_asked(view)]
    order = list(SEVERITIES)
    blocks: list[Block] = []
    for finding in sorted(view.findings, key=lambda f: order.index(f.severity.value)):
        mark = SEVERITIES[finding.severity.value]
        blocks.append(
            Bullet(
                Content.assemble((mark.word, mark.style), "  ", finding.text),
                mark.glyph,
                mark.style,
            )
        )
        where = f"{view.plan.memo_name}:{finding.line}" if finding.line else view.plan.memo_name
        blocks.append(Pair("  where", where))
        if finding.source and finding.source != where:
            blocks.append(Pair("  source", finding.source))
        if finding.fix:
            offered = "  (go down to it, then f accepts it)" if finding.remedy else ""
            if finding.id == "needs-answer":
                offered = "; here: 6 leads a run that asks you"
            blocks.append(Pair("  fix", f"{finding.fix}{offered}", "$accent"))
        blocks.append(Gap())
    return [*blocks[:-1], *_past(view), *_asked(view)]


def _past(view: PlanView) -> list[Block]:
    """Return the earlier runs of the same memo: no finding, but worth knowing."""
    return [Gap(), *(Para(line, indent=2) for line in view.history)] if view.history else []


def _asked(view: PlanView) -> list[Block]:
    """Return what was started to know all this: nothing runs unseen."""
    children = [a for a in view.asked if a.why != "git"]
    if not children:
        return []
    blocks: list[Block] = [Gap(), Heading("Asked", "started by lint, sandboxed")]
    for child in children:
        how = "no network, read-only disks" if child.confined else "empty environment"
        words = Content.assemble(
            shlex.join(child.argv), (f"  {child.wall_s:.1f} s, {how}: {child.outcome}", "$muted")
        )
        blocks.append(Bullet(words))
    return blocks


def deviations(view: PlanView) -> list[Block]:
    """Return every place where what runs differs from what the memo says."""
    found = view.plan.all_deviations()
    if not found:
        return [Para("What runs is what the memo says, word for word.")]
    blocks: list[Block] = []
    for step_id, deviation in found:
        blocks += [Heading(step_id), *_deviation(deviation), Gap()]
    return blocks[:-1]


def _deviation(deviation: Deviation) -> list[Block]:
    return [
        Pair("memo says", deviation.memo_says),
        Pair("runs", deviation.runs, "$warning"),
        Pair("why", deviation.why),
    ]


def gates(view: PlanView) -> list[Block]:
    """Return the gates of every stage, before anything was measured."""
    lines = tuple(
        GateLine(step.title, gate)
        for step in view.plan.stages
        for gate in gates_of(view.plan, step)
    )
    blocks: list[Block] = [GateTable(lines)]
    replaced = [(g, o) for g in view.plan.gates for o in g.overrides]
    if replaced:
        blocks += [Gap(), Heading("Stricter than", "the strictest threshold holds")]
        blocks += [
            Bullet(f"{g.metric} {g.comparison.value} {g.threshold:.10g} replaces {o}")
            for g, o in replaced
        ]
    return blocks


def describe_step(
    view: PlanView, step: Step, commands: Mapping[str, tuple[str, ...]]
) -> list[Block]:
    """Return one step: what the memo says and what will be executed."""
    mark = KINDS[step.kind]
    blocks: list[Block] = [
        Para(Content.assemble((step.title, "bold"), "  ", mark.content())),
        Pair(
            "memo",
            f"line {step.lines.first}"
            if step.lines.first == step.lines.last
            else f"lines {step.lines.first}–{step.lines.last}",
        ),
    ]
    if step.question:
        blocks += [Pair("asks", step.question, "$warning")]
    if step.command:
        blocks += _command(step, commands.get(step.id, step.command.argv))
    elif step.kind is StepKind.RUNNABLE:
        blocks += [Gap(), Para("Done by nbtui itself; no program is started.", "$muted")]
    blocks += [Pair("artifact" if i == 0 else "", a) for i, a in enumerate(step.artifacts)]
    held = gates_of(view.plan, step)
    if held:
        blocks += [Gap(), Heading("Gates")]
        blocks.append(GateTable(tuple(GateLine(step.title, g) for g in held)))
    if step.deviations:
        blocks += [Gap(), Heading("Deviations", "recorded in the journal")]
        for deviation in step.deviations:
            blocks += _deviation(deviation)
    blocks += [Gap(), Heading("In the memo's words"), Para(step.memo_text, "$muted")]
    return blocks


def _command(step: Step, argv: tuple[str, ...]) -> list[Block]:
    command = step.command
    if command is None:
        return []
    # Knows every program's options; nothing is shown of a command before a memo was read.
    from nbtui.memo.danger import dangers  # noqa: PLC0415

    blocks: list[Block] = [Gap(), Heading("Runs", "without a shell"), Code(shlex.join(argv))]
    blocks += [Pair("DANGER", danger, "$error") for danger in dangers(command)]
    blocks += [
        Pair("env" if i == 0 else "", f"{name}={value}")
        for i, (name, value) in enumerate(command.env.items())
    ]
    blocks += [Pair("log", command.log), Pair("limit", duration(step.timeout_s))]
    if step.independent:
        blocks.append(Pair("after a block", "runs too, for information only"))
    return blocks
