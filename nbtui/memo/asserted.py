"""Thresholds that a script or a test holds itself, read from its source; nothing of it runs.

``assert corr >= 0.95``, ``--threshold`` with ``default=0.95``, ``MIN_CORR = 0.95``: each with
the line it stands on, so that a tool which calls less a pass is seen to do so.
"""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtui.memo.plan import Comparison, Role, Step
from nbtui.memo.programs import PYTHONS, pytest_arguments

Read = Callable[[str], str | None]
"""Returns the text of a project's file; ``None`` where there is none."""

_METRICS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("sum_ratio_deviation", re.compile(r"abs\(.*ratio.*-\s*1(?:\.0)?\)")),
    ("correlation", re.compile(r"(?<![a-z])corr(?:elation|coef)?s?(?![a-z])")),
    ("relative_l2", re.compile(r"relative_l2")),
    ("rmse", re.compile(r"(?<![a-z])rmse(?![a-z])")),
    ("max_abs_diff", re.compile(r"max_abs(?:olute)?_diff")),
    ("matched_fraction", re.compile(r"match(?:ed|ing)?_(?:fraction|ratio)")),
    ("speedup_warm", re.compile(r"speed_?up")),
)
_AT_LEAST = frozenset({"correlation", "matched_fraction", "speedup_warm"})
_OPTION = re.compile(r"--(?:(?:min[-_])?corr(?:elation)?(?:[-_]threshold)?|threshold)$")
_ORDERS = (ast.Gt, ast.GtE, ast.Lt, ast.LtE)
_MOST_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Asserted:
    """A threshold in a program's source."""

    metric: str
    comparison: Comparison
    value: float
    source: str
    """``file:line``."""


def reader(root: Path) -> Read:
    """Return what reads a project's files; nothing outside of it, no overlong ones."""
    inside = root.resolve()

    def read(name: str) -> str | None:
        path = (root / name).resolve()
        try:
            if not path.is_relative_to(inside) or path.stat().st_size > _MOST_CHARACTERS:
                return None
            return path.read_text("utf-8")
        except (OSError, ValueError):
            return None

    return read


def asserted(step: Step, read: Read) -> tuple[Asserted, ...]:
    """Return the thresholds that a step's program holds itself, as far as its source tells."""
    argv = step.command.argv if step.command and step.command.script is None else ()
    if step.role is Role.PYTEST and argv:
        nodes, _ = pytest_arguments(argv)
        found = [s for node in nodes for s in _of_node(node, read)]
    elif step.role in {Role.COMPARE, Role.BENCHMARK}:
        scripts = [w for w in argv[:2] if w.endswith(".py")]
        if argv and argv[0].rsplit("/", maxsplit=1)[-1] not in PYTHONS:
            scripts = scripts[:1]
        found = [s for script in scripts[:1] for s in _of_script(script, read)]
    else:
        found = []
    return tuple(dict.fromkeys(found))


def _of_script(name: str, read: Read) -> Iterator[Asserted]:
    tree = _parsed(name, read)
    if tree is None:
        return
    constants = _constants(tree.body)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _default(node, constants, name)
        elif isinstance(node, ast.Assert):
            yield from _compared(node, constants, name)


def _of_node(node: str, read: Read) -> Iterator[Asserted]:
    """Yield what a test asserts, also in functions of its own file that it calls."""
    name, *path = node.split("::")
    tree = _parsed(name, read)
    if tree is None or not path:
        return
    body: Sequence[ast.stmt] = tree.body
    constants = _constants(body)
    found: ast.stmt | None = None
    for part in path:
        found = next((s for s in body if _is_called(s, part.partition("[")[0])), None)
        if not isinstance(found, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            return
        body = found.body
        constants |= _constants(body) if isinstance(found, ast.ClassDef) else {}
    if found is None:
        return
    called = {n.id for n in ast.walk(found) if isinstance(n, ast.Name)}
    helpers = [s for s in tree.body if isinstance(s, ast.FunctionDef) and s.name in called]
    for part_of in (found, *helpers):
        for inner in ast.walk(part_of):
            if isinstance(inner, ast.Assert):
                yield from _compared(inner, constants, name)


def _parsed(name: str, read: Read) -> ast.Module | None:
    text = read(name)
    try:
        return ast.parse(text) if text is not None else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_called(statement: ast.stmt, name: str) -> bool:
    return getattr(statement, "name", None) == name


def _constants(body: Sequence[ast.stmt]) -> dict[str, float]:
    """Return the numbers that plain assignments give a name."""
    found: dict[str, float] = {}
    for statement in body:
        if isinstance(statement, ast.Assign):
            targets: list[ast.expr] = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        value = _number(statement.value, {}) if statement.value is not None else None
        names = (t.id for t in targets if isinstance(t, ast.Name))
        found.update({n: value for n in names if value is not None})
    return found


def _number(node: ast.expr | None, constants: dict[str, float]) -> float | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return None if isinstance(node.value, bool) else float(node.value)
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.Attribute):
        return constants.get(node.attr)
    return None


def _default(call: ast.Call, constants: dict[str, float], name: str) -> Iterator[Asserted]:
    """Yield the default of an option that names a least correlation."""
    words = [a.value for a in call.args if isinstance(a, ast.Constant)]
    if not any(isinstance(w, str) and _OPTION.match(w) for w in words):
        return
    for keyword in call.keywords:
        value = _number(keyword.value, constants) if keyword.arg == "default" else None
        if value is not None:
            source = f"{name}:{keyword.value.lineno}"
            yield Asserted("correlation", Comparison.AT_LEAST, value, source)


def _compared(statement: ast.Assert, constants: dict[str, float], name: str) -> Iterator[Asserted]:
    for node in ast.walk(statement.test):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for left, order, right in zip(sides, node.ops, sides[1:], strict=False):
            if not isinstance(order, _ORDERS):
                continue
            for words, value, grows in (
                (left, _number(right, constants), isinstance(order, ast.Gt | ast.GtE)),
                (right, _number(left, constants), isinstance(order, ast.Lt | ast.LtE)),
            ):
                metric = _metric(words) if value is not None else ""
                # `1 >= corr` bounds a figure on its harmless side
                if value is not None and metric and (metric in _AT_LEAST) is grows:
                    comparison = Comparison.AT_LEAST if grows else Comparison.AT_MOST
                    yield Asserted(metric, comparison, value, f"{name}:{node.lineno}")


def _metric(node: ast.expr) -> str:
    words = ast.unparse(node).lower()
    found = [(m.start(), metric) for metric, p in _METRICS if (m := p.search(words))]
    return min(found)[1] if found else ""
