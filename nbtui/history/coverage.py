"""Which acceptance tests have evidence, and whether the code is still the one it is about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from nbtui import vcs
from nbtui.history.index import Index
from nbtui.history.records import RunRecord, Status
from nbtui.history.sources import PATTERN, AcceptanceTest, acceptance_tests, depends_on


class Freshness(StrEnum):
    """What the bundles say about one acceptance test."""

    FRESH = "fresh"
    """It passed, and nothing it hangs on has changed since."""
    STALE = "stale"
    """It passed; something it hangs on has changed since."""
    FAILED = "failed"
    """It did not pass the last time it ran."""
    NONE = "none"
    """No sealed bundle holds it."""


@dataclass(frozen=True, slots=True)
class Covered:
    """One acceptance test and its newest evidence."""

    test: AcceptanceTest
    freshness: Freshness
    stamp: str = ""
    bundle: str = ""
    commit: str = ""
    why: str = ""
    """What makes it stale or failed, in a few words."""
    changed: tuple[str, ...] = ()
    """The files that changed since."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """All acceptance tests of a project."""

    tests: tuple[Covered, ...]

    def count(self, freshness: Freshness) -> int:
        """Return how many tests are in a state."""
        return sum(c.freshness is freshness for c in self.tests)


@dataclass(frozen=True, slots=True)
class _Evidence:
    run: RunRecord
    passed: bool
    why: str


def coverage(index: Index, root: Path, pattern: str = PATTERN) -> Coverage:
    """Return the state of every acceptance test.

    Parameters
    ----------
    index
        The runs.
    root
        The project's root, with its tests and its repository.
    pattern
        Glob of the acceptance tests' files, relative to the root.

    Raises
    ------
    VcsError
        When git does not answer.
    """
    runs = [r for r in index.records() if r.sealed and not r.damage and r.verdict is not None]
    changes = _Changes(root)
    needs: dict[str, tuple[frozenset[str], tuple[str, ...]]] = {}
    found = []
    for test in acceptance_tests(root, pattern):
        evidence = _newest(test, runs)
        if evidence is not None and test.file not in needs:
            needs[test.file] = depends_on(root, test.file)
        found.append(_judge(test, evidence, changes, needs))
    return Coverage(tuple(found))


class _Changes:
    """What changed since each commit; asked once for each."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, tuple[str, ...] | None] = {}

    def since(self, commit: str) -> tuple[str, ...] | None:
        if commit not in self._known:
            usable = bool(commit) and not commit.startswith("-") and vcs.top_level(self._root)
            self._known[commit] = vcs.changed_since(self._root, commit) if usable else None
        return self._known[commit]


def _judge(
    test: AcceptanceTest,
    evidence: _Evidence | None,
    changes: _Changes,
    needs: Mapping[str, tuple[frozenset[str], tuple[str, ...]]],
) -> Covered:
    if evidence is None:
        return Covered(test, Freshness.NONE)
    run = evidence.run

    def covered(freshness: Freshness, why: str = "", changed: tuple[str, ...] = ()) -> Covered:
        return Covered(test, freshness, run.stamp, run.bundle, run.commit, why, changed)

    if not evidence.passed:
        return covered(Freshness.FAILED, evidence.why)
    files, folders = needs[test.file]
    then = _hangs_on(_lines(run, "git_dirty", "git_staged", "git_untracked"), files, folders)
    if then:
        return covered(Freshness.STALE, "it ran on changed files that no commit holds", then)
    since = changes.since(run.commit)
    if since is None:
        return covered(Freshness.STALE, f"commit {run.commit[:12] or 'unknown'} is not known here")
    changed = _hangs_on(since, files, folders)
    if changed:
        return covered(Freshness.STALE, f"{len(changed)} files changed since", changed)
    return covered(Freshness.FRESH)


def _newest(test: AcceptanceTest, runs: Iterable[RunRecord]) -> _Evidence | None:
    for run in runs:
        words = list(_outcomes(test, run))
        if words:
            bad = [w for w in words if w is not Status.PASSED]
            return _Evidence(run, not bad, f"{bad[0].value} in {run.stamp}" if bad else "")
    return None


def _outcomes(test: AcceptanceTest, run: RunRecord) -> Iterator[Status]:
    for stage in run.stages:
        for seen in stage.tests:
            # pytest names a file by its path from its root folder, which may differ from ours.
            same = seen.classname == test.classname or test.classname.endswith(f".{seen.classname}")
            if same and (seen.name == test.name or seen.name.startswith(f"{test.name}[")):
                yield seen.status


def _lines(run: RunRecord, *names: str) -> list[str]:
    return [line for name in names for line in run.facts.get(name, "").splitlines() if line]


def _hangs_on(
    names: Iterable[str], files: frozenset[str], folders: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(
        n for n in names if n in files or (n.startswith(folders) and not n.endswith(".md"))
    )
