"""How a run ended, in words: what, by how much, what it means, what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.content import Content

from nbtui.evidence.gates import sentence
from nbtui.evidence.records import Blocker, GateResult, Metric
from nbtui.history.margins import Earlier
from nbtui.memo.plan import Plan
from nbtui.narration import describe
from nbtui.preflight.model import CheckStatus
from nbtui.store import Phase, RunState, StageStatus
from nbtui.tui.document import Block, Bullet, Code, Gap, Heading, Pair, Para
from nbtui.tui.model import Ground, Model, gates_of
from nbtui.tui.widgets.gate_table import GateLine, GateTable, margin_words
from nbtui.tui.words import CHECKS, PHASES, STAGES, duration, figure, size

MEANING = {
    "preflight": "The ground was not as the memo demands, so nothing was run and nothing was "
    "measured. No evidence was spoiled.",
    "stage": "A stage's program did not do what it promised: it failed, ran out of time, or left "
    "no result. What it printed is kept; later stages were not run.",
    "gate": "The stage ran and was measured, and the figure is on the wrong side of its threshold. "
    "The port and the C program do not agree well enough here; the figures are sound evidence of "
    "that. Later stages were not run.",
    "guard": "Something that must stay the same during a run did not. What was measured cannot be "
    "attributed to one state of the repository, so it does not count.",
    "result": "A stage wrote figures that cannot be believed: they are missing, contradict the "
    "stored images, or belong to another experiment.",
    "console": "What a program printed while it ran shows that it ran something nobody asked for, "
    "or that both sides did not run the same. Figures of such a run mean nothing, however good.",
    "sanity": "Every gate passed, and yet the figures cannot be right: a limit that no threshold "
    "widens is exceeded.",
    "unmoved": "A figure that missed its gate in an earlier run passes now, the same to ten "
    "digits: nothing became better, only the threshold changed.",
    "manual": "The run needs a person who has not done, or not signed, their part. What ran until "
    "then is sealed; the machine found nothing wrong.",
    "recording": "The evidence could not be written down. Whatever the stages computed, there is "
    "no proof of it.",
    "stopped": "The run was asked to stop before its end. What ran until then is sealed in the "
    "bundle; it proves nothing about the gates that were not held.",
    "interrupted": "The supervisor ended without a word: the machine went down or it was killed. "
    "What was journalled until then is sealed; it proves nothing about what came after.",
    "bug": "nbtui itself failed. The stages are not to blame, and nothing they measured counts.",
}

NEXT = {
    "preflight": ("Apply the fixes above.", "a goes back to preflight; check again, then start."),
    "stage": (
        "l opens the log; the last lines are usually the cause.",
        "Mend it, then a makes a new attempt with a new STAMP.",
    ),
    "gate": (
        "Do not rerun blindly and do not lower the threshold: that needs the supervisor.",
        "x searches for the cause and ends with one sentence and one command that shows it.",
        "i shows both images and where they differ; w there goes to the worst pixel.",
        "Hand blockers.md to the supervisor: y copies its path.",
        "After a change to the code, a makes a new attempt with a new STAMP.",
    ),
    "guard": (
        "Find out what changed (found and expected, above) and who changed it.",
        "Restore it, then a makes a new attempt with a new STAMP.",
    ),
    "result": (
        "l opens the stage's log; the result files are in the bundle.",
        "Mend the tool or its arguments, then a makes a new attempt.",
    ),
    "console": (
        "Compare found and expected above: an option, a default or a forgotten file differs.",
        "x searches for the cause; l opens the stage's log; i shows both images.",
        "Mend the command or the folder, then a makes a new attempt with a new STAMP.",
    ),
    "sanity": (
        "x searches for the cause; i shows both images and where they differ.",
        "Hand blockers.md to the supervisor: y copies its path.",
    ),
    "unmoved": (
        "Ask what changed since the earlier run: the programs, or only the threshold.",
        "Hand blockers.md to the supervisor, who may sign for it: y copies its path.",
    ),
    "manual": (
        "Do what is asked, or settle what the note says.",
        "Then a makes a new attempt; 6 shows the checklist.",
    ),
    "recording": (
        "Look at disk space and permissions of the reports folder.",
        "Then a makes a new attempt with a new STAMP.",
    ),
    "stopped": ("a makes a new attempt with a new STAMP.",),
    "interrupted": ("a makes a new attempt with a new STAMP.",),
    "bug": ("Report it with supervisor.log of the bundle.", "a makes a new attempt."),
}


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Part of a log: file name, numbered lines, and the number of the one that matters, or 0."""

    name: str
    lines: tuple[tuple[int, str], ...]
    at: int = 0


