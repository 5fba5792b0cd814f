"""The ledger is read, matched with a memo, and changed by a patch that git applies."""

from pathlib import Path

import pytest

from nbtui.ledger.model import State
from nbtui.ledger.patch import Attempt, make_patch
from nbtui.ledger.read import read_ledger, rows_of
from nbtui.ledger.serve import Service, done_already, served
from nbtui.memo.model import Memo
from nbtui.memo.parse import parse_memo
from tests.nbtui.faces import MEMO, Desk
from tests.nbtui.repository import git_in, make_repository

LEDGER = """\
# Fix plan

## Index
| ID | title | status |
| --- | --- | --- |
| [TEST-001](#x) | a small plan | in_progress |

## [TEST-001] a small plan
- Status: in_progress (since long)
- Attempts History:
  * [2025-10-09] Attempt #3 — Result: partial. Metrics none.
    Artifacts: `reports/x`
  * [2025-10-11] Attempt #7 — Result: ❌ BLOCKED.
- Exit Criteria: it runs.

## [LATER-002] what waits
- Status: blocked
- Hold until [TEST-001] is cleared.

## [OLD-003] finished long ago
- Status: done
- Was blocked by [TEST-001].
"""
PLAN = """\
### Phase A
| ID | Task | State | How |
| --- | --- | --- | --- |
| A1 | Run it | [ ] | by the memo |
| A2 | Enter it | [P] | waits for A1 |
| A3 | Elsewhere | `[D]` | a \\| b |
| A4 | Dropped | [SKIP] | |
"""


def memo(text: str) -> Memo:
    return parse_memo(text.encode(), name="memo.md")


