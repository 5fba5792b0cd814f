"""The bullets of a memo as steps, in order: settings, stages, questions, work by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from nbtui.memo.commandline import CommandLine, resolve_command
from nbtui.memo.extract import Part, PartKind
from nbtui.memo.guards import is_interpreter_check
from nbtui.memo.model import Memo, SectionKey
from nbtui.memo.names import OUTDIR, Names
from nbtui.memo.plan import Deviation, Role, Step, StepKind
from nbtui.memo.shellwords import Word, assignment, expand_braces, tokens
from nbtui.memo.stages import make_stage, slug_of
from nbtui.memo.summary import find_summary, is_summary
from nbtui.memo.variables import Item
from nbtui.project import Settings

_ACTIVE = frozenset({PartKind.COMMAND, PartKind.QUESTION})


@dataclass(frozen=True, slots=True)
class _Pending:
    """A step that lacks only its id, which its position decides."""

    slug: str
    make: Callable[[str], Step]
    line: CommandLine | None = None


@dataclass(slots=True)
class StepMaker:
    """Turns the work of a memo into steps.

    Parameters
    ----------
    memo, settings, names
        The memo, the project's settings and the names that the tool owns.
    """

    memo: Memo
    settings: Settings
    names: Names
    folders: list[str] = field(default_factory=list)
    """Folders below OUTDIR that the memo makes; filled by :meth:`steps`."""
    _pending: list[_Pending] = field(default_factory=list)
    _summary: _Pending | None = None

    def steps(self, work: Sequence[Item]) -> tuple[Step, ...]:
        """Return the How-To Map's steps, then what only Do Now asks for, then the summary."""
        for item in (i for i in work if i.key is SectionKey.HOW_TO):
            self._item(item)
        for item in (i for i in work if i.key is SectionKey.DO_NOW):
            self._do_now(item)
        stages = [p for p in self._pending if p.line is not None]
        if self._summary is None and stages:
            self._summary = self._implied_summary(work)
        pending = [*self._pending, *([self._summary] if self._summary else [])]
        return tuple(p.make(f"{n:02d}-{p.slug}") for n, p in enumerate(pending, 1))

    def _item(self, item: Item) -> None:
        settings = [p for p in item.parts if p.kind is PartKind.SETTING]
        commands = [p for p in item.parts if p.kind in _ACTIVE]
        if settings:
            self._setting(item, settings)
        for part in commands:
            self._command(item, part)
        prose = "\n".join(p.text for p in item.parts if p.kind is PartKind.PROSE)
        if prose and not commands and not (settings and is_interpreter_check(prose)):
            self._prose(item, prose)

    def _do_now(self, item: Item) -> None:
        """Add Do Now's commands, unless the How-To Map already holds the same."""
        commands = [p for p in item.parts if p.kind in _ACTIVE]
        for part in commands:
            line = resolve_command(part.text, self.names, self.settings)
            if not any(p.line is not None and line.same_as(p.line) for p in self._pending):
                self._command(item, part)
        if not commands and not self._pending:
            self._prose(item, item.text)

    def _setting(self, item: Item, parts: Sequence[Part]) -> None:
        told = dict.fromkeys(n for p in parts for n in _assigned_names(p.text))
        folders = [f for p in parts for f in self._made_folders(p.text)]
        self.folders.extend(folders)
        places = bool(folders) or not told.keys().isdisjoint({"STAMP", "OUTDIR"})
        if places:
            title = "STAMP, OUTDIR and folders"
        else:
            title = f"Environment: {', '.join(told)}" if told else "Shell settings"
        self._add("folders" if places else "environment", item, title, Role.SETTING)

    def _made_folders(self, text: str) -> list[str]:
        """Return the folders below OUTDIR that a ``mkdir`` makes, relative to it."""
        words = [t for t in tokens(text.strip().removesuffix(".")) if isinstance(t, Word)]
        if not words or words[0].text != "mkdir":
            return []
        paths = [self.names.resolve(p) for w in words[1:] for p in expand_braces(w)]
        inside = [p.removeprefix(f"{OUTDIR}/") for p in paths if p.startswith(f"{OUTDIR}/")]
        return [p.strip("/") for p in inside if p.strip("/") and ".." not in p.split("/")]

    def _command(self, item: Item, part: Part) -> None:
        line = resolve_command(part.text, self.names, self.settings)
        questions = (*((part.question,) if part.question else ()), *line.questions)
        if part.kind is PartKind.QUESTION or questions:
            asked = "; ".join(dict.fromkeys(questions))
            title = part.title or _short(part.text)
            kind = StepKind.NEEDS_ANSWER
            self._add("question", item, title, Role.MANUAL, kind=kind, question=asked)
            return

        def make(step_id: str) -> Step:
            return make_stage(
                line,
                step_id=step_id,
                title=part.title,
                lines=item.lines,
                text=item.text,
                timeout_s=self.settings.stage_timeout_s,
            )

        self._pending.append(_Pending(slug_of(line), make, line))

    def _prose(self, item: Item, text: str) -> None:
        if is_summary(text) and self._summary is None:
            found = find_summary(self.memo, self.settings.aliases)
            self._summary = _summary_step(item, item.text, found.name, found.deviations)
        else:
            self._add("manual", item, _short(text), Role.MANUAL, kind=StepKind.MANUAL)

    def _implied_summary(self, work: Sequence[Item]) -> _Pending:
        """Return the summary that a memo with stages gets though it asks for none."""
        name = find_summary(self.memo, self.settings.aliases).name
        why = "every run ends with its figures, their sources and its provenance"
        added = Deviation(memo_says="no summary", runs=f"writes {name}", why=why)
        return _summary_step(work[-1], "", name, (added,))

    def _add(
        self,
        slug: str,
        item: Item,
        title: str,
        role: Role,
        *,
        kind: StepKind = StepKind.RUNNABLE,
        question: str | None = None,
    ) -> None:
        def make(step_id: str) -> Step:
            return Step(
                id=step_id,
                title=title,
                kind=kind,
                role=role,
                lines=item.lines,
                memo_text=item.text,
                question=question,
            )

        self._pending.append(_Pending(slug, make))


def _summary_step(item: Item, text: str, name: str, deviations: tuple[Deviation, ...]) -> _Pending:
    def make(step_id: str) -> Step:
        return Step(
            id=step_id,
            title="Summary",
            kind=StepKind.RUNNABLE,
            role=Role.SUMMARY,
            lines=item.lines,
            memo_text=text,
            artifacts=(f"{OUTDIR}/{name}",),
            deviations=deviations,
        )

    return _Pending("summary", make)


def _assigned_names(text: str) -> list[str]:
    words = [t for t in tokens(text) if isinstance(t, Word)]
    return [pair[0] for w in words if (pair := assignment(w))]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "..."
