"""Evidence is fresh while nothing it hangs on has changed, by git."""

from pathlib import Path

import pytest

from nbtui.history.coverage import Covered, Freshness, coverage
from nbtui.history.index import Index
from nbtui.history.sources import acceptance_tests, depends_on
from tests.nbtui.conftest import Git
from tests.nbtui.history.bundles import Bundle

FILES = {
    "tests/test_at_x.py": "from tests.helper import h\n\nclass TestX:\n    def test_y(self): h()\n",
    "tests/test_at_z.py": "import other\n\ndef test_a(): pass\n\nasync def test_b(): pass\n",
    "tests/helper.py": "import engine.thing\n\ndef h(): pass\n",
    "tests/conftest.py": "",
    "engine/thing.py": "",
    "engine/src/thing.c": "",
    "other/x.py": "",
    "docs/a.md": "",
}


@pytest.fixture
def project(repo: Path, git: Git) -> Path:
    for name, text in FILES.items():
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(text)
    git("add", ".")
    git("commit", "--quiet", "-m", "second")
    return repo


def state(project: Path) -> Covered:
    with Index(project, path=project.parent / "index.sqlite") as index:
        found = coverage(index, project)
    assert [c.test.node for c in found.tests] == [
        "tests/test_at_x.py::TestX::test_y",
        "tests/test_at_z.py::test_a",
        "tests/test_at_z.py::test_b",
    ]
    assert found.count(Freshness.NONE) >= 2
    return found.tests[0]


def test_what_a_test_hangs_on_is_read_from_its_imports(project: Path) -> None:
    files, folders = depends_on(project, "tests/test_at_x.py")
    assert files == {"tests/test_at_x.py", "tests/helper.py", "tests/conftest.py"}
    assert folders == ("engine/", "golden_data/")
    assert [t.line for t in acceptance_tests(project)] == [4, 3, 5]


def test_nothing_is_known_without_a_sealed_bundle(project: Path, git: Git) -> None:
    Bundle("20260101T000000Z", commit=git("rev-parse", "HEAD"), sealed=False).write(project)
    assert state(project).freshness is Freshness.NONE


def test_evidence_goes_stale_with_the_code_it_is_about(project: Path, git: Git) -> None:
    Bundle("20260101T000000Z", commit=git("rev-parse", "HEAD")).write(project)
    assert state(project).freshness is Freshness.FRESH
    (project / "docs/a.md").write_text("words")
    (project / "other/x.py").write_text("1")
    assert state(project).freshness is Freshness.FRESH
    (project / "engine/src/thing.c").write_text("int x;")
    git("commit", "--quiet", "-am", "third")
    (project / "engine/new.py").write_text("")
    stale = state(project)
    assert stale.freshness is Freshness.STALE
    assert stale.changed == ("engine/src/thing.c", "engine/new.py")


def test_the_newest_outcome_counts(project: Path, git: Git) -> None:
    head = git("rev-parse", "HEAD")
    Bundle("20260101T000000Z", commit=head).write(project)
    Bundle(
        "20260102T000000Z", commit=head, test="failed", node=("tests.test_at_x.TestX", "test_y[1]")
    ).write(project)
    found = state(project)
    assert (found.freshness, found.stamp) == (Freshness.FAILED, "20260102T000000Z")


@pytest.mark.parametrize(
    ("facts", "commit"), [({"git_dirty": "engine/thing.py"}, ""), ({}, "e" * 40), ({}, "--all")]
)
def test_evidence_of_unknown_code_is_stale(
    project: Path, git: Git, facts: dict[str, str], commit: str
) -> None:
    known = commit or git("rev-parse", "HEAD")
    Bundle("20260101T000000Z", commit=known, facts=facts).write(project)
    assert state(project).freshness is Freshness.STALE