def outcome(model: Model, excerpt: Excerpt | None) -> list[Block]:
    """Return the verdict and everything that explains it."""
    run = model.run
    if run is None:
        return _no_run(model.ground)
    if model.lost:
        return _lost(run)
    if not run.ended:
        return [
            Para("No verdict yet: the run is under way.", "bold"),
            Gap(),
            Para("3 shows it live. Leaving the app does not stop it.", "$muted"),
        ]
    head = _banner(run)
    if run.phase is Phase.CLEARED:
        return head + _cleared(run, model.shown_plan)
    if run.blocker:
        return head + _blocked(run, run.blocker, excerpt)
    return head + _stopped(run)


def _no_run(ground: Ground) -> list[Block]:
    way = Para("enter goes the guided way: plan, preflight, run.", "$muted")
    if not ground.runs:
        return [Para("No verdict: nothing has been run here yet.", "bold"), Gap(), way]
    return [
        Para("No verdict: none of this project's runs is open.", "bold"),
        Gap(),
        Pair("runs", f"{ground.runs}; the newest is {ground.newest}"),
        Gap(),
        Bullet("5 lists them; enter there shows a run's verdict here.", "▸", "$accent"),
        way,
    ]


def _banner(run: RunState) -> list[Block]:
    mark = PHASES[run.phase]
    gates = run.gates()
    passed = sum(g.passed for g in gates)
    facts = (
        f"{duration(run.wall_s)} · {passed} of {len(gates)} gates passed"
        if gates
        else (duration(run.wall_s))
    )
    waiver = " WITH WAIVER" if run.waived else ""
    banner = Content.assemble(
        (f" {mark.glyph} {mark.word}{waiver} ", f"{mark.style} reverse"), (f"  {facts}", "$muted")
    )
    return [Para(banner), *(Para(describe(w), "$warning") for w in run.waived), Gap()]


def _lost(run: RunState) -> list[Block]:
    return [
        Para("The supervisor of this run is gone and left no verdict.", "bold $error"),
        Gap(),
        Para(
            "The machine was switched off or the supervisor was killed. What was journalled "
            "until then is kept; it is no evidence of anything that came after."
        ),
        Gap(),
        Heading("What to do next"),
        Bullet("enter ends what is left of the run and seals it as interrupted.", "▸", "$accent"),
        Bullet("Then a makes a new attempt with a new STAMP.", "▸", "$accent"),
        Gap(),
        Pair("bundle", _place(run)),
    ]


def _cleared(run: RunState, plan: Plan | None) -> list[Block]:
    blocks: list[Block] = [
        Para("Every gate passed and every guard held. The evidence is sealed.", "bold"),
        Gap(),
        Heading("What to do next"),
        Bullet("enter opens the summary; y copies the bundle's path.", "▸", "$accent"),
        Bullet("Archive the bundle; reports are never committed.", "▸", "$accent"),
    ]
    if plan:
        blocks.append(
            Bullet(
                f"Update {plan.focus.split()[0]} as the memo's Next Up says; 1 shows the memo.",
                "▸",
                "$accent",
            )
            if plan.focus
            else Gap()
        )
    return [*blocks, Gap(), Pair("bundle", _place(run))]


