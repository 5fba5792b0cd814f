"""The environment a memo asks for, and the shell variables it builds its paths on.

A variable counts as the run's environment when the memo exports it, or when a pitfall
demands that it be set for every command. A prefix such as ``CUDA_VISIBLE_DEVICES=-1`` that
nothing demands belongs to its own command.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from nbtui.memo.aliases import map_path
from nbtui.memo.blocks import code_spans
from nbtui.memo.extract import Part, PartKind, extract
from nbtui.memo.furniture import worded
from nbtui.memo.model import Bullet, Memo, Section, SectionKey
from nbtui.memo.names import Names, artifacts_place, spell_stamp
from nbtui.memo.plan import Deviation, LineSpan, Variable
from nbtui.memo.shellwords import Word, assignment, simple, tokens
from nbtui.project import Settings

_DEMAND = re.compile(r"\b(?:keep|set|export|env(?:ironment)?|missing)\b", re.IGNORECASE)
_FORBID = re.compile(r"\b(?:do not|don't|never|avoid|unset)\b", re.IGNORECASE)
_NAME = re.compile(r"([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=(\S+))?")
_WRAPPERS = frozenset({"env", "nohup", "time"})
DEFAULT_ROOT = "{reports}/memo/evidence"


class Given(StrEnum):
    """How a memo gives a variable its value."""

    EXPORT = "export"
    PREFIX = "prefix"
    SHELL = "shell"
    """``BASE=...``: a place to build paths on; no command sees it."""
    DEMAND = "demand"
    """A pitfall says so; the value may be missing."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """One place where the memo sets or demands a variable."""

    name: str
    value: str | None
    given: Given
    line: int


@dataclass(frozen=True, slots=True)
class Item:
    """A bullet (or inline text) that holds work, taken apart."""

    key: SectionKey
    text: str
    lines: LineSpan
    parts: tuple[Part, ...]
    label: str = ""
    box: bool = False
    """Whether it is a box to tick: ``- [ ] ...``."""

    def lines_of(self, part: Part) -> LineSpan:
        """Return the memo's lines from a part to the next one: together they are the item's."""
        at = self.parts.index(part)
        first = self.lines.first if at == 0 else self.lines.first + part.line
        following = (p.line for p in self.parts[at + 1 :] if p.line > part.line)
        ahead = next(following, None)
        last = self.lines.last if ahead is None else self.lines.first + ahead - 1
        return LineSpan(min(first, self.lines.last), max(min(last, self.lines.last), first))


_WORK_LABEL = re.compile(
    r"^(?:(?:reference|key|exact|useful|full|canonical|authoritative|mapped|required) )?commands?"
    r"(?: (?:recap|list|reference|summary|sequence|block|bundle|map|order))?$"
    r"|^execution (?:outline|steps|plan|order|sequence|notes)$|^run (?:order|sequence|plan|book)$"
    r"|^(?:step[- ]by[- ]step|procedure|runbook|recipe|workflow|steps|validation order)\b",
    re.IGNORECASE,
)
_NONE = re.compile(r"^\W*(?:none|n/a|not applicable|no tests?)\b", re.IGNORECASE)


def items(memo: Memo) -> tuple[Item, ...]:
    """Return the bullets that hold work, each with its parts.

    Do Now first, then the How-To Map, sections of another name that list commands or boxes
    to tick, and last the mapped tests where they are written as commands.
    """
    found: list[Item] = []
    for section in (*memo.all(SectionKey.DO_NOW), *memo.all(SectionKey.HOW_TO)):
        found.extend(_items(section))
    if not found:
        # no label says where the work is: whatever stands there may be it
        for section in memo.all(SectionKey.PREAMBLE):
            found.extend(replace(i, key=SectionKey.HOW_TO) for i in _items(section))
    for section in memo.all(SectionKey.OTHER):
        work = _WORK_LABEL.search(section.label) is not None
        boxes = {b.lines.first for b in section.bullets if _is_box(memo, b)}
        for item in _items(section):
            box = item.lines.first in boxes
            if work or box:
                found.append(replace(item, box=box))
    for section in memo.all(SectionKey.MAPPED_TESTS):
        if not _NONE.match(section.text):
            found.extend(_items(section))
    return tuple(found)


def other_items(memo: Memo) -> tuple[Item, ...]:
    """Return the bullets of all sections that may name a command without asking for it."""
    keys = {SectionKey.IF_BLOCKED, SectionKey.PITFALLS, SectionKey.OTHER, SectionKey.NEXT_UP,
            SectionKey.PRIORITIES, SectionKey.PREAMBLE}  # fmt: skip
    return tuple(i for s in memo.sections if s.key in keys for i in _items(s))


def _items(section: Section) -> list[Item]:
    label, asked = section.label, section.key is SectionKey.DO_NOW
    texts = [(b.text, b.lines) for b in worded(section.bullets)]
    if section.text:
        span = LineSpan(section.lines.first, section.lines.first)
        texts.insert(0, (section.text, span))
    return [Item(section.key, t, at, extract(t, asked=asked), label) for t, at in texts]


def _is_box(memo: Memo, bullet: Bullet) -> bool:
    line = memo.lines[bullet.lines.first - 1]
    return re.match(r"\s*(?:[-*+•]|\d+[.)])\s+\[[ xX]?\]", line) is not None


def assigned(memo: Memo, work: Sequence[Item]) -> tuple[Assigned, ...]:
    """Return every assignment and demand, in the memo's order within each kind."""
    found: list[Assigned] = []
    for item in work:
        for part in item.parts:
            line = item.lines.first + part.line
            if part.kind is PartKind.SETTING:
                found.extend(_settings(part.text, line))
            elif part.kind in {PartKind.COMMAND, PartKind.QUESTION}:
                found.extend(_prefixes(part.text, line))
    for bullet in memo.bullets(SectionKey.PITFALLS):
        found.extend(_demands(bullet.text, bullet.lines.first))
    return tuple(found)


