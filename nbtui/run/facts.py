"""From the journal's state to the facts that summaries and blocker reports are made from."""

from pathlib import Path

from nbtui.evidence.facts import ConsoleFact, GuardFact, RunFacts, StageFacts
from nbtui.evidence.records import Verdict
from nbtui.memo.plan import Plan, Step
from nbtui.narration import describe
from nbtui.run.clock import Clock, iso_ms
from nbtui.store import RunState


def facts_of(
    state: RunState, plan: Plan, clock: Clock, *, wall_s: float, verdict: Verdict | None = None
) -> RunFacts:
    """Return the facts of a run as its journal tells them now.

    Parameters
    ----------
    state
        The folded journal.
    plan
        The plan it runs.
    clock
        For the moment of writing.
    wall_s
        Seconds since the run started.
    verdict
        The verdict about to be recorded; the journal's own one when ``None``.
    """
    started = state.started
    return RunFacts(
        plan=plan,
        stamp=started.stamp if started else state.bundle.name,
        bundle=state.bundle,
        root=Path(started.root) if started else state.bundle,
        started=state.started_t,
        at=iso_ms(clock.now()),
        wall_s=wall_s,
        provenance=state.facts,
        checks=state.checks,
        stages=tuple(_stage(state, step) for step in plan.stages),
        guards=tuple(GuardFact(g.guard, g.ok, g.found, g.expected, g.when) for g in state.guards),
        deviations=state.deviations,
        notes=state.notes,
        blocker=state.blocker,
        explanation=state.explanation,
        verdict=verdict or state.verdict,
        attestations=state.attestations,
        version=started.version if started else "",
        operator=started.operator if started else "",
        plan_sha256=started.plan_sha256 if started else plan.digest(),
        attempt=_attempt(state),
        recalled=state.recalled,
        sign_offs=tuple((s.sign_off, s.signature) for s in state.sign_offs),
        waived=tuple(describe(w) for w in state.waived),
    )


def _attempt(state: RunState) -> str:
    started = state.started
    if started is None or not started.follows:
        return "1 (none before it in this phase)"
    resumed = f"; resumes {started.resumes}" if started.resumes else ""
    return f"{started.attempt}, follows {started.follows} ({started.follows_verdict}){resumed}"


def _stage(state: RunState, step: Step) -> StageFacts:
    found = state.stage(step.id)
    if found is None:
        return StageFacts(step)
    return StageFacts(
        step=step,
        started=True,
        argv=found.argv,
        env=found.env,
        cwd=found.cwd,
        log=found.log,
        timeout_s=found.timeout_s,
        outcome=found.outcome,
        collected=found.collected,
        gates=found.gates,
        inputs=found.inputs,
        reused_from=found.reused_from,
        information_only=found.information_only,
        streams=found.streams,
        console=tuple(
            ConsoleFact(r.side, r.name, r.value, r.source, r.problem) for r in found.console
        ),
    )
