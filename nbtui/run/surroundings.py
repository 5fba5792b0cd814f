"""What lint may know beside memo and work tree: git, earlier runs, the ledger."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from nbtui.errors import NbtuiError
from nbtui.evidence.records import Verdict
from nbtui.ledger.read import read_ledger
from nbtui.ledger.serve import done_already, served
from nbtui.memo.lint import Asked, Surroundings
from nbtui.memo.lint.checks.committed import named_files
from nbtui.memo.lint.scope import LedgerState, PastRun, Repository
from nbtui.memo.model import Memo
from nbtui.memo.plan import Plan
from nbtui.project import Project
from nbtui.run.catalog import PLAN, bundles
from nbtui.run.events import Line, ProvenanceTaken, RunEnded
from nbtui.run.journal import JOURNAL
from nbtui.vcs import at_head, branches_at_head, top_level, work_tree

MOST_RUNS = 200
"""Newest bundles that are looked at; older ones say nothing about today's memo."""


_decoder = msgspec.json.Decoder(Line)


@dataclass(frozen=True, slots=True)
class Look:
    """The surroundings, and what git was asked to know them."""

    around: Surroundings
    asked: tuple[Asked, ...]


class _PlanHead(msgspec.Struct, frozen=True):
    """The first lines of a plan: enough to know which memo ran."""

    memo_sha256: str
    focus: str


def look_around(project: Project, memo: Memo, plan: Plan) -> Look:
    """Return what git, earlier runs and the ledger say about a plan; nothing is changed."""
    repository, asked = _repository(project.root, plan)
    around = Surroundings(
        repository=repository,
        past=past_runs(project.root, project.settings.reports),
        memo_changed=_changed(project.root, memo),
        ledger=_ledger(project, memo),
    )
    return Look(around, asked)


def _ledger(project: Project, memo: Memo) -> LedgerState:
    settings = project.settings
    ledger = read_ledger(project.root, settings.ledger, settings.plans)
    return LedgerState(done=done_already(served(memo, ledger)))


def past_runs(root: Path, reports: str) -> tuple[PastRun, ...]:
    """Return the finished runs of a project, the newest first; damaged ones are left out."""
    found = (_past(bundle) for bundle in bundles(root, reports)[:MOST_RUNS])
    return tuple(run for run in found if run is not None)


def _past(bundle: Path) -> PastRun | None:
    with contextlib.suppress(OSError, msgspec.DecodeError, ValueError):
        head = msgspec.json.decode((bundle / PLAN).read_bytes(), type=_PlanHead)
        lines = (bundle / JOURNAL).read_bytes().splitlines()
        last = _decoder.decode(lines[-1]) if lines else None
        if last is None or not isinstance(last.event, RunEnded):
            return None
        if last.event.verdict not in {Verdict.CLEARED, Verdict.BLOCKED}:
            return None
        told = next((_decoder.decode(r).event for r in lines if b"run.provenance" in r), None)
        facts = told.facts if isinstance(told, ProvenanceTaken) else {}
        return PastRun(
            stamp=bundle.name,
            verdict=last.event.verdict.value,
            memo_sha256=head.memo_sha256,
            focus=head.focus,
            commit=facts.get("git_sha", ""),
            ended=datetime.fromisoformat(last.t),
        )
    return None


def _changed(root: Path, memo: Memo) -> datetime | None:
    path = root / memo.name
    if not path.is_file():
        return None
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _repository(root: Path, plan: Plan) -> tuple[Repository | None, tuple[Asked, ...]]:
    """Ask git; a repository that does not answer is preflight's to report."""
    try:
        tree = work_tree(root)
        if tree is None:
            return None, ()
        asked = [_git(root, "status", "--porcelain=v2", "--branch"), _git(root, "ls-files", "-v")]
        files = tuple(named_files(plan))
        missing: frozenset[str] = frozenset()
        also: tuple[str, ...] = ()
        if tree.head is not None:
            missing = frozenset(files) - _held(root, files)
            changed = {*tree.dirty, *tree.staged, *tree.untracked}
            prefix = _prefix(root)
            missing |= {f for f in files if f"{prefix}{f}" in changed}
            also = branches_at_head(root)
            asked += [_git(root, "ls-tree", "-r", "HEAD"), _git(root, "for-each-ref")]
    except (NbtuiError, OSError):
        return None, ()
    return Repository(tree.head, tree.branch, also, missing), tuple(asked)


def _held(root: Path, files: tuple[str, ...]) -> frozenset[str]:
    """Return which of the files (or folders) HEAD holds."""
    inside = [f for f in files if not Path(f).is_absolute() and ".." not in Path(f).parts]
    if not inside:
        return frozenset()
    listing = at_head(root, inside)
    return frozenset(
        f for f in inside if f in listing or any(x.startswith(f"{f.rstrip('/')}/") for x in listing)
    )


def _prefix(root: Path) -> str:
    top = top_level(root) or root
    inside = root.resolve().relative_to(top).as_posix()
    return "" if inside == "." else f"{inside}/"


def _git(root: Path, *words: str) -> Asked:
    return Asked(why="git", argv=("git", *words), cwd=str(root), outcome="only asked")
