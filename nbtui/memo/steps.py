"""The bullets of a memo as steps, in order: settings, stages, questions, work by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from nbtui.memo.answers import proposal
from nbtui.memo.commandline import CommandLine, placeholders, resolve_command
from nbtui.memo.extract import Part, PartKind
from nbtui.memo.independence import is_independent, unmarked, without_marks
from nbtui.memo.leftovers import leftover
from nbtui.memo.model import Memo, SectionKey
from nbtui.memo.names import OUTDIR, Names
from nbtui.memo.plan import Deviation, LineSpan, Mention, Role, Step, StepKind
from nbtui.memo.programs import is_pytest, pytest_arguments
from nbtui.memo.shellwords import Word, assignment, expand_braces, tokens
from nbtui.memo.stages import make_stage, slug_of, without_results
from nbtui.memo.summary import find_summary, is_summary
from nbtui.memo.variables import Item
from nbtui.project import Settings

_ACTIVE = frozenset({PartKind.COMMAND, PartKind.QUESTION, PartKind.CHANGE})
_IN_ORDER = (SectionKey.HOW_TO, SectionKey.OTHER, SectionKey.DO_NOW, SectionKey.MAPPED_TESTS)


@dataclass(frozen=True, slots=True)
class _Pending:
    """A step that lacks only its id, which its position decides."""

    slug: str
    make: Callable[[str], Step]
    line: CommandLine | None = None
    text: str = ""


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
        """Return the steps: the How-To Map's, what only other sections add, the summary."""
        for key in _IN_ORDER:
            for item in (i for i in work if i.key is key):
                if key is SectionKey.HOW_TO:
                    self._item(item)
                else:
                    self._addition(item)
        stages = [p for p in self._pending if p.line is not None]
        if self._summary is None and stages:
            self._summary = self._implied_summary(work)
        pending = [*self._pending, *([self._summary] if self._summary else [])]
        return tuple(p.make(f"{n:02d}-{p.slug}") for n, p in enumerate(pending, 1))

    def _item(self, item: Item) -> None:
        """Add the steps of a bullet of the How-To Map."""
        parts = self._grouped(item)
        for group in parts:
            if group[0].kind is PartKind.SETTING and self._is_ours(group[0].text):
                self._setting(item, group)
            else:
                self._command(item, group[0])
        prose = [p for p in item.parts if p.kind is PartKind.PROSE]
        text = "\n".join(p.text for p in prose)
        if not text.strip():
            return
        if not parts:
            self._prose(item, item.text.strip(), item.lines)
            return
        if self._summary is None and is_summary(text):
            self._prose(item, text.strip(), item.lines)
            return
        asked = [r for p in prose if (r := leftover(without_marks(p.text), leads=p.leads))]
        if asked and parts:
            self._prose(item, "; ".join(asked), item.lines_of(prose[-1]))

    def _grouped(self, item: Item) -> list[list[Part]]:
        """Return the parts that become steps; settings of one bullet are one step."""
        groups: list[list[Part]] = []
        settings = [p for p in item.parts if p.kind is PartKind.SETTING and self._is_ours(p.text)]
        for part in item.parts:
            if part in settings:
                if part is settings[0]:
                    groups.append(settings)
            elif part.kind is not PartKind.PROSE:
                groups.append([part])
        return groups

    def _is_ours(self, text: str) -> bool:
        """Whether the tool does a setting itself: not a folder outside of the bundle."""
        paths = self._folders_of(text)
        if paths and placeholders(text):
            return False
        return all(p == OUTDIR or p.startswith(f"{OUTDIR}/") for p in paths)

    def _addition(self, item: Item) -> None:
        """Add what another section asks for, unless a step does the same already."""
        active = [p for p in item.parts if p.kind in _ACTIVE]
        settings = [p for p in item.parts if p.kind is PartKind.SETTING]
        if item.box and all(p.kind is not PartKind.COMMAND for p in active):
            self._prose(item, item.text.strip(), item.lines)
            return
        if item.key is SectionKey.OTHER and settings and not active:
            return
        for part in active:
            line = resolve_command(part.text, self.names, self.settings, part.cwd)
            mapped = item.key is SectionKey.MAPPED_TESTS
            if not any(_same(line, p.line, loosely=mapped) for p in self._pending if p.line):
                self._command(item, part)
        if active or item.key is SectionKey.MAPPED_TESTS:
            return
        if item.key is SectionKey.OTHER or not self._pending:
            self._prose(item, item.text.strip(), item.lines)

    def _setting(self, item: Item, parts: Sequence[Part]) -> None:
        told = dict.fromkeys(n for p in parts for n in _assigned_names(p.text))
        found = [p for part in parts for p in self._folders_of(part.text)]
        inside = (p.removeprefix(OUTDIR).strip("/") for p in found)
        self.folders.extend(f for f in inside if f and ".." not in f.split("/"))
        places = bool(found) or any(n.upper() in {"STAMP", "OUTDIR"} for n in told)
        if places:
            title = "STAMP, OUTDIR and folders"
        else:
            title = f"Environment: {', '.join(told)}" if told else "Shell settings"
        slug = "folders" if places else "environment"
        self._add(slug, item, title, Role.SETTING, lines=item.lines_of(parts[0]))

    def _folders_of(self, text: str) -> list[str]:
        """Return the folders that a ``mkdir`` makes, resolved."""
        words = [t for t in tokens(text.strip().removesuffix(".")) if isinstance(t, Word)]
        if not words or words[0].text != "mkdir":
            return []
        named = [w for w in words[1:] if not w.text.startswith("-")]
        return [self.names.resolve(p) for w in named for p in expand_braces(w)]

    def _command(self, item: Item, part: Part) -> None:
        lines = item.lines_of(part)
        line = resolve_command(part.text, self.names, self.settings, part.cwd)
        independent = is_independent(item.parts, part)
        asked = [part.question] if part.question else []
        if part.kind is PartKind.CHANGE:
            asked = ["which earlier command, with this change, is meant here?"]
        else:
            unsure = bool(asked)
            asked += [q for q in line.questions if not (unsure and q.startswith("may it run?"))]
        if part.kind in {PartKind.QUESTION, PartKind.CHANGE} or asked:
            before = next((p.text for p in reversed(self._pending) if p.text), "")
            self._add(
                "question",
                item,
                part.title or _short(part.text),
                Role.MANUAL,
                kind=StepKind.NEEDS_ANSWER,
                question="; ".join(dict.fromkeys(asked)),
                proposal=proposal(part, before),
                lines=lines,
                said=part.text if part.kind is not PartKind.CHANGE else "",
                independent=independent,
            )
            return

        def make(step_id: str) -> Step:
            stage = make_stage(
                line,
                step_id=step_id,
                title=unmarked(part.title) if independent else part.title,
                lines=lines,
                text=item.text,
                timeout_s=self.settings.stage_timeout_s,
            )
            return msgspec.structs.replace(stage, independent=independent)

        self._pending.append(_Pending(slug_of(line), make, line, part.text))

    def _prose(self, item: Item, text: str, lines: LineSpan) -> None:
        if is_summary(text) and self._summary is None:
            found = find_summary(self.memo, self.settings.aliases)
            self._summary = _summary_step(item.lines, item.text, found.name, found.deviations)
        else:
            self._add("manual", item, _short(text), Role.MANUAL, kind=StepKind.MANUAL, lines=lines,
                      text=text)  # fmt: skip

    def _implied_summary(self, work: Sequence[Item]) -> _Pending:
        """Return the summary that a memo with stages gets though it asks for none."""
        name = find_summary(self.memo, self.settings.aliases).name
        why = "every run ends with its figures, their sources and its provenance"
        added = Deviation(memo_says="no summary", runs=f"writes {name}", why=why)
        places = [i.lines for i in work if i.key in {SectionKey.HOW_TO, SectionKey.DO_NOW}]
        return _summary_step((places or [work[-1].lines])[-1], "", name, (added,))

    def _add(
        self,
        slug: str,
        item: Item,
        title: str,
        role: Role,
        *,
        lines: LineSpan,
        kind: StepKind = StepKind.RUNNABLE,
        question: str | None = None,
        proposal: str = "",
        said: str = "",
        text: str = "",
        independent: bool = False,
    ) -> None:
        def make(step_id: str) -> Step:
            return Step(
                id=step_id,
                title=title,
                kind=kind,
                role=role,
                lines=lines,
                memo_text=text or item.text,
                question=question,
                proposal=proposal,
                independent=independent,
            )

        self._pending.append(_Pending(slug, make, text=said))


