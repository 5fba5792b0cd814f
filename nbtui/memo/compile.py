"""Memo to Plan: who does what, in which order, against which thresholds.

Three outcomes for every bullet of *Do Now* and the *How-To Map*: runnable, needs an
answer, manual. Nothing is dropped, nothing is guessed, nothing runs here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from nbtui.errors import MemoError
from nbtui.memo import gates as gates_of
from nbtui.memo.commandline import CommandLine, resolve_command
from nbtui.memo.extract import Part, PartKind
from nbtui.memo.guards import (
    DEFAULT_MEMORY_BYTES,
    find_guards,
    is_interpreter_check,
    memory_bytes,
)
from nbtui.memo.model import Memo, SectionKey
from nbtui.memo.names import OUTDIR, Names
from nbtui.memo.plan import Deviation, GateSpec, Plan, Role, Step, StepKind
from nbtui.memo.programs import is_golden, outputs
from nbtui.memo.shellwords import Word, expand_braces, tokens
from nbtui.memo.stages import make_stage, slug_of
from nbtui.memo.summary import find_summary, is_summary
from nbtui.memo.variables import Item, assigned, environment, items, names_of
from nbtui.project import Settings

_NODE = re.compile(r"(?<![\w/.-])[\w./-]+\.py(?:::[\w\[\].-]+)+|(?<![\w/.-])tests?/[\w./-]+\.py")
_NOTHING_TO_RUN = "the memo holds no step that could be run, answered or done by hand"


def compile_plan(
    memo: Memo,
    settings: Settings | None = None,
    *,
    thresholds: Sequence[gates_of.ThresholdRow] = (),
    cases: Mapping[str, Sequence[str]] | None = None,
) -> Plan:
    """Return the plan a memo describes.

    Parameters
    ----------
    memo
        The parsed memo.
    settings
        The project's settings; its aliases map a foreign memo's words.
    thresholds
        The testing strategy's rows.
    cases
        The golden cases' arguments (:func:`nbtui.memo.cases.load`).

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
    maker = _Maker(memo, settings, names)
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
        gates=_gates(memo, steps, settings, thresholds, cases or {}),
        guards=find_guards(memo),
        deviations=deviations,
        golden_image=summary.golden or _golden_of(steps),
        min_available_memory_bytes=memory_bytes(memo) or DEFAULT_MEMORY_BYTES,
        summary_name=summary.name,
    )


def _gates(
    memo: Memo,
    steps: Sequence[Step],
    settings: Settings,
    thresholds: Sequence[gates_of.ThresholdRow],
    cases: Mapping[str, Sequence[str]],
) -> tuple[GateSpec, ...]:
    strategy = gates_of.from_strategy(thresholds, steps, path=settings.strategy, cases=cases)
    runnable = [s for s in steps if s.kind is StepKind.RUNNABLE]
    return gates_of.merge((*strategy, *gates_of.from_memo(memo)), runnable)


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


