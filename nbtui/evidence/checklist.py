"""``checklist.md``: the plan's steps as they were worked through, each with its mark.

The list to work from, with commands to paste, is ``nbtui checklist``; this is its record.
"""

from collections.abc import Iterator, Mapping

from nbtui.evidence.facts import RunFacts, StageFacts
from nbtui.evidence.gates import sentence
from nbtui.evidence.records import Attestation, Verdict, verdict_words
from nbtui.evidence.text import one_line, printable
from nbtui.memo.plan import Role, Step, StepKind


def render(facts: RunFacts) -> str:
    """Return the worked-through checklist as Markdown."""
    return "\n".join(_lines(facts))


def _lines(facts: RunFacts) -> Iterator[str]:
    waived = bool(facts.waived)
    verdict = verdict_words(facts.verdict, waived=waived) if facts.verdict else "open"
    blocking = len(facts.blocking_checks())
    yield f"# Checklist of run {facts.stamp}: {verdict}\n"
    yield f"{one_line(facts.plan.focus or facts.plan.summary)}\n"
    yield (
        f"Plan `{facts.plan_sha256}`, memo {one_line(facts.plan.memo_name)}, operator "
        f"{one_line(facts.operator or 'unknown')}. x done, ! failed, blank not reached.\n"
    )
    yield from (f"- {one_line(words, 400)}" for words in facts.waived)
    box = " " if not facts.checks else ("!" if blocking else "x")
    yield f"- [{box}] preflight: {len(facts.checks)} checks, {blocking} block"
    stages = {s.step.id: s for s in facts.stages}
    said = {a.step_id: (t, a) for t, a in facts.attestations}
    for number, step in enumerate(facts.plan.steps, start=1):
        yield from _step(number, step, stages.get(step.id), said, facts)
    broken = sorted({g.guard for g in facts.guards if not g.ok})
    box = " " if not facts.guards else ("!" if broken else "x")
    yield f"- [{box}] guards: {', '.join(broken) + ' changed' if broken else 'nothing changed'}"
    yield ""


def _step(
    number: int,
    step: Step,
    stage: StageFacts | None,
    said: Mapping[str, tuple[str, Attestation]],
    facts: RunFacts,
) -> Iterator[str]:
    t, attested = said.get(step.id, ("", None))
    title = f"{number}. {one_line(step.title, 160)} ({step.id}, memo line {step.lines.first})"
    if step.role is Role.SETTING:
        yield f"- [x] {title}: done by nbtui at {facts.started}"
    elif stage is not None and stage.started:
        done = stage.passed or (stage.step.role is Role.SUMMARY and _cleared(facts))
        by = attested.by if attested else "nbtui"
        yield f"- [{'x' if done else '!'}] {title}: {one_line(_how(stage), 300)}, by {one_line(by)}"
        yield from (f"  - {printable(sentence(g))} ({g.gate.source})" for g in stage.gates)
    elif attested is not None:
        word = "done" if attested.done else "NOT DONE"
        yield f"- [{'x' if attested.done else '!'}] {title}: {word}, {one_line(attested.by)}, {t}"
    elif step.kind is StepKind.RUNNABLE:
        yield f"- [ ] {title}: not reached"
    else:
        yield f"- [ ] {title}: for a person to do and attest"
    if attested is not None:
        yield f"  - {one_line(attested.note)}"


def _how(stage: StageFacts) -> str:
    outcome = stage.outcome
    if outcome is None:
        return "written by the tool" if stage.step.role is Role.SUMMARY else "its end is unknown"
    if outcome.failure:
        return outcome.failure
    problems = stage.collected.problems if stage.collected else ()
    return "; ".join(problems) or f"exit code {outcome.exit_code} after {outcome.wall_s:.1f} s"


def _cleared(facts: RunFacts) -> bool:
    return facts.verdict is Verdict.CLEARED