FOCUSED = memo(
    "Focus: docs/fix_plan.md [TEST-001] a small plan\nPriorities & Rationale:\n"
    "- plans/active/small.md:4 — row A1 is open.\nDo Now: think\n"
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    make_repository(root)
    (root / "docs").mkdir()
    (root / "docs" / "fix_plan.md").write_text(LEDGER, "utf-8")
    (root / "plans" / "active").mkdir(parents=True)
    (root / "plans" / "active" / "small.md").write_text(PLAN, "utf-8")
    git = git_in(root)
    git("add", ".")
    git("commit", "--quiet", "-m", "ledger")
    return root


def look(root: Path, text: Memo = FOCUSED) -> Service:
    return served(text, read_ledger(root, "docs/fix_plan.md", ("plans",)))


def test_every_state_of_a_plan_table_is_read() -> None:
    rows = list(rows_of(PLAN.splitlines(), "p.md"))
    assert [(r.id, r.state, r.line) for r in rows] == [
        ("A1", State.OPEN, 4), ("A2", State.PARTLY, 5), ("A3", State.DONE, 6),
        ("A4", State.OTHER, 7),
    ]  # fmt: skip
    assert rows[0].section == "Phase A"


def test_the_item_its_row_and_what_waits_are_found(place: Path) -> None:
    service = look(place)
    assert service.item is not None
    assert (service.item.id, service.item.status, service.item.next_attempt) == (
        "TEST-001", "in_progress", 8,
    )  # fmt: skip
    assert [(r.id, r.line) for r in service.rows] == [("A1", 4)]
    assert service.unblocks == (
        ("LATER-002", "docs/fix_plan.md:18"),
        ("A2", "plans/active/small.md:5"),
    )
    assert done_already(service) == ()


def test_what_is_done_already_is_said(place: Path) -> None:
    path = place / "plans" / "active" / "small.md"
    path.write_text(PLAN.replace("Run it | [ ]", "Run it | [D]"), "utf-8")
    assert done_already(look(place)) == (("plan row A1", "plans/active/small.md:4"),)
    old = memo("Focus: [OLD-003] again\nDo Now: think\n")
    assert done_already(look(place, old)) == (("item OLD-003 (done)", "docs/fix_plan.md:21"),)


def attempt(verdict: str = "cleared") -> Attempt:
    return Attempt(
        stamp="20260102T030405Z",
        date="2026-01-02",
        verdict=verdict,
        reason="" if verdict == "cleared" else "corr 0.72 < 0.999",
        metrics=("02-compare correlation 0.99999",),
        artifacts=("reports/a/b/20260102T030405Z/",),
        commit="abc123",
        follows="archive it.",
    )


@pytest.mark.parametrize(
    ("verdict", "state", "words"),
    [
        ("cleared", "[D]", "✅ success (cleared). Metrics: 02-compare correlation 0.99999."),
        ("blocked", "[B]", "❌ BLOCKED: corr 0.72 < 0.999."),
        ("cancelled", "[ ]", "⚠️ partial (cancelled)"),
    ],
)
def test_git_applies_the_patch(place: Path, verdict: str, state: str, words: str) -> None:
    service = look(place)
    assert service.item is not None
    before = (place / "docs" / "fix_plan.md").read_bytes()
    text = make_patch(place, service.item, service.rows, attempt(verdict))
    assert (place / "docs" / "fix_plan.md").read_bytes() == before
    patch = place.parent / "ledger.patch"
    patch.write_text(text, "utf-8")
    git_in(place)("apply", str(patch))
    lines = (place / "docs" / "fix_plan.md").read_text("utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if "Attempt #8" in line)
    assert "Attempt #7" in lines[at - 1]
    assert lines[at].startswith("  * [2026-01-02] Attempt #8 — Result: ")
    assert words in lines[at]
    assert "`reports/a/b/20260102T030405Z/`" in lines[at]
    table = (place / "plans" / "active" / "small.md").read_text("utf-8")
    assert f"| A1 | Run it | {state} |" in table
    assert "| A2 | Enter it | [P] |" in table
    again = look(place)
    assert again.item is not None
    assert make_patch(place, again.item, again.rows, attempt(verdict)) == ""


@pytest.mark.parametrize("history", ["- Attempts History: none recorded.\n", ""])
def test_the_first_attempt_finds_its_place(place: Path, history: str) -> None:
    path = place / "docs" / "fix_plan.md"
    path.write_text(f"## [TEST-001] x\n- Status: open\n{history}\n## [B-2] y\n", "utf-8")
    service = look(place)
    assert service.item is not None
    (place.parent / "p").write_text(make_patch(place, service.item, (), attempt()), "utf-8")
    git_in(place)("apply", str(place.parent / "p"))
    lines = path.read_text("utf-8").splitlines()
    assert "Attempt #1" in lines[3 if history else 2]
    assert lines[-1] == "## [B-2] y"


@pytest.mark.timeout(60)
def test_a_run_is_entered_with_its_own_date_and_figures(desk: Desk) -> None:
    (desk.root / "docs").mkdir()
    (desk.root / "docs" / "fix_plan.md").write_text(LEDGER, "utf-8")
    desk.git("add", ".")
    desk.memo(0.0, MEMO)
    assert desk.run("--batch", "--yes").returncode == 0
    shown = desk.run("ledger")
    assert "item: [TEST-001] a small plan" in shown.stdout
    assert "would unblock: LATER-002 (docs/fix_plan.md:18)" in shown.stdout
    patch = desk.run("ledger", "--patch")
    assert patch.returncode == 0, patch.stderr
    (desk.root.parent / "p").write_text(patch.stdout, "utf-8")
    assert desk.git("status", "--porcelain") == ""
    desk.git("apply", str(desk.root.parent / "p"))
    text = (desk.root / "docs" / "fix_plan.md").read_text("utf-8")
    assert "Attempt #8 — Result: ✅ success (cleared)" in text
    assert desk.git("rev-parse", "HEAD").strip() in text
    assert desk.run("ledger", "--patch").returncode == 5
    stale = desk.run("lint")
    assert "[already-ran]" in stale.stdout
    assert "cleared as" in stale.stdout
    assert stale.stderr.endswith("0 findings, 0 block, 1 remark\n")
    assert stale.returncode == 0