def mentions(memo: Memo, work: Sequence[Item], steps: Sequence[Step]) -> tuple[Mention, ...]:
    """Return the commands of sections that hold no work: *If Blocked*, pitfalls, notes."""
    from nbtui.memo.variables import other_items  # noqa: PLC0415

    done = {i.lines.first for i in work}
    ran = {s.command.script or " ".join(s.command.argv): s.id for s in steps if s.command}
    found: list[Mention] = []
    for item in other_items(memo):
        for part in item.parts:
            if part.kind in {PartKind.COMMAND, PartKind.QUESTION} and item.lines.first not in done:
                source = memo.source(item.lines.first + part.line)
                step = ran.get(part.text, "")
                found.append(Mention(text=part.text, section=item.label, source=source, step=step))
    return tuple(found)


def _same(line: CommandLine, other: CommandLine, *, loosely: bool) -> bool:
    """Whether two commands are the same; loosely, whether they run the same tests."""
    if line.same_as(other):
        return True
    mine, theirs = dict(line.env), dict(other.env)
    # Do Now may leave out what the How-To Map spells out, as long as nothing contradicts it
    less = mine.items() <= theirs.items() or theirs.items() <= mine.items()
    if less and without_results(line.argv) == without_results(other.argv):
        return line.cwd == other.cwd
    if not loosely or not line.argv or not other.argv:
        return False
    if not (is_pytest(line.argv) and is_pytest(other.argv)):
        return line.argv == other.argv
    return pytest_arguments(line.argv) == pytest_arguments(other.argv) and (
        "--collect-only" in line.argv
    ) == ("--collect-only" in other.argv)


def _summary_step(
    lines: LineSpan, text: str, name: str, deviations: tuple[Deviation, ...]
) -> _Pending:
    def make(step_id: str) -> Step:
        return Step(
            id=step_id,
            title="Summary",
            kind=StepKind.RUNNABLE,
            role=Role.SUMMARY,
            lines=lines,
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
