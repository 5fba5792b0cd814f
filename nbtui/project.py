"""The project around a run: its root folder and ``[tool.nbtui]`` of its pyproject.toml."""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from nbtui.errors import ConfigError

PYPROJECT = "pyproject.toml"
TABLE = "tool.nbtui"


class Aliases(msgspec.Struct, frozen=True):
    """How words of a foreign memo read in this project; each use is a deviation."""

    commands: dict[str, str] = msgspec.field(default_factory=dict)
    """Leading words of a command: ``python scripts/nb_compare.py`` to ``nb-compare``."""
    paths: dict[str, str] = msgspec.field(default_factory=dict)
    """Whole paths, or path prefixes where the key ends with a slash."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[tool.nbtui]`` with its defaults."""

    aliases: Aliases = Aliases()
    venv: str = ".venv"
    """The expected virtual environment, relative to the root."""
    reports: str = "reports"
    """Where bundles go, relative to the root."""
    strategy: str = "docs/development/testing_strategy.md"
    """The document whose table of thresholds binds (section 2.5)."""
    floor: str = "docs/development/floor.json"
    """What nb-floor measured: how far the reference moves by a rounding of its inputs."""
    ledger: str = "docs/fix_plan.md"
    """The ledger of items and attempts, relative to the root."""
    plans: tuple[str, ...] = ("plans", "docs/plans")
    """Folders with plan tables, relative to the root."""
    stage_timeout_s: float = 600.0
    min_free_disk_bytes: int = 2_000_000_000
    max_log_bytes: int = 2_000_000_000
    """How long a stage's log may get; a longer one ends the stage."""
    allowed_signers: str = ""
    """ssh's file of who may sign off, relative to the root; then every sign-off must verify."""
    console_findings: Literal["block", "note"] = "block"
    """What a value does that a program reports and nobody asked for."""


@dataclass(frozen=True, slots=True)
class Project:
    """A root folder and its settings."""

    root: Path
    settings: Settings


def find(start: Path) -> Project:
    """Return the project that holds ``start``.

    The nearest folder upwards with ``[tool.nbtui]`` in its pyproject.toml is the root; else
    the nearest git work tree; else ``start`` itself.

    Raises
    ------
    ConfigError
        A pyproject.toml on the way is not TOML, or its table has an unknown or wrong entry.
    """
    start = start.resolve()
    folders = [start, *start.parents]
    for folder in folders:
        table = _table(folder / PYPROJECT)
        if table is not None:
            return Project(root=folder, settings=read_settings(table, where=folder / PYPROJECT))
    for folder in folders:
        if (folder / ".git").exists():
            return Project(root=folder, settings=Settings())
    return Project(root=start, settings=Settings())


def read_settings(table: Mapping[str, object], *, where: Path) -> Settings:
    """Return the settings of a ``[tool.nbtui]`` table.

    Raises
    ------
    ConfigError
        With the nearest known key for an unknown one, and the place for a wrong value.
    """
    for path, key, known in _unknown(table):
        near = difflib.get_close_matches(key, known, n=1)
        raise ConfigError(
            f"unknown key {key!r} in [{path}]",
            where=_address(where, key),
            fix=f"write {near[0]!r}" if near else f"known keys: {', '.join(known)}",
        )
    try:
        return msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$.")
        key = place.rstrip("`").split(".")[-1].split("[")[0]
        raise ConfigError(
            f"[{TABLE}] {place.rstrip('`') or 'table'}: {message}",
            where=_address(where, key),
            fix="see docs/memos.md for the settings",
        ) from error


def _unknown(table: Mapping[str, object]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    levels: list[tuple[str, object, tuple[str, ...]]] = [
        (TABLE, table, Settings.__struct_fields__),
        (f"{TABLE}.aliases", table.get("aliases", {}), Aliases.__struct_fields__),
    ]
    for path, level, known in levels:
        if isinstance(level, Mapping):
            yield from ((path, key, known) for key in level if key not in known)


def _address(path: Path, key: str) -> str:
    """Return ``file:line`` of the first line that begins with the key."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip().strip("\"'").startswith(key) or line.strip().endswith(f".{key}]"):
            return f"{path.name}:{number}"
    return path.name


def _table(path: Path) -> Mapping[str, object] | None:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"cannot be read: {error}", where=str(path), fix="correct the file"
        ) from error
    table = document.get("tool", {}).get("nbtui")
    return table if isinstance(table, dict) else None
