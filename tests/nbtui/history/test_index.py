"""The index says what the folders say, whatever happened to either."""

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from nbtui.history.forgetting import forget_gone
from nbtui.history.index import VERSION, Index, default_path
from nbtui.history.query import Order, Query, find
from nbtui.store import JOURNAL
from tests.nbtui.history.bundles import Bundle

OLD, MID, NEW = "20260101T000000Z", "20260102T000000Z", "20260103T000000Z"


def opened(root: Path) -> Index:
    return Index(root, path=root / "cache" / "index.sqlite")


def stamps(index: Index, query: Query) -> list[str]:
    return [run.stamp for run in find(index, query)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    Bundle(OLD, correlation=0.99999, wall_s=3.0).write(tmp_path)
    Bundle(MID, correlation=0.72, commit="d" * 40, wall_s=1.0).write(tmp_path)
    Bundle(NEW, correlation=0.9999, parameter_hash="b" * 64).write(tmp_path, "reports/other/p")
    return tmp_path


def test_only_what_changed_is_read_again(root: Path) -> None:
    with opened(root) as index:
        assert (index.refreshed.bundles, index.refreshed.read) == (3, 3)
    with opened(root) as index:
        assert (index.refreshed.read, index.refreshed.rebuilt) == (0, "")
        Bundle("20260104T000000Z", ended=False, sealed=False).write(root)
        shutil.rmtree(root / "reports/other/p" / NEW)
        assert (index.refresh().read, index.refreshed.dropped) == (1, 1)
        journal = root / "reports/test/phase_a/20260104T000000Z" / JOURNAL
        journal.write_bytes(journal.read_bytes()[:-40])
        assert index.refresh().read == 1
        assert stamps(index, Query()) == ["20260104T000000Z", MID, OLD]
        assert stamps(index, Query(verdict="open")) == ["20260104T000000Z"]


@pytest.mark.parametrize("harm", ["garbage", "half", "version", "deleted", "no tables"])
def test_a_harmed_index_is_built_anew(root: Path, harm: str) -> None:
    with opened(root) as index:
        path = index.path
    match harm:
        case "garbage":
            path.write_bytes(os.urandom(5000))
        case "half":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        case "deleted":
            path.unlink()
        case _:
            db = sqlite3.connect(path)
            if harm == "version":
                db.execute(f"PRAGMA user_version = {VERSION + 1}")
            else:
                db.execute("DROP TABLE stages")
            db.commit()
            db.close()
    with opened(root) as index:
        assert index.refreshed.rebuilt
        assert stamps(index, Query()) == [NEW, MID, OLD]


def test_where_nothing_can_be_written_the_index_lives_in_memory(root: Path) -> None:
    blocked = root / "file"
    blocked.write_text("")
    with Index(root, path=blocked / "index.sqlite") as index:
        assert stamps(index, Query()) == [NEW, MID, OLD]
    assert blocked.read_text() == ""


def test_a_damaged_journal_is_listed_and_is_no_evidence(root: Path) -> None:
    journal = root / "reports/test/phase_a" / OLD / JOURNAL
    journal.write_bytes(b"{}\n" + journal.read_bytes())
    with opened(root) as index:
        (run,) = find(index, Query(verdict="damaged"))
    assert run.stamp == OLD
    assert not run.cleared
    assert "cannot be read" in run.damage


def test_two_may_use_one_index(root: Path) -> None:
    with opened(root) as one, opened(root) as two:
        Bundle("20260105T000000Z").write(root)
        assert one.refresh().read == 1
        assert two.refresh().read == 0
        assert len(stamps(one, Query())) == len(stamps(two, Query())) == 4


def test_each_project_has_its_own_index(tmp_path: Path) -> None:
    env = {"NBTUI_CACHE_DIR": str(tmp_path)}
    paths = {default_path(tmp_path / n, "reports", env) for n in ("a", "b")}
    assert len(paths) == 2
    assert all(p.parent == tmp_path for p in paths)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (Query(), [NEW, MID, OLD]),
        (Query(reverse=True), [OLD, MID, NEW]),
        (Query(limit=1), [NEW]),
        (Query(verdict="blocked"), [MID]),
        (Query(verdict="open"), []),
        (Query(initiative="other"), [NEW]),
        (Query(since="20260102"), [NEW, MID]),
        (Query(until="20260102"), [MID, OLD]),
        (Query(parameters="bbb"), [NEW]),
        (Query(commit="ddd"), [MID]),
        (Query(plan="0" * 8), []),
        (Query(text="BELOW 0.999"), [MID]),
        (Query(order=Order.WALL), [OLD, NEW, MID]),
        (Query(order=Order.CORRELATION), [MID, NEW, OLD]),
        (Query(order=Order.VERDICT), [MID, NEW, OLD]),
        (Query(order=Order.INITIATIVE), [NEW, MID, OLD]),
        (Query(initiative="' OR 1=1 --"), []),
    ],
)
def test_runs_are_found_and_sorted(root: Path, query: Query, wanted: list[str]) -> None:
    with opened(root) as index:
        assert stamps(index, query) == wanted


MONTHS_S = 90 * 24 * 3600


def test_a_new_index_forgets_those_of_projects_that_are_gone(
    root: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("NBTUI_CACHE_DIR", str(cache))
    places = {name: tmp_path_factory.mktemp(name) for name in ("there", "gone", "lately")}
    paths = {}
    for name, place in places.items():
        Bundle(OLD).write(place)
        with Index(place) as index:
            paths[name] = index.path
    for name in ("gone", "lately"):
        shutil.rmtree(places[name])
    stranger = cache / "history-0123456789abcdef.sqlite"
    stranger.write_bytes(b"no index of ours")
    for path in (paths["there"], paths["gone"], stranger):
        long_ago = path.stat().st_mtime - MONTHS_S
        os.utime(path, (long_ago, long_ago))
    with Index(root) as index:
        assert index.refreshed.rebuilt == "there was none"
    assert {p for p in (*paths.values(), stranger) if not p.exists()} == {paths["gone"]}
    os.utime(paths["lately"], (0, 0))
    with Index(root):  # one that is there already looks at no other
        assert paths["lately"].exists()


def test_a_project_that_cannot_be_looked_at_is_not_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBTUI_CACHE_DIR", str(tmp_path / "cache"))
    with Index(tmp_path) as index:
        path = index.path
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        # Longer than any path may be: the system refuses to look, as it does behind a closed door.
        db.execute("UPDATE project SET root = ?", ("/elsewhere" * 1000,))
    os.utime(path, (0, 0))
    assert forget_gone(path.parent) == ()
    assert path.exists()