def environment(
    found: Iterable[Assigned], memo: Memo, names: Names, settings: Settings
) -> tuple[tuple[Variable, ...], tuple[Deviation, ...]]:
    """Return the run's environment and the aliases that its values needed."""
    found = tuple(found)
    wanted = dict.fromkeys(
        a.name for a in found if a.given in {Given.EXPORT, Given.DEMAND} and not _owned(a.name)
    )
    variables: list[Variable] = []
    deviations: list[Deviation] = []
    for name in wanted:
        given = [a for a in found if a.name == name]
        first = next((a for a in given if a.value is not None), given[0])
        value = None if first.value is None else names.resolve(first.value)
        if value is not None and (mapped := map_path(value, settings.aliases)) != value:
            deviations.append(
                Deviation(
                    memo_says=f"{name}={value}",
                    runs=f"{name}={mapped}",
                    why="[tool.nbtui.aliases] maps it to this project's layout",
                )
            )
            value = mapped
        variables.append(Variable(name=name, value=value, source=memo.source(first.line)))
    return tuple(variables), tuple(deviations)


def conflicts(found: Iterable[Assigned]) -> tuple[tuple[Assigned, Assigned], ...]:
    """Return, per variable, the first two places that give it different values."""
    pairs: list[tuple[Assigned, Assigned]] = []
    first: dict[str, Assigned] = {}
    told: set[str] = set()
    for a in found:
        if a.value is None or a.given is Given.SHELL or _owned(a.name):
            continue
        before = first.setdefault(a.name, a)
        if before.value != a.value and a.name not in told:
            told.add(a.name)
            pairs.append((before, a))
    return tuple(pairs)


def names_of(memo: Memo, found: Iterable[Assigned], settings: Settings) -> tuple[Names, bool]:
    """Return the owned names, and whether the memo says where artifacts go."""
    found = tuple(found)
    values = {
        a.name: spell_stamp(a.value)
        for a in found
        if a.value is not None and a.given in {Given.SHELL, Given.EXPORT}
    }
    paths = [p for s in memo.all(SectionKey.ARTIFACTS) for p in _paths(s.whole())]
    paths += values.values()
    place = artifacts_place(paths, settings.reports)
    exported = frozenset(
        a.name for a in found if a.given in {Given.EXPORT, Given.DEMAND} and not _owned(a.name)
    )
    if place is None:
        root = DEFAULT_ROOT.format(reports=settings.reports)
        return Names(root, values, exported=exported), False
    leaf = place.leaf or "$STAMP"
    return Names(place.root, values, bool(place.leaf), leaf, exported), True


def _paths(text: str) -> list[str]:
    return [p for p in re.split(r"[\s,;`]+", spell_stamp(text)) if "/" in p]


def _owned(name: str) -> bool:
    return name.upper() in {"STAMP", "OUTDIR"}


def _settings(text: str, line: int) -> list[Assigned]:
    exported = text.lstrip().startswith("export")
    given = Given.EXPORT if exported else Given.SHELL
    words = [t for t in tokens(text) if isinstance(t, Word)]
    pairs = [pair for w in words if (pair := assignment(w))]
    if not exported and words and words[0].text.lower() == "set":
        given = Given.EXPORT  # `set A_B=1`: the memo speaks of the environment
    return [Assigned(name, value.rstrip(".,;"), given, line) for name, value in pairs]


def _prefixes(text: str, line: int) -> list[Assigned]:
    command = simple(spell_stamp(text))
    return [
        Assigned(n, v, Given.PREFIX, line) for n, v in peel(command.assignments, command.words).env
    ]


@dataclass(frozen=True, slots=True)
class Peeled:
    """A command without the wrappers that only set its environment or a deadline."""

    env: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    timeout: str | None = None
    timer: str | None = None
    """A ``time`` before the command, as written."""


def peel(assignments: Sequence[tuple[str, str]], words: Sequence[str]) -> Peeled:
    """Take ``env A=b``, ``timeout N`` and ``/usr/bin/time -v`` off a command."""
    env = list(assignments)
    rest = list(words)
    timeout: str | None = None
    timer: str | None = None
    while rest:
        name = rest[0].rsplit("/", maxsplit=1)[-1]
        pair = re.match(r"([A-Za-z_]\w*)=(.*)$", rest[0], re.DOTALL)
        if pair:
            env.append((pair[1], pair[2]))
            del rest[0]
        elif name == "timeout" and len(rest) > 2 and re.fullmatch(r"\d+(?:\.\d+)?[smhd]?", rest[1]):
            timeout = rest[1]
            del rest[:2]
        elif name in _WRAPPERS and len(rest) > 1:
            wrapper = rest.pop(0)
            if name == "time":
                timer = f"{wrapper} {rest.pop(0)}" if rest[0] in {"-v", "-p"} else wrapper
        else:
            break
    return Peeled(tuple(env), tuple(rest), timeout, timer)


def _demands(text: str, line: int) -> list[Assigned]:
    if not _DEMAND.search(text) or _FORBID.search(text):
        return []
    found = [m for span in code_spans(text) for m in _NAME.finditer(span)]
    found = found or [m for m in _NAME.finditer(text) if m[2]]
    return [Assigned(m[1], m[2], Given.DEMAND, line) for m in found]