@dataclass(slots=True)
class _Maker:
    """Makes the steps in order and numbers them."""

    memo: Memo
    settings: Settings
    names: Names
    made: list[Step] = field(default_factory=list)
    lines: dict[str, CommandLine] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    summarised: bool = False

    def steps(self, work: Sequence[Item]) -> tuple[Step, ...]:
        """Return the How-To Map's steps, then what only Do Now asks for, then the summary."""
        for item in (i for i in work if i.key is SectionKey.HOW_TO):
            self.item(item)
        for item in (i for i in work if i.key is SectionKey.DO_NOW):
            self.do_now(item)
        stages = [s for s in self.made if s.kind is StepKind.RUNNABLE]
        if any(s.role is not Role.SETTING for s in stages) and not self.summarised:
            self.implied_summary()
        return _numbered(self.made)

    def item(self, item: Item) -> None:
        settings = [p for p in item.parts if p.kind is PartKind.SETTING]
        commands = [p for p in item.parts if p.kind in {PartKind.COMMAND, PartKind.QUESTION}]
        if settings:
            self.setting(item, settings)
        for part in commands:
            self.command(item, part)
        if commands:
            return
        prose = "\n".join(p.text for p in item.parts if p.kind is PartKind.PROSE)
        if prose and not (settings and is_interpreter_check(prose)):
            self.prose(item, prose)

    def do_now(self, item: Item) -> None:
        """Add Do Now's commands, unless the How-To Map already holds the same."""
        commands = [p for p in item.parts if p.kind in {PartKind.COMMAND, PartKind.QUESTION}]
        for part in commands:
            line = resolve_command(part.text, self.names, self.settings)
            if not any(line.same_as(known) for known in self.lines.values()):
                self.command(item, part)
        if not commands and not self.made:
            self.prose(item, item.text)

    def setting(self, item: Item, parts: Sequence[Part]) -> None:
        told = {n for p in parts for n in _assigned_names(p.text)}
        folders = [f for p in parts for f in self.made_folders(p.text)]
        self.folders.extend(folders)
        places = bool(folders) or bool(told & {"STAMP", "OUTDIR"})
        title = "STAMP, OUTDIR and folders" if places else f"Environment: {', '.join(sorted(told))}"
        self.made.append(
            Step(
                id="folders" if places else "environment",
                title=title if told or places else "Shell settings",
                kind=StepKind.RUNNABLE,
                role=Role.SETTING,
                lines=item.lines,
                memo_text=item.text,
            )
        )

    def made_folders(self, text: str) -> list[str]:
        """Return the folders below OUTDIR that a ``mkdir`` makes, relative to it."""
        words = [t for t in tokens(text.strip().removesuffix(".")) if isinstance(t, Word)]
        if not words or words[0].text != "mkdir":
            return []
        paths = [self.names.resolve(p) for w in words[1:] for p in expand_braces(w)]
        inside = [p.removeprefix(f"{OUTDIR}/") for p in paths if p.startswith(f"{OUTDIR}/")]
        return [p.strip("/") for p in inside if p.strip("/") and ".." not in p.split("/")]

    def command(self, item: Item, part: Part) -> None:
        line = resolve_command(part.text, self.names, self.settings)
        questions = (*((part.question,) if part.question else ()), *line.questions)
        if part.kind is PartKind.QUESTION or questions:
            self.question(item, part, questions)
            return
        slug = slug_of(line)
        step_id = f"{len(self.made) + 1:02d}-{slug}"
        self.lines[step_id] = line
        self.made.append(
            make_stage(
                line,
                step_id=step_id,
                title=part.title,
                lines=item.lines,
                text=item.text,
                timeout_s=self.settings.stage_timeout_s,
            )
        )

    def question(self, item: Item, part: Part, questions: Sequence[str]) -> None:
        self.made.append(
            Step(
                id="question",
                title=part.title or _short(part.text),
                kind=StepKind.NEEDS_ANSWER,
                role=Role.MANUAL,
                lines=item.lines,
                memo_text=item.text,
                question="; ".join(dict.fromkeys(questions)),
            )
        )

    def prose(self, item: Item, text: str) -> None:
        if is_summary(text) and not self.summarised:
            self.summary(item)
            return
        self.made.append(
            Step(
                id="manual",
                title=_short(text),
                kind=StepKind.MANUAL,
                role=Role.MANUAL,
                lines=item.lines,
                memo_text=item.text,
            )
        )

    def summary(self, item: Item) -> None:
        self.summarised = True
        found = find_summary(self.memo, self.settings.aliases)
        self.made.append(
            Step(
                id="summary",
                title="Summary",
                kind=StepKind.RUNNABLE,
                role=Role.SUMMARY,
                lines=item.lines,
                memo_text=item.text,
                artifacts=(f"{OUTDIR}/{found.name}",),
                deviations=found.deviations,
            )
        )

    def implied_summary(self) -> None:
        last = self.made[-1]
        name = find_summary(self.memo, self.settings.aliases).name
        why = "every run ends with its figures, their sources and its provenance"
        self.made.append(
            Step(
                id="summary",
                title="Summary",
                kind=StepKind.RUNNABLE,
                role=Role.SUMMARY,
                lines=last.lines,
                memo_text="",
                artifacts=(f"{OUTDIR}/{name}",),
                deviations=(Deviation(memo_says="no summary", runs=f"writes {name}", why=why),),
            )
        )


def _numbered(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Give each step without a number its position."""
    return tuple(
        s if s.id[:1].isdigit() else msgspec.structs.replace(s, id=f"{n:02d}-{s.id}")
        for n, s in enumerate(steps, 1)
    )


def _assigned_names(text: str) -> set[str]:
    words = [t for t in tokens(text) if isinstance(t, Word)]
    return {w.text.partition("=")[0] for w in words if "=" in w.text}


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "..."
