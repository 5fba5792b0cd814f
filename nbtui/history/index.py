"""The index: a SQLite file that says what the bundles say, only faster.

The folders are the truth. A row stands for one bundle and remembers the size and time of
the two files that tell whether it changed; what changed is read again, what is gone is
dropped, and an index that is damaged, of another version or deleted is built anew. It also
holds whose it is, so that the index of a project that is gone can be forgotten.
"""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from nbtui.evidence.manifest import MANIFEST
from nbtui.history.forgetting import forget_gone
from nbtui.history.gather import gather
from nbtui.history.records import RunRecord
from nbtui.run.catalog import PLAN
from nbtui.run.stamp import PATTERN
from nbtui.store import JOURNAL

VERSION = 2
"""Of the tables and of :class:`RunRecord`; another number and the index is built anew."""
CACHE_VARIABLE = "NBTUI_CACHE_DIR"
_BUSY_S = 10.0
_NONE = "there was none"
_TABLES = """
CREATE TABLE project (root TEXT NOT NULL);
CREATE TABLE runs (
  bundle TEXT PRIMARY KEY, mark TEXT NOT NULL, stamp TEXT NOT NULL, initiative TEXT NOT NULL,
  verdict TEXT, sealed INTEGER NOT NULL, wall_s REAL NOT NULL, operator TEXT NOT NULL,
  commit_id TEXT NOT NULL, plan_sha256 TEXT NOT NULL, memo_sha256 TEXT NOT NULL,
  record BLOB NOT NULL
);
CREATE TABLE stages (
  bundle TEXT NOT NULL, step_id TEXT NOT NULL, role TEXT NOT NULL, status TEXT NOT NULL,
  parameter_hash TEXT
);
CREATE INDEX stages_by_hash ON stages (parameter_hash);
CREATE INDEX stages_by_bundle ON stages (bundle);
CREATE INDEX runs_by_stamp ON runs (stamp);
"""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What bringing the index up to date took."""

    bundles: int
    read: int
    dropped: int
    rebuilt: str = ""
    """Why the index was built anew; empty when it was not."""


class Index:
    """The index of one project's reports, brought up to date when it is opened.

    Parameters
    ----------
    root
        The project's root.
    reports
        Folder of the bundles, relative to it.
    path
        The SQLite file; in the user's cache folder by default. Where it cannot be written
        the index lives in memory, for this process only.
    env
        Where ``NBTUI_CACHE_DIR`` is looked for.
    """

    def __init__(
        self,
        root: Path,
        reports: str = "reports",
        *,
        path: Path | None = None,
        env: Mapping[str, str] = os.environ,
    ) -> None:
        self.root, self.reports = root, reports
        self.path = path or default_path(root, reports, env)
        self._db, rebuilt = _open(self.path)
        if path is None and rebuilt == _NONE:
            forget_gone(self.path.parent)
        try:
            self.refreshed = self._refresh(rebuilt)
        except sqlite3.DatabaseError as error:
            # Damage can hide behind a sound first page.
            self._db.close()
            self._db = _fresh(self.path)
            self.refreshed = self._refresh(f"damaged ({error})")

    def __enter__(self) -> "Index":
        """Return the index."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def records(self, where: str = "", values: Iterable[object] = ()) -> Iterator[RunRecord]:
        """Yield records, the newest STAMP first.

        Parameters
        ----------
        where
            SQL condition on ``runs``; empty for all.
        values
            The values of its question marks.
        """
        condition = f"WHERE {where}" if where else ""
        rows = self._db.execute(
            f"SELECT record FROM runs {condition} ORDER BY stamp DESC, bundle DESC",  # noqa: S608  (conditions are this package's own constants; values are bound)
            tuple(values),
        )
        decoder = msgspec.json.Decoder(RunRecord)
        for (data,) in rows:
            yield decoder.decode(data)

    def refresh(self) -> Refreshed:
        """Look at the bundles again; return what changed."""
        self.refreshed = self._refresh("")
        return self.refreshed

    def _refresh(self, rebuilt: str) -> Refreshed:
        there = {p.relative_to(self.root).as_posix(): p for p in walk(self.root / self.reports)}
        with _transaction(self._db):
            if rebuilt:
                self._db.execute("DELETE FROM project")
                self._db.execute("INSERT INTO project VALUES (?)", (str(self.root.resolve()),))
            known = dict(self._db.execute("SELECT bundle, mark FROM runs"))
            gone = known.keys() - there.keys()
            marks = {name: _mark(path) for name, path in there.items()}
            changed = [name for name, mark in marks.items() if known.get(name) != mark]
            self._drop([*gone, *(n for n in changed if n in known)])
            for name in changed:
                self._add(gather(there[name], self.root), marks[name])
        return Refreshed(len(there), len(changed), len(gone), rebuilt)

    def _drop(self, names: Iterable[str]) -> None:
        for name in names:
            self._db.execute("DELETE FROM runs WHERE bundle = ?", (name,))
            self._db.execute("DELETE FROM stages WHERE bundle = ?", (name,))

    def _add(self, run: RunRecord, mark: str) -> None:
        row = (
            run.bundle, mark, run.stamp, run.initiative, run.verdict, run.sealed, run.wall_s,
            run.operator, run.commit, run.plan_sha256, run.memo_sha256, msgspec.json.encode(run),
        )  # fmt: skip
        self._db.execute(f"INSERT INTO runs VALUES ({','.join('?' * len(row))})", row)  # noqa: S608  (question marks only)
        self._db.executemany(
            "INSERT INTO stages VALUES (?, ?, ?, ?, ?)",
            [
                (run.bundle, s.step_id, s.role.value, s.status.value, s.parameter_hash)
                for s in run.stages
            ],
        )


