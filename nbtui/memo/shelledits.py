"""Shell text with single words exchanged, by the places bash's grammar gives them.

Everything between those words stays as the memo has it: quotes, pipes, line breaks, comments.
Here-documents are never touched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbtui.memo.aliases import Mapped, map_command, map_path, map_paths
from nbtui.memo.plan import Deviation
from nbtui.memo.shelltext import command_nodes, parsed, text_of, walk
from nbtui.memo.variables import peel
from nbtui.project import Aliases

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class Place:
    """A word and where it stands, in bytes of the text."""

    word: str
    """As written, quotes and all."""
    start: int
    end: int

    @property
    def bare(self) -> str:
        """The word without quotes around it."""
        return self.word.strip("\"'")


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes to be replaced."""

    start: int
    end: int
    text: str


def places(text: str) -> tuple[tuple[Place, ...], ...]:
    """Return the words of every simple command with their places.

    The commands are those of :func:`nbtui.memo.shelltext.commands`, in the same order, but
    for one without a name.
    """
    source = text.encode()
    found = (tuple(_place(n, source) for n in nodes) for nodes in command_nodes(text))
    return tuple(words for words in found if words[0].bare)


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with the edits made; they must not overlap."""
    data = text.encode()
    for edit in sorted(edits, key=lambda e: e.start, reverse=True):
        data = data[: edit.start] + edit.text.encode() + data[edit.end :]
    return data.decode()


def with_words(text: str, nth: int, at: int, count: int, new: Sequence[str]) -> str:
    """Return the text with ``count`` words of its ``nth`` command replaced from ``at`` on.

    Parameters
    ----------
    text
        Shell text.
    nth, at, count
        Which command, its first word to go (0 is the program), and how many go.
    new
        What comes instead, as it is to stand there; nothing to leave them out.
    """
    words = places(text)[nth]
    gone = words[at : at + count]
    if not gone:
        return text
    start = gone[0].start
    if not new and at:
        start = words[at - 1].end  # the white space before them goes too
    return spliced(text, [Edit(start, gone[-1].end, " ".join(new))])


def with_aliases(text: str, aliases: Aliases) -> tuple[str, tuple[Deviation, ...]]:
    """Return shell text in this project's words, each difference as a deviation.

    Programs, arguments, redirections and values of assignments are looked at, as they are in
    a command without a shell.
    """
    if not (aliases.commands or aliases.paths):
        return text, ()
    edits: list[Edit] = []
    deviations: list[Deviation] = []
    for words in places(text):
        _program(words, aliases, edits, deviations)
    source = text.encode()
    for target in (_place(node, source) for node in _targets(text)):
        _path(target, map_path(target.bare, aliases), edits, deviations)
    return spliced(text, edits), tuple(dict.fromkeys(deviations))


def _program(
    words: Sequence[Place], aliases: Aliases, edits: list[Edit], deviations: list[Deviation]
) -> None:
    bare = [w.bare for w in words]
    first = len(bare) - len(peel((), bare).words)
    if first == len(bare):
        return
    mapped = map_command(bare[first:], aliases)
    taken = 0
    if mapped.deviations:
        said = mapped.deviations[0]
        taken = len(said.memo_says.split())
        place = Edit(words[first].start, words[first + taken - 1].end, said.runs)
        edits.append(place)
        deviations.append(said)
    for word in words[first + taken :]:
        new: Mapped = map_paths((word.bare,), aliases)
        _path(word, new.words[0], edits, deviations)


def _path(word: Place, mapped: str, edits: list[Edit], deviations: list[Deviation]) -> None:
    if mapped == word.bare:
        return
    edits.append(Edit(word.start, word.end, word.word.replace(word.bare, mapped)))
    why = "[tool.nbtui.aliases] maps it to this project's layout"
    deviations.append(Deviation(memo_says=word.bare, runs=mapped, why=why))


def _targets(text: str) -> Iterable["Node"]:
    """Yield the files of redirections and the values of assignments."""
    root = parsed(text)
    for node in walk(root) if root is not None else ():
        name = {"file_redirect": "destination", "variable_assignment": "value"}.get(node.type)
        found = node.child_by_field_name(name) if name else None
        if found is not None and found.type in {"word", "string", "raw_string", "concatenation"}:
            yield found


def _place(node: "Node", source: bytes) -> Place:
    return Place(text_of(node, source), node.start_byte, node.end_byte)
