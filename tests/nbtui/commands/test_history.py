"""``nbtui history``, ``compare`` and ``coverage`` on a few runs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nbtui.commands.root import group
from nbtui.errors import BundleError
from nbtui.exit_codes import ExitCode
from nbtui.history.of_project import recalled
from nbtui.run.prepare import prepare
from nbtui.store import JOURNAL
from tests.nbtui.faces import MEMO
from tests.nbtui.history.bundles import Bundle

OLD, NEW = "20260101T000000Z", "20260102T000000Z"


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NBTUI_CACHE_DIR", str(tmp_path / "cache"))
    Bundle(OLD).write(tmp_path)
    Bundle(NEW, correlation=0.7).write(tmp_path)
    return tmp_path


def asked(root: Path, *words: str) -> Result:
    done = CliRunner().invoke(group, [*words, "--root", str(root)], standalone_mode=False)
    if done.exception is None:
        assert done.return_value == ExitCode.CLEARED
    return done


def test_history_lists_filters_and_prints_data(root: Path) -> None:
    text = asked(root, "history").stdout.splitlines()
    assert [line.split()[0] for line in text] == ["STAMP", NEW, OLD]
    assert "correlation 0.7 is below 0.999" in text[1]
    assert asked(root, "history", "--verdict", "open").stdout == "no run\n"
    (run,) = json.loads(asked(root, "history", "--json", "--verdict", "blocked").stdout)
    assert (run["stamp"], run["stages"][0]["metrics"][0]["value"]) == (NEW, 0.7)
    assert "last failure 20260102T000000Z" in asked(root, "history", "--trends").stdout
    known = json.loads(asked(root, "history", "--trends", "--json").stdout)
    assert known[0]["identical_failures"] == 1


def test_compare_sets_two_runs_beside_each_other(root: Path) -> None:
    assert "01-compare correlation: 0.99999 | 0.7" in asked(root, "compare", OLD, NEW).stdout
    record = json.loads(asked(root, "compare", OLD, NEW, "--json").stdout)
    assert (record["a"], record["b"]) == (OLD, NEW)
    assert any(r["differs"] and r["section"] == "metrics" for r in record["rows"])


def test_runs_that_cannot_be_compared_are_refused(root: Path) -> None:
    missing = asked(root, "compare", OLD, "20200101T000000Z").exception
    assert isinstance(missing, BundleError)
    (root / "reports/test/phase_a" / NEW / JOURNAL).write_text("{}\n")
    damaged = asked(root, "compare", OLD, NEW).exception
    assert isinstance(damaged, BundleError)
    assert "no evidence" in str(damaged)


def test_coverage_counts(root: Path) -> None:
    (root / "tests").mkdir()
    (root / "tests" / "test_at_x.py").write_text("class TestX:\n    def test_y(self): pass\n")
    text = asked(root, "coverage").stdout
    assert "1 tests: 0 fresh, 1 stale, 0 failed, 0 none" in text
    (test,) = json.loads(asked(root, "coverage", "--json").stdout)["tests"]
    assert (test["freshness"], test["stamp"]) == ("stale", OLD)


def test_a_history_that_cannot_be_read_keeps_nobody_from_running(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "input.md").write_text(MEMO.replace("SECONDS", "0"))
    prepared = prepare(root, None, ask=False)
    assert recalled(prepared, {"NBTUI_CACHE_DIR": str(root / "cache")}) == ()

    def broken(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("nbtui.history.of_project.Index", broken)
    assert "cannot be read" in recalled(prepared, {})[0]
