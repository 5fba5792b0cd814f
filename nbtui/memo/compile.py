"""Memo to Plan: who does what, in which order, against which thresholds.

Three outcomes for every bullet of *Do Now* and the *How-To Map*: runnable, needs an
answer, manual. Nothing is dropped, nothing is guessed, nothing runs here.
"""

import re
from collections.abc import Sequence

import msgspec

from nbtui.errors import MemoError
from nbtui.memo import gates as gates_of
from nbtui.memo import planfile
from nbtui.memo.advisory import advisory
from nbtui.memo.commandline import resolve_command
from nbtui.memo.documents import Documents
from nbtui.memo.guards import DEFAULT_MEMORY_BYTES, find_guards, memory_bytes
from nbtui.memo.model import Memo, SectionKey
from nbtui.memo.plan import GateSpec, Plan, Step, StepKind
from nbtui.memo.programs import is_golden, outputs
from nbtui.memo.steps import StepMaker, mentions
from nbtui.memo.summary import find_summary
from nbtui.memo.variables import assigned, environment, items, names_of
from nbtui.project import Settings

_NODE = re.compile(r"(?<![\w/.-])[\w./-]+\.py(?:::[\w\[\].-]+)+|(?<![\w/.-])tests?/[\w./-]+\.py")
_NOTHING_TO_RUN = "the memo holds no step that could be run, answered or done by hand"


def compile_plan(
    memo: Memo,
    settings: Settings | None = None,
    *,
    documents: Documents | None = None,
) -> Plan:
    """Return the plan a memo describes.

    Parameters
    ----------
    memo
        The parsed memo.
    settings
        The project's settings; its aliases map a foreign memo's words.
    documents
        What else demands figures.

    Raises
    ------
    MemoError
        The memo holds no step at all.
    """
    settings = settings or Settings()
    work = items(memo)
    found = assigned(memo, work)
    names, _ = names_of(memo, found, settings)
    variables, deviations = environment(found, memo, names, settings)
    maker = StepMaker(memo, settings, names)
    steps = maker.steps(work)
    if not steps:
        raise MemoError(
            _NOTHING_TO_RUN,
            where=f"{memo.name}:1",
            fix="write the commands below How-To Map: (docs/memos.md)",
        )
    summary = find_summary(memo, settings.aliases)
    return Plan(
        memo_name=memo.name,
        memo_sha256=memo.sha256,
        summary=_inline(memo, SectionKey.SUMMARY),
        focus=_inline(memo, SectionKey.FOCUS),
        branch=_branch(memo),
        artifacts_root=names.root,
        folders=tuple(dict.fromkeys(maker.folders)),
        mapped_tests=_mapped_tests(memo),
        environment=variables,
        steps=steps,
        gates=_gates(memo, steps, settings, documents),
        guards=find_guards(memo),
        deviations=deviations,
        mentions=mentions(memo, work, steps),
        golden_image=summary.golden or _golden_of(steps),
        min_available_memory_bytes=memory_bytes(memo) or DEFAULT_MEMORY_BYTES,
        summary_name=summary.name,
    )


def recompile(
    edited: Plan,
    memo: Memo,
    settings: Settings | None = None,
    *,
    documents: Documents | None = None,
) -> Plan:
    """Return the plan of a memo with the answers and changes of a plan file.

    Parameters
    ----------
    edited
        The plan as read from the file (:func:`nbtui.memo.planfile.read`).
    memo, settings, documents
        As for :func:`compile_plan`; the gates of answered steps come from them.

    Raises
    ------
    PlanError
        When the file is about another memo or changes what it may not change.
    """
    settings = settings or Settings()
    compiled = compile_plan(memo, settings, documents=documents)
    names, _ = names_of(memo, assigned(memo, items(memo)), settings)
    steps = planfile.settle(edited, compiled, lambda text: resolve_command(text, names, settings))
    return msgspec.structs.replace(
        compiled,
        steps=steps,
        gates=_gates(memo, steps, settings, documents),
        deviations=(*compiled.deviations, *planfile.removed(edited, compiled)),
    )


def answer_step(
    plan: Plan,
    step_id: str,
    answer: str,
    memo: Memo,
    settings: Settings | None = None,
    *,
    documents: Documents | None = None,
) -> Plan:
    """Return the plan with one question answered while it runs, its gates found anew.

    Parameters
    ----------
    plan
        The plan so far; its other steps stay as they are.
    step_id
        The step with the question.
    answer
        A command line, or ``skip``.
    memo, settings, documents
        As for :func:`compile_plan`.

    Raises
    ------
    PlanError
        When the answer is no command line, or leaves something open itself.
    """
    settings = settings or Settings()
    names, _ = names_of(memo, assigned(memo, items(memo)), settings)
    steps = tuple(
        planfile.answered(
            step,
            answer,
            lambda text: resolve_command(text, names, settings),
            why="answered during the run",
        )
        if step.id == step_id
        else step
        for step in plan.steps
    )
    gates = _gates(memo, steps, settings, documents)
    return msgspec.structs.replace(plan, steps=steps, gates=gates)


def _gates(
    memo: Memo, steps: Sequence[Step], settings: Settings, documents: Documents | None
) -> tuple[GateSpec, ...]:
    known = documents or Documents()
    strategy = gates_of.from_strategy(
        known.thresholds, steps, path=settings.strategy, cases=known.cases
    )
    runnable = [s for s in steps if s.kind is StepKind.RUNNABLE]
    said = (*strategy, *gates_of.from_memo(memo), *gates_of.from_citations(known.cited))
    own = gates_of.from_commands(runnable, memo.name, said, known.read)
    asked = gates_of.merge((*said, *own), runnable)
    return (*asked, *advisory(runnable, asked))


def _inline(memo: Memo, key: SectionKey) -> str:
    section = memo.section(key)
    return " ".join(section.whole().split()) if section else ""


def _branch(memo: Memo) -> str | None:
    words = _inline(memo, SectionKey.BRANCH).replace("`", "").split()
    return words[0].rstrip(".,;") if words else None


def _mapped_tests(memo: Memo) -> tuple[str, ...]:
    text = "\n".join(s.whole() for s in memo.all(SectionKey.MAPPED_TESTS))
    return tuple(dict.fromkeys(_NODE.findall(text)))


def _golden_of(steps: Sequence[Step]) -> str | None:
    """Return the first golden file that a comparison names."""
    for step in steps:
        for _, path in outputs(step.command.argv) if step.command else ():
            if is_golden(path):
                return path
    return None
