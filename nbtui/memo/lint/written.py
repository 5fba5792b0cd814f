"""The experiment that is written into a script or a test, read from its source.

A benchmark whose wavelength stands in its source simulates that wavelength, whatever the
memo compares beside it. Only what is said once and plainly counts: two values for one
parameter, or a value that is computed, are not known.
"""

import ast
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtui.memo.cases import grouped
from nbtui.memo.lint.asking.source import parsed

FLAGS = frozenset(
    {
        "-N", "-Na", "-Nb", "-Nc", "-cell", "-mat", "-misset", "-hkl", "-default_F", "-lambda",
        "-wave", "-energy", "-distance", "-close_distance", "-pixel", "-detpixels",
        "-detpixels_f", "-detpixels_s", "-detpixels_x", "-detpixels_y", "-detsize", "-Xbeam",
        "-Ybeam", "-oversample", "-phi", "-osc", "-phisteps", "-mosaic", "-mosaic_dom", "-polar",
        "-fluence", "-flux", "-exposure", "-beamsize", "-twotheta", "-detector_rotx",
        "-detector_roty", "-detector_rotz", "-water", "-dmin", "-dispersion",
    }
)  # fmt: skip
"""nanoBragg's physics arguments (specification section 3.4) that scripts spell out."""

_NAMES: Mapping[str, str] = {
    "wavelength": "-lambda", "wavelength_a": "-lambda", "wavelength_angstrom": "-lambda",
    "lambda_a": "-lambda", "lambda_angstrom": "-lambda",
    "distance_mm": "-distance", "close_distance_mm": "-close_distance",
    "pixel_size_mm": "-pixel", "pixel_mm": "-pixel",
    "default_f": "-default_F", "n_cells": "-N", "ncells": "-N",
    "oversample": "-oversample", "phi_deg": "-phi", "phi_start_deg": "-phi",
    "osc_range_deg": "-osc", "phi_steps": "-phisteps", "mosaic_spread_deg": "-mosaic",
    "mosaic_domains": "-mosaic_dom", "twotheta_deg": "-twotheta",
    "detector_twotheta_deg": "-twotheta", "detector_rotx_deg": "-detector_rotx",
    "detector_roty_deg": "-detector_roty", "detector_rotz_deg": "-detector_rotz",
    "beamsize_mm": "-beamsize", "fluence": "-fluence", "flux": "-flux",
}  # fmt: skip
"""Keyword arguments and variables of ports, with their unit in the name, as flags."""

_CELL = ("cell_a", "cell_b", "cell_c", "cell_alpha", "cell_beta", "cell_gamma")


@dataclass(frozen=True, slots=True)
class Written:
    """Arguments by flag, each with the line where it stands."""

    path: str
    values: dict[str, tuple[str, ...]]
    lines: dict[str, int]

    def source(self, flag: str) -> str:
        """Return ``file:line`` of a value."""
        return f"{self.path}:{self.lines[flag]}"


def in_script(root: Path, path: str) -> Written | None:
    """Return the experiment in a script's source; ``None`` when none can be read off."""
    tree = parsed(root / path)
    return _read(tree, path, {}) if tree is not None else None


def in_test(root: Path, node: str, cases: Mapping[str, Sequence[str]]) -> Written | None:
    """Return the experiment in the body of a test function, or of the case that it names."""
    file, *names = node.split("::")
    tree: ast.AST | None = parsed(root / file)
    for name in names:
        plain = name.partition("[")[0]
        body = getattr(tree, "body", [])
        tree = next((n for n in body if getattr(n, "name", None) == plain), None)
    return _read(tree, file, cases) if tree is not None and names else None


def _read(tree: ast.AST, path: str, cases: Mapping[str, Sequence[str]]) -> Written | None:
    found: dict[str, dict[tuple[str, ...], int]] = {}
    for flag, operands, line in _said(tree, cases):
        found.setdefault(flag, {}).setdefault(operands, line)
    plain = {flag: next(iter(v.items())) for flag, v in found.items() if len(v) == 1}
    if not plain:
        return None
    values = {flag: operands for flag, (operands, _) in plain.items()}
    return Written(path, values, {flag: line for flag, (_, line) in plain.items()})


def _said(
    tree: ast.AST, cases: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, tuple[str, ...], int]]:
    silent = _docstrings(tree)
    cell: dict[str, tuple[str, int]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.List | ast.Tuple):
            yield from _flags([_constant(e) for e in node.elts], node.lineno)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in silent:
            line = node.lineno
            if node.value in cases:
                yield from _flags(list(cases[node.value]), line)
            elif " -" in node.value:
                yield from _flags(_split(node.value), line)
        for name, value, line in _named(node):
            if name in _CELL:
                cell.setdefault(name, (value[0], line))
            elif (flag := _NAMES.get(name)) is not None:
                yield from _flags([flag, *_once(flag, value)], line)
    if len(cell) == len(_CELL):
        yield from _flags(["-cell", *(cell[n][0] for n in _CELL)], cell["cell_a"][1])


def _flags(words: Sequence[str | None], line: int) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Yield the flags in a list of words whose operands are all constants."""
    for at, word in enumerate(words):
        if word not in FLAGS:
            continue
        operands: list[str] = []
        for operand in words[at + 1 :]:
            if operand is None:
                operands = []
                break
            if _number(operand) is None and (operand.startswith("-") or operands):
                break
            operands.append(operand)
        if operands:
            group = next(iter(grouped([word, *operands])))
            yield word, group[1:], line


def _named(node: ast.AST) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Yield keyword arguments, assignments and dictionary entries with constant values."""
    if isinstance(node, ast.keyword) and node.arg:
        pairs = [(node.arg, node.value)]
    elif isinstance(node, ast.Assign):
        pairs = [(_target(t), node.value) for t in node.targets]
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        pairs = [(_target(node.target), node.value)]
    elif isinstance(node, ast.Dict):
        keys = [k.value if isinstance(k, ast.Constant) else "" for k in node.keys]
        pairs = [(str(k), v) for k, v in zip(keys, node.values, strict=True)]
    else:
        return
    for name, value in pairs:
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
        words = [_constant(p) for p in parts]
        if words and all(w is not None and _number(w) is not None for w in words):
            line = getattr(value, "lineno", 0)
            yield name.lower(), tuple(w for w in words if w is not None), line


def _target(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _once(flag: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the one number of ``N_cells=(5, 5, 5)``."""
    return values[:1] if flag == "-N" and len(set(values)) == 1 else values


def _constant(node: ast.expr) -> str | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _constant(node.operand)
        return None if inner is None else f"-{inner}"
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float):
        return str(node.value)
    return None


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text[:10_000])
    except ValueError:
        return text[:10_000].split()


def _docstrings(tree: ast.AST) -> set[ast.AST]:
    return {n.value for n in ast.walk(tree) if isinstance(n, ast.Expr)}