def default_path(root: Path, reports: str, env: Mapping[str, str] = os.environ) -> Path:
    """Return the index file of a project: one for each root and reports folder."""
    key = hashlib.sha256(f"{root.resolve()}\0{reports}".encode()).hexdigest()[:16]
    given = env.get(CACHE_VARIABLE)
    if given:
        return Path(given) / f"history-{key}.sqlite"
    import platformdirs  # noqa: PLC0415  (slow to import)

    return platformdirs.user_cache_path("nbtui") / f"history-{key}.sqlite"


def walk(folder: Path) -> Iterator[Path]:
    """Yield the run folders at or below ``folder``; never looks inside one."""
    try:
        entries = sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError:
        return
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False) or entry.name.startswith("."):
            continue
        path = Path(entry.path)
        if not PATTERN.fullmatch(entry.name):
            yield from walk(path)
        elif (path / PLAN).is_file():
            yield path


def _mark(bundle: Path) -> str:
    """Return what changes when the bundle does: size and time of its journal and its seal."""
    return " ".join(_stat(bundle / name) for name in (JOURNAL, MANIFEST))


def _stat(path: Path) -> str:
    try:
        info = path.stat()
    except OSError:
        return "-"
    return f"{info.st_size}:{info.st_mtime_ns}:{info.st_ino}"


def _open(path: Path) -> tuple[sqlite3.Connection, str]:
    """Return a usable database, and why it was built anew."""
    if not path.exists():
        return _fresh(path), _NONE
    db: sqlite3.Connection | None = None
    try:
        db = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        (version,) = db.execute("PRAGMA user_version").fetchone()
        (sound,) = db.execute("PRAGMA quick_check(1)").fetchone()
        # A table that is missing raises here, not in the middle of a question.
        db.execute("SELECT 1 FROM runs, stages LIMIT 1").fetchone()
        if version == VERSION and sound == "ok":
            return db, ""
        why = f"it was of version {version}" if sound == "ok" else f"damaged ({sound})"
    except sqlite3.DatabaseError as error:
        why = f"damaged ({error})"
    if db is not None:
        db.close()
    return _fresh(path), why


def _fresh(path: Path) -> sqlite3.Connection:
    """Return an empty database at ``path``, or in memory where nothing can be written."""
    # Somebody else may be reading the old file: theirs stays what it is, ours is a new one.
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        _create(str(temporary)).close()
        temporary.replace(path)
        return sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    except (OSError, sqlite3.Error):
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        return _create(":memory:")


def _create(name: str) -> sqlite3.Connection:
    db = sqlite3.connect(name, timeout=_BUSY_S, isolation_level=None)
    db.executescript(_TABLES)
    db.execute(f"PRAGMA user_version = {VERSION}")
    return db


@contextlib.contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    """One writer at a time: whoever comes second finds the work done."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