def _stopped(run: RunState) -> list[Block]:
    why = run.reason or "stopped before its verdict"
    return [
        Para(f"The run ended early: {why}", "bold"),
        Gap(),
        Para(
            "What ran until then is sealed in the bundle; it proves nothing about the gates that "
            "were not held."
        ),
        Gap(),
        Heading("What to do next"),
        Bullet("a makes a new attempt with a new STAMP.", "▸", "$accent"),
        Gap(),
        Pair("bundle", _place(run)),
    ]


def _blocked(run: RunState, blocker: Blocker, excerpt: Excerpt | None) -> list[Block]:
    blocks: list[Block] = [
        Para(_what(run, blocker), "bold"),
        Gap(),
        Pair("where", f"{blocker.where} ({blocker.kind})"),
    ]
    if blocker.kind == "preflight":
        blocks = [blocks[0], *_blocking_checks(run)]
    else:
        blocks += _difference(run, blocker)
    if blocker.fix and blocker.kind in {
        "stage",
        "gate",
        "guard",
        "result",
        "console",
        "sanity",
        "unmoved",
        "manual",
        "recording",
    }:
        blocks += [Gap(), Heading("Fix"), Code(blocker.fix)]
    told = _excerpt(excerpt)
    if blocker.kind in _IN_THE_LOG:
        blocks += told
    blocks += [Gap(), Heading("What it means"), Para(MEANING.get(blocker.kind, MEANING["stage"]))]
    blocks += [Gap(), Heading("What to do next")]
    steps = NEXT.get(blocker.kind, NEXT["stage"])
    blocks += [Bullet(text, "▸", "$accent") for text in steps]
    blocks.append(Bullet("enter opens blockers.md, which says all this and more.", "▸", "$accent"))
    if blocker.kind not in _IN_THE_LOG:
        blocks += told
    return [*blocks, Gap(), Pair("bundle", _place(run))]


_IN_THE_LOG = frozenset({"stage", "console", "result"})
"""What a log explains better than any general word: there its lines come first."""


def _excerpt(excerpt: Excerpt | None) -> list[Block]:
    if excerpt is None or not excerpt.lines:
        return []
    note = f"line {excerpt.at} speaks of trouble; l opens the log there" if excerpt.at else ""
    return [
        Gap(),
        Heading(excerpt.name, note or "its last lines; l opens the log"),
        *(_numbered(n, text, lit=n == excerpt.at) for n, text in excerpt.lines),
    ]


def _what(run: RunState, blocker: Blocker) -> str:
    stage = run.stage(blocker.where)
    if stage and blocker.kind == "stage":
        return f"{stage.title}: {blocker.reason}"
    return blocker.reason


def _difference(run: RunState, blocker: Blocker) -> list[Block]:
    told = (
        ("found", blocker.found, "$error"),
        ("expected", blocker.expected, ""),
        ("source", blocker.source, "$muted"),
    )
    blocks: list[Block] = [Pair(label, value, style) for label, value, style in told if value]
    failed = [g for g in run.gates() if not g.passed and g.gate.binding]
    blocks += [
        Pair("short by" if i == 0 else "", _shortfall(g), "$error") for i, g in enumerate(failed)
    ]
    return blocks


def _place(run: RunState) -> str:
    """Return the bundle's path as one types it from the project's root."""
    root = Path(run.started.root) if run.started else None
    if root and run.bundle.is_relative_to(root):
        return str(run.bundle.relative_to(root))
    return str(run.bundle)


def _shortfall(result: GateResult) -> str:
    return f"{margin_words(result).lstrip('-')} ({sentence(result)})"


