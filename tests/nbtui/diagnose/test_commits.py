"""Since which commit do two sides differ: a package with a history, searched through git."""

import subprocess
import sys
from pathlib import Path

import pytest

from nbtui.diagnose.examine import diagnose
from nbtui.diagnose.model import Case, Diagnosis, Party, Side, StepReport
from nbtui.diagnose.registry import STEPS
from tests.nbtui.diagnose.test_examine import spots
from tests.nbtui.repository import git_in

PORT = """\
import array, sys
words = sys.argv[1:]
image = array.array("f", [{factor} * n for n in range(1, 257)])
with open(words[words.index("-floatfile") + 1], "wb") as stream:
    image.tofile(stream)
"""
ONLY = tuple(s for s in STEPS if s.asked is not None)


class Repository:
    """A port whose commits make images, each its factor; ``None`` for one that cannot run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = str(root)
        self.git = git_in(root)
        self.git("init", "--quiet", "--initial-branch=main")
        self.other = root / "c.bin"
        self.write(1.0)
        run = [sys.executable, "-B", "-m", "port", "-floatfile", str(self.other)]
        subprocess.run(run, cwd=root, check=True)

    def write(self, factor: float | None, word: str = "") -> None:
        folder = self.root / "port"
        folder.mkdir(exist_ok=True)
        text = "raise SystemExit(3)\n" if factor is None else PORT.format(factor=factor)
        first = "import needed\n" if word.startswith("import") else ""
        (folder / "__main__.py").write_text(f"{first}{text}# {word}\n")

    def commit(self, factor: float | None, word: str) -> str:
        self.write(factor, word)
        self.git("add", "port")
        self.git("commit", "--quiet", "--message", word)
        return self.git("rev-parse", "HEAD")

    def search(self, since: str) -> Diagnosis:
        port = Party(
            Side.PY,
            argv=(sys.executable, "-m", "port"),
            environment={"PYTHONPATH": self.path},
        )
        case = Case(
            "the port", Party(Side.C, image=self.other), port, root=self.root, since=since,
            shape=(16, 16),
        )  # fmt: skip
        return diagnose(case, steps=ONLY)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def report(found: Diagnosis) -> StepReport:
    (step,) = found.steps
    return step


def test_the_first_commit_that_differs_is_named(repository: Repository) -> None:
    made = [repository.commit(f, f"make {n}") for n, f in enumerate([1, 1, 1, 1.5, 1.5, 2, 2.5])]
    before = repository.git("status", "--porcelain")
    found = repository.search(made[0])
    assert found.explained
    assert found.finding is not None
    assert found.finding.cause == "commit"
    assert f"since commit {made[3][:12]} (make 3): as {made[2][:12]} has it" in found.sentence
    assert found.command == f"git -C {repository.root} show {made[3]} -- port"
    assert [line.text for line in report(found).lines[-2:]] == [
        "5 of 7 commits were run", found.sentence,
    ]  # fmt: skip
    assert repository.git("status", "--porcelain") == before
    assert not repository.git("worktree", "list").count("\n")


def test_commits_that_cannot_be_run_are_told(repository: Repository) -> None:
    made = [repository.commit(f, f"make {n}") for n, f in enumerate([1, 1, None, None, 3, 3])]
    sentence = repository.search(made[0]).sentence
    assert f"since commit {made[4][:12]} (make 4), or one of 2 before it" in sentence
    assert f"as {made[1][:12]} has it" in sentence


def test_what_is_not_committed_is_told_from_commits(repository: Repository) -> None:
    first = repository.commit(1, "right")
    repository.write(2)
    found = repository.search(first)
    assert found.finding is not None
    assert found.finding.cause == "work tree"
    assert "what is not committed (port/__main__.py)" in found.sentence
    assert found.command.endswith("diff HEAD -- port")


def test_a_package_that_agreed_with_another_c_side_is_not_accused(repository: Repository) -> None:
    first = repository.commit(2, "as ever")
    repository.commit(2.5, "another")
    found = repository.search(first)
    assert found.finding is None
    assert any("it is not port that changed" in line.text for line in report(found).lines)


@pytest.mark.parametrize("cut", ["first", "last"])
def test_a_commit_that_cannot_be_run_accuses_nobody(repository: Repository, cut: str) -> None:
    first = repository.commit(None if cut == "first" else 1, "first")
    last = repository.commit(2 if cut == "first" else None, "last")
    repository.write(2)
    found = repository.search(first)
    assert found.finding is None
    said = [line.text for line in report(found).lines]
    assert f"{(first if cut == 'first' else last)[:12]} cannot be run" in said[-1]
    assert not any("it is not port that changed" in text for text in said)


def test_a_commit_finds_what_the_package_needs_beside_it(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    beside = tmp_path_factory.mktemp("beside")
    (beside / "needed.py").write_text("")
    repository.path = f"{repository.root}:{beside}"
    made = [repository.commit(f, f"import needed {n}") for n, f in enumerate([1, 2])]
    assert f"since commit {made[1][:12]}" in repository.search(made[0]).sentence


def test_a_link_that_leads_out_of_a_commit_ends_the_search_alone(repository: Repository) -> None:
    first = repository.commit(1, "right")
    (repository.root / "port" / "link").symlink_to("/etc/hostname")
    repository.commit(2, "wrong")
    assert "cannot be unpacked" in report(repository.search(first)).skipped


def test_sides_that_agree_now_leave_nothing_to_search(repository: Repository) -> None:
    first = repository.commit(1, "right")
    found = repository.search(first)
    assert found.finding is None
    assert [line.text.partition(":")[0] for line in report(found).lines] == ["the work tree"]


@pytest.mark.parametrize(
    ("since", "why"), [("nothing", "no commit nothing"), ("other", "does not descend")]
)
def test_a_commit_to_search_from_has_to_be_one(
    repository: Repository, since: str, why: str
) -> None:
    repository.commit(1, "right")
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.git("commit", "--quiet", "--message", "elsewhere")
    repository.git("checkout", "--quiet", "main")
    repository.write(2)
    assert why in report(repository.search(since)).skipped


def test_it_is_only_taken_when_asked_for(repository: Repository, tmp_path: Path) -> None:
    case = Case("x", Party(Side.C), Party(Side.PY), root=tmp_path)
    assert "commits" not in {s.id for s in diagnose(case, run_programs=False).steps}
    x = spots()
    for name, pixels in (("c", x), ("py", x.T)):
        pixels.copy().astype("<f4").tofile(tmp_path / f"{name}.bin")
    c, py = (Party(s, image=tmp_path / f"{s.value}.bin") for s in Side)
    repository.commit(1, "right")
    found = diagnose(Case("x", c, py, root=tmp_path, since="HEAD"))
    assert found.explained  # by the pixels, and yet the search was made that was asked for
    assert found.finding is not None
    assert found.finding.cause == "image layout"
    assert "neither side is a Python package" in found.steps[-1].skipped
