"""Indexes of projects that are gone: they lie in the user's cache, where nobody else looks.

An index is rebuilt from the bundles whenever it is missing, so forgetting one too many costs
seconds, never evidence. It is forgotten when the project's root is not there and nothing was
written to the index for a month: a disk that is not mounted today is no project that is gone.
"""

import contextlib
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

UNTOUCHED_S = 30 * 24 * 3600.0
_NAME = re.compile(r"history-[0-9a-f]{16}\.sqlite")


def forget_gone(folder: Path, *, now: float | None = None) -> tuple[Path, ...]:
    """Remove the indexes in a folder whose project is gone; return them.

    Parameters
    ----------
    folder
        The cache folder; other files in it are left alone, and so are indexes that do not say
        whose they are.
    now
        Seconds since the epoch; the present by default.
    """
    limit = (time.time() if now is None else now) - UNTOUCHED_S
    gone = tuple(p for p in _indexes(folder) if _untouched_since(p, limit) and _is_gone(p))
    for path in gone:
        with contextlib.suppress(OSError):
            path.unlink()
    return gone


def _indexes(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if _NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                yield path


def _untouched_since(path: Path, limit: float) -> bool:
    try:
        return path.stat().st_mtime < limit
    except OSError:
        return False


def _is_gone(path: Path) -> bool:
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            row = db.execute("SELECT root FROM project").fetchone()
        return row is not None and not Path(str(row[0])).exists()
    except (sqlite3.Error, OSError, ValueError):
        # Also a root behind a folder that may not be entered, or on a share that does not answer.
        return False
