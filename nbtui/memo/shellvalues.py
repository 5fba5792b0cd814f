"""The run's own variables in shell text: the shell fills them in, each as one piece.

A path may hold blanks, quotes, dollar signs. Pasted into shell text it would be read once
more, as words and as orders. The stage has the variables in its environment, so the text
names them instead, in double quotes wherever the shell would split their value.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nbtui.errors import PlanError
from nbtui.memo import shelltext
from nbtui.memo.plan import SHELL, resolve
from nbtui.memo.wrappers import text_at, unwrapped

if TYPE_CHECKING:
    from tree_sitter import Node

_PLAIN = re.compile(r"[\w@%+=:,./-]*")
"""What every shell reads as one word and as itself."""
_WHOLE = frozenset({"string", "heredoc_body", "arithmetic_expansion"})
"""Where no shell splits a value."""
_AFRESH = frozenset({"command_substitution", "process_substitution"})
"""What is quoted around them does not reach into them."""

_FORGETS = frozenset({"-", "-i", "--ignore-environment", "-u", "--unset"})
"""Words of ``env`` behind which a variable may be gone."""

Edit = tuple[int, int, str]


def filled(argv: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the words of a command with ``$NAME`` replaced for the names given.

    Shell text under :data:`nbtui.memo.plan.SHELL` stays as it is, since the shell finds the
    names in its environment. Where a value is more than plain characters, they are quoted in
    it, and the text of any other ``sh -c`` is left to its shell too.

    Raises
    ------
    PlanError
        The shell that is to fill them in is started without its environment (``env -i``).
    """
    shell, at = tuple(argv[:-1]) == SHELL, text_at(argv)
    delicate = not all(_PLAIN.fullmatch(value) for value in values.values())
    if delicate and at is not None and _forgets(argv) and resolve(argv[at], values) != argv[at]:
        # Empty there, $OUTDIR/x would be /x.
        raise PlanError(
            "env takes the run's folder from the shell that is to read its name",
            where=" ".join(argv[:at]),
            fix="leave env's -i or -u out, or put the project below a path without blanks and "
            "quotes",
        )

    def word(number: int, text: str) -> str:
        if number != at or not (shell or delicate):
            return resolve(text, values)
        return in_one_piece(text, values, literal=shell) if delicate else text

    return tuple(word(n, text) for n, text in enumerate(argv))


def _forgets(argv: Sequence[str]) -> bool:
    """Return whether a variable may be gone behind the words before a shell."""
    before = argv[: len(argv) - len(unwrapped(argv))]
    names = [PurePosixPath(word).name for word in before]
    return "env" in names and not _FORGETS.isdisjoint(before[names.index("env") :])


def in_one_piece(text: str, names: Iterable[str], *, literal: bool = True) -> str:
    """Return shell text in which no value of the variables named is split or read again.

    Text that is not understood, in here-documents and in double quotes stays as it is.

    Parameters
    ----------
    text, names
        What a shell will read, and variables of its environment.
    literal
        Whether a name in single quotes is meant as it stands; else its value is meant, as in
        the text of a memo's ``sh -c "... '$OUTDIR' ..."``.
    """
    root = shelltext.parsed(text)
    if root is None or root.has_error:
        return text
    wanted = frozenset(names)
    source = text.encode()
    for start, end, new in _outermost(_edits(root, source, wanted, literal=literal)):
        source = source[:start] + new.encode() + source[end:]
    return source.decode()


def _outermost(edits: Iterable[Edit]) -> list[Edit]:
    """Return the edits from the last one back; of ``${OUTDIR:-$STAMP}`` all is quoted as one."""
    kept: list[Edit] = []
    for edit in sorted(edits):
        if not kept or edit[0] >= kept[-1][1]:
            kept.append(edit)
    return kept[::-1]


def _edits(root: "Node", source: bytes, names: frozenset[str], *, literal: bool) -> Iterator[Edit]:
    spelled = re.compile(rf"\$(?:\{{({'|'.join(names)})\}}|({'|'.join(names)})(?!\w))")
    for node in shelltext.walk(root):
        shown = shelltext.text_of(node, source)
        if node.type in {"simple_expansion", "expansion"}:
            name = [shelltext.text_of(n, source) for n in node.named_children[:1]]
            if names.issuperset(name) and name and not _whole(node):
                yield node.start_byte, node.end_byte, f'"{shown}"'
        elif node.type == "raw_string" and not literal and spelled.search(shown):
            new = spelled.sub(lambda m: f"'\"${{{m[1] or m[2]}}}\"'", shown)
            yield node.start_byte, node.end_byte, new


def _whole(node: "Node") -> bool:
    """Whether a variable stands where its value is not split."""
    around = node.parent
    while around is not None and around.type not in _AFRESH:
        if around.type in _WHOLE:
            return True
        around = around.parent
    return False