def _blocking_checks(run: RunState) -> list[Block]:
    blocks: list[Block] = []
    mark = CHECKS[CheckStatus.BLOCK]
    for check in (c for c in run.checks if c.status is CheckStatus.BLOCK):
        title = Content.assemble((check.title, "bold"))
        blocks += [Gap(), Bullet(title, mark.glyph, mark.style)]
        blocks += [Pair("  found", check.found, "$error"), Pair("  expected", check.expected)]
        if check.fix:
            blocks.append(Pair("  fix", check.fix, "$accent"))
    return blocks


def _numbered(number: int, text: str, *, lit: bool) -> Block:
    mark = "▸" if lit else " "
    return Pair(f"{number:>5}{mark}", text, "bold $error" if lit else "", column=7)


def evidence(model: Model, earlier: Earlier | None = None) -> list[Block]:
    """Return gates, figures, stages and files of the run on show.

    Parameters
    ----------
    model
        What the app knows.
    earlier
        What earlier runs measured for each gate, once that was looked up.
    """
    run = model.run
    if run is None:
        return [Para("Gates, figures and files appear here.", "$muted")]
    lines = gate_lines(run, model, earlier)
    note = "a cell for each earlier run, this one last; ✗ missed" if earlier else ""
    blocks: list[Block] = [Heading("Gates", note), GateTable(lines)]
    if run.stages:
        blocks += [Gap(), Heading("Stages"), *(_stage(run, s.step_id) for s in run.stages)]
    for stage in run.stages:
        if stage.collected and stage.collected.metrics:
            blocks += _figures(stage.title, stage.collected.metrics)
    if run.files:
        blocks += [Gap(), Heading("Files", str(run.bundle.name))]
        blocks += [Bullet(Content.assemble(p, (f"  {what}", "$muted"))) for p, what in run.files]
    return blocks


def gate_lines(
    run: RunState | None, model: Model, earlier: Earlier | None = None
) -> tuple[GateLine, ...]:
    """Return the plan's gates in stage order, with results where they were held."""
    known = earlier or {}
    held = {(g.step_id, g.gate.id): g for g in (run.gates() if run else ())}
    lines: list[GateLine] = []
    over = run is not None and not model.active
    plan = model.shown_plan
    if plan:
        for step in plan.stages:
            lines += [
                GateLine(
                    step.title,
                    gate,
                    held.pop((step.id, gate.id), None),
                    over,
                    known.get((step.id, gate.id)),
                )
                for gate in gates_of(plan, step)
            ]
    lines += [
        GateLine(step_id, result.gate, result, before=known.get((step_id, gate_id)))
        for (step_id, gate_id), result in held.items()
    ]
    return tuple(lines)


def _stage(run: RunState, step_id: str) -> Block:
    stage = run.stage(step_id)
    if stage is None:
        return Gap()
    mark = STAGES[stage.status]
    used = ""
    if stage.outcome:
        used = f"  {duration(stage.outcome.wall_s)}"
        if stage.outcome.peak_rss_bytes:
            used += f", peak {size(stage.outcome.peak_rss_bytes)}"
    failure = stage.outcome.failure if stage.outcome and stage.status is StageStatus.FAILED else ""
    return Bullet(
        Content.assemble(
            stage.title, (used, "$muted"), (f"  {failure}" if failure else "", "$error")
        ),
        mark.glyph,
        mark.style,
    )


def _figures(title: str, metrics: Sequence[Metric]) -> list[Block]:
    files = {m.source.partition("#")[0] for m in metrics}
    note = files.pop() if len(files) == 1 else ""
    column = min(max(len(m.name) for m in metrics) + 2, 28)
    blocks: list[Block] = [Gap(), Heading(f"Figures · {title}", note)]
    for metric in metrics:
        value = Content.assemble((figure(metric.value), "bold"))
        if metric.unit:
            value += Content(f" {metric.unit}")
        if not note:
            value += Content.styled(f"  {metric.source}", "$muted")
        blocks.append(Pair(metric.name, value, column=column))
    return blocks
