"""The background table that a command line names: read, and not used (spec 4.6)."""

from pathlib import Path

from engine.arguments import Arguments
from engine.formats.columns import read_columns
from engine.resolve.resolved import Resolved

_COLUMNS = 2


def resolve_stol(args: Arguments) -> Resolved[str | None]:
    """Check that the file can be read; nothing in nanoBragg uses what it holds.

    Raises
    ------
    FileError
        When it cannot be read or holds no rows.
    """
    name = args.maybe_text("stol_file")
    if name is None:
        return Resolved(None)
    found = read_columns(Path(name), _COLUMNS, corrected=args.flag("corrected", False))
    return Resolved(name, (*found.warnings, f"{name} is read and not used (Q-STOL)"))
