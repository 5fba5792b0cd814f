"""Shell text taken apart by bash's grammar (tree-sitter), without ever running any of it.

Says whether a text is whole, which commands it holds, what it writes, and where it can be
cut into commands that may run one after the other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_REDIRECTS = frozenset({">", ">>", ">|", "&>", "&>>"})
_LONGEST = 20_000
"""Characters; what is longer is no command."""
_DEEPEST = 4
"""Subshells inside subshells that are opened."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One command out of a list of them."""

    text: str
    cwd: str = ""
    """The folder that a ``cd`` before it went to, as written; empty for none."""


def is_whole(text: str) -> bool:
    """Whether bash would understand the text: no open quote, no stray parenthesis."""
    root = parsed(text)
    return root is not None and not root.has_error and root.named_child_count > 0


def pieces(text: str) -> tuple[Piece, ...]:
    """Return the commands of a list ``a; b && c``, each with the folder it would run in.

    What belongs together stays together: ``a || b``, loops, pipes, a subshell whose output
    goes somewhere. Text that is not whole comes back as it is.
    """
    return tuple(_in_folders(_cut(text, _DEEPEST)))


def commands(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of every simple command in the text, as written, assignments left out.

    Commands inside loops, subshells, pipes and substitutions are among them.
    """
    source = text.encode()
    return tuple(tuple(text_of(n, source) for n in nodes) for nodes in command_nodes(text))


def writes(text: str) -> tuple[str, ...]:
    """Return the files that redirections and ``tee`` would write, as written."""
    root = parsed(text)
    if root is None:
        return ()
    found: list[str] = []
    source = text.encode()
    for node in walk(root):
        if node.type == "file_redirect" and any(c.type in _REDIRECTS for c in node.children):
            target = node.child_by_field_name("destination")
            if target is not None and target.type in {"word", "string", "concatenation"}:
                found.append(text_of(target, source))
        elif (words := _words(node, source)) and words[0].rsplit("/", maxsplit=1)[-1] == "tee":
            found.extend(w for w in words[1:] if not w.startswith("-"))
    return tuple(dict.fromkeys(found))


def variables(text: str) -> tuple[str, ...]:
    """Return the variables that bash would expand and the text itself does not set.

    What stands in single quotes or in a quoted here-document is no variable; ``$?`` and its
    like are among the names.
    """
    root = parsed(text)
    if root is None:
        return ()
    used: list[str] = []
    own: set[str] = set()
    source = text.encode()
    for node in walk(root):
        if node.type == "variable_assignment" and node.parent is not None:
            name = node.child_by_field_name("name")
            # `A=1 command $A` sets A for the command, not for its words
            if name is not None and node.parent.type != "command":
                own.add(text_of(name, source))
        elif node.type == "for_statement":
            name = node.child_by_field_name("variable")
            own.add(text_of(name, source) if name is not None else "")
        elif node.type == "command" and (words := _words(node, source))[:1] == ("read",):
            own.update(w for w in words[1:] if not w.startswith("-"))
        elif node.type == "simple_expansion" or (
            node.type == "expansion" and not any(c.type.startswith(":") for c in node.children)
        ):
            used.extend(text_of(c, source).partition("[")[0] for c in node.named_children[:1])
    return tuple(dict.fromkeys(n for n in used if n not in own))


@cache
def _parser() -> "Parser":
    import tree_sitter_bash  # noqa: PLC0415  # start-up stays free of it
    from tree_sitter import Language, Parser  # noqa: PLC0415

    return Parser(Language(tree_sitter_bash.language()))


def parsed(text: str) -> "Node | None":
    """Return the root of the syntax tree; ``None`` for nothing and for overlong text.

    Its nodes know their places in the text's bytes; what stands there :func:`text_of` tells.
    """
    if len(text) > _LONGEST or not text.strip():
        return None
    # The grammar looks each character up in a table of 256, and reads far behind it for an emoji.
    plain = _BEYOND.sub(lambda m: _STANDS_IN[len(m[0].encode())], text)
    return _parser().parse(plain.encode()).root_node


_BEYOND = re.compile(r"[^\x00-\xff]")
_STANDS_IN = {2: "×", 3: "×\x7f", 4: "××"}
"""What is as long in UTF-8, and no letter, blank or sign of the shell's either."""


def text_of(node: "Node", source: bytes) -> str:
    """Return what a node stands for in the text that was parsed."""
    return source[node.start_byte : node.end_byte].decode()


def walk(root: "Node") -> Iterator["Node"]:
    """Yield a node and everything below it, in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.named_children))


def command_nodes(text: str) -> tuple[tuple["Node", ...], ...]:
    """Return the nodes of the words of every simple command; see :func:`commands`."""
    root = parsed(text)
    found = (_word_nodes(node) for node in walk(root)) if root is not None else ()
    return tuple(nodes for nodes in found if nodes)


def _words(node: "Node", source: bytes) -> tuple[str, ...]:
    """Return the words of a simple command; empty for any other node."""
    return tuple(text_of(c, source) for c in _word_nodes(node))


def _word_nodes(node: "Node") -> tuple["Node", ...]:
    if node.type in {"declaration_command", "unset_command", "test_command"}:
        return tuple(node.children[:1])
    if node.type != "command":
        return ()
    kept = (c for c in node.named_children if c.type not in {"variable_assignment", "comment"})
    return tuple(c for c in kept if "redirect" not in c.type)


def _cut(text: str, depth: int) -> Iterator[str]:
    """Yield the commands of a text, ``depth`` subshells deep at most."""
    root = parsed(text)
    if root is None or root.has_error or any(c.type == "&" for c in root.children):
        if text.strip():
            yield text.strip()
        return
    source = text.encode()
    for node in root.named_children:
        if node.type == "subshell" and depth:
            yield from _subshell(node, source, depth - 1)
        elif node.type != "comment":
            yield from _links(node, source)


def _links(node: "Node", source: bytes) -> Iterator[str]:
    """Yield the links of a chain ``a && b && c``; anything else as it is."""
    edges = [node.start_byte, node.end_byte]
    chain = node
    if node.type == "redirected_statement":
        # the grammar hangs `a && b > c` under one redirection; bash gives it to b
        chain = node.child_by_field_name("body") or node
    documents = any(c.type.startswith("heredoc") for c in walk(chain))
    while chain.type == "list" and not documents:
        sign = next(c for c in chain.children if not c.is_named)
        if sign.type != "&&":
            edges = [node.start_byte, node.end_byte]
            break
        edges[1:1] = [sign.start_byte, sign.end_byte]
        chain = chain.children[0]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yield source[start:end].decode().strip()


def _subshell(node: "Node", source: bytes, depth: int) -> Iterator[str]:
    inner = source[node.start_byte + 1 : node.end_byte - 1].decode()
    found = list(_cut(inner, depth))
    if any(t == "cd" or t.startswith("cd ") for t in found[1:]):
        yield source[node.start_byte : node.end_byte].decode()
        return
    yield from found
    if found and found[0].startswith("cd "):
        yield "cd"


def _in_folders(found: Iterator[str]) -> Iterator[Piece]:
    folder = ""
    for text in found:
        first, _, rest = text.partition(" ")
        if first == "cd" and not any(c in rest for c in ";|&<>()\n"):
            folder = _joined(folder, rest.strip())
        elif text:
            yield Piece(text, folder)


def _joined(before: str, name: str) -> str:
    if not name or name == "-" or not before or name.startswith(("/", "$", '"$')):
        return "" if name in {"", "-"} else name
    return f"{before}/{name}"
