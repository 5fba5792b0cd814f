"""Accepted remedies: the plan with other words, each change on record as a deviation."""

import shlex
from collections.abc import Iterable, Sequence

import msgspec

from nbtui.memo.lint.finding import Finding, Remedy
from nbtui.memo.names import OUTDIR
from nbtui.memo.plan import Deviation, Plan, Step
from nbtui.memo.programs import forwarded_arguments, option, without_outputs
from nbtui.memo.shelledits import places, with_words


def replacing(step: Step, after: Sequence[str], *, says: str, runs: str, why: str) -> Remedy:
    """Return the remedy that gives a step other words."""
    before = step.command.argv if step.command else ()
    deviation = Deviation(memo_says=says, runs=runs, why=why)
    return Remedy(step_id=step.id, before=before, after=tuple(after), deviation=deviation)


def without(step: Step, at: int, count: int, *, why: str) -> Remedy:
    """Return the remedy that leaves ``count`` words out, from position ``at`` on."""
    argv = step.command.argv if step.command else ()
    said = " ".join(argv[at : at + count])
    after = (*argv[:at], *argv[at + count :])
    return replacing(step, after, says=said, runs="leaves it out", why=why)


def exchanging(
    step: Step, nth: int, at: int, count: int, new: Sequence[str], *, runs: str, why: str
) -> Remedy:
    """Return the remedy that exchanges words of one of a step's commands.

    Parameters
    ----------
    step
        The step.
    nth
        Which of its commands (:func:`nbtui.memo.lint.words.commands_of`).
    at, count
        The first word to go (0 is the program), and how many go.
    new
        What comes instead; nothing to leave them out.
    runs, why
        For the deviation.
    """
    command = step.command
    before = command.argv if command else ()
    if command is not None and command.script is not None:
        words = [f'"{w}"' if OUTDIR in w else shlex.quote(w) for w in new]
        said = " ".join(p.word for p in places(command.script)[nth][at : at + count])
        after = (*before[:-1], with_words(command.script, nth, at, count, words))
    else:
        said = " ".join(before[at : at + count])
        after = (*before[:at], *new, *before[at + count :])
    deviation = Deviation(memo_says=said, runs=runs, why=why)
    return Remedy(step_id=step.id, before=before, after=after, deviation=deviation)


def remedies(findings: Iterable[Finding]) -> tuple[Remedy, ...]:
    """Return the remedies of findings, each once."""
    found = {f.remedy.key: f.remedy for f in findings if f.remedy is not None}
    return tuple(found.values())


def apply(plan: Plan, accepted: Iterable[Remedy]) -> Plan:
    """Return the plan with the remedies that fit it.

    A remedy fits the step it was proposed for, as long as that step has the words it had
    then; any other is left out, so that an old acceptance never changes a new plan.
    """
    return applied(plan, accepted)[0]


def applied(plan: Plan, accepted: Iterable[Remedy]) -> tuple[Plan, tuple[Remedy, ...]]:
    """Return the plan with the remedies that fit it, and which those are."""
    steps = list(plan.steps)
    fitting: list[Remedy] = []
    for remedy in accepted:
        for at, step in enumerate(steps):
            if step.id == remedy.step_id and step.command and step.command.argv == remedy.before:
                steps[at] = _changed(step, remedy)
                fitting.append(remedy)
    return msgspec.structs.replace(plan, steps=tuple(steps)), tuple(fitting)


def _changed(step: Step, remedy: Remedy) -> Step:
    if step.command is None:
        return step
    old, new = option(remedy.before, "--outdir"), option(remedy.after, "--outdir")
    artifacts = step.artifacts
    if old and new and old != new:
        stem = old.rstrip("/")
        artifacts = tuple(
            f"{new.rstrip('/')}{a.removeprefix(stem)}" if a.startswith(stem) else a
            for a in artifacts
        )
    forwarded = forwarded_arguments(remedy.after)
    return msgspec.structs.replace(
        step,
        command=msgspec.structs.replace(step.command, argv=remedy.after),
        experiment=without_outputs(forwarded) if forwarded is not None else None,
        artifacts=artifacts,
        deviations=(*step.deviations, remedy.deviation),
    )
