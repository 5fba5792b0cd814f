"""Thresholds that somebody lowers, and sign-offs that somebody alters."""

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan, Role
from nbtui.run import sign_offs
from tests.faults.harness.site import Run, Site
from tests.nbtui.run.lab import GATE, plan_of, summary_step, tool

pytestmark = pytest.mark.timeout(300)
STRATEGY = Path("docs/strategy.md")
TABLE = """\
# Strategy

### 2.5 Acceptance thresholds

| id | applies to | scope | metric | comparison | threshold | binding | why |
|---|---|---|---|---|---|---|---|
| corr | compare | full frame | correlation | >= | THRESHOLD | yes | pattern |
"""
"""Line 7 is what the gate cites."""
AT = "2026-01-31T12:00:00.000Z"


def state_threshold(site: Site, threshold: str) -> None:
    """Write the document that the gate cites."""
    path = site.root / STRATEGY
    path.parent.mkdir(exist_ok=True)
    path.write_text(TABLE.replace("THRESHOLD", threshold))


@pytest.fixture
def strategic(site: Site) -> Site:
    """Return a site whose committed strategy asks for 0.999."""
    state_threshold(site, "0.999")
    site.lab.git("add", ".")
    site.lab.git("commit", "--quiet", "--message", "strategy")
    return site


def test_a_threshold_lowered_and_not_committed_starts_nothing(strategic: Site) -> None:
    state_threshold(strategic, "0.9")
    lowered = msgspec.structs.replace(GATE, threshold=0.9)
    run = strategic.start(plan_of(tool(1, Role.COMPARE), gates=(lowered,)))
    state = run.ends(Verdict.BLOCKED, ExitCode.NOT_STARTED, "clean-tree")
    assert state.stages == ()
    assert f"changed: {STRATEGY}" in (run.bundle / "blockers.md").read_text()


def test_a_threshold_lowered_meanwhile_blocks(strategic: Site) -> None:
    run = strategic.start(strategic.held_plan()).said("begun")
    state_threshold(strategic, "0.9")
    strategic.let_go()
    state = run.ends(Verdict.BLOCKED, ExitCode.BLOCKED, "tree")
    broken = next(g for g in state.guards if not g.ok)
    assert f"changed: {STRATEGY}" in broken.found
    kept = run.bundle / "sources" / STRATEGY
    assert not kept.exists() or "0.999" in kept.read_text()


def waived(site: Site) -> Run:
    """Return a run that was cleared because somebody signed for what it measures."""
    plan = missing()
    first = site.start(plan)
    state = first.ends(Verdict.BLOCKED, ExitCode.BLOCKED, "correlation")
    waives = sign_offs.proposals(first.bundle, state)
    made = sign_offs.compose(first.bundle, waives, by="Ada Lovelace", reason="known", at=AT)
    sign_offs.keep(site.root, "reports", made)
    second = site.start(plan)
    second.returns(ExitCode.CLEARED)
    return second


def missing() -> Plan:
    """Return a plan whose comparison misses its gate."""
    return plan_of(tool(1, Role.COMPARE, "wrong"), summary_step(2))


Alter = Callable[[Path], object]


def another_reason(path: Path) -> None:
    path.chmod(0o644)
    path.write_text(path.read_text().replace('"known"', '"agreed by all"'))


def another_name(path: Path) -> None:
    path.chmod(0o644)
    path.write_text(path.read_text().replace("Ada Lovelace", "Charles Babbage"))


@pytest.mark.parametrize(
    "alter", [another_reason, another_name, Path.unlink], ids=["reason", "name", "removed"]
)
def test_a_sign_off_altered_afterwards_is_named(site: Site, alter: Alter) -> None:
    run = waived(site)
    run.ends(Verdict.CLEARED, ExitCode.CLEARED)
    said = site.run("verify", run.bundle.name, code=ExitCode.CLEARED)
    assert "cleared with waiver" in said
    (path,) = (run.bundle / sign_offs.IN_BUNDLE).glob("*.json")
    alter(path)
    said = site.run("verify", run.bundle.name, code=ExitCode.VERIFY_FAILED)
    assert f"{sign_offs.IN_BUNDLE}/{path.name}" in said


@pytest.mark.parametrize(
    ("old", "new", "because"),
    [(r'"plan_sha256": "\w+"', '"plan_sha256": "0"', "about another plan"),
     (r"\A\{", "[", "cannot be read")],
    ids=["plan", "torn"],
)  # fmt: skip
def test_a_sign_off_altered_before_it_is_used_starts_nothing(
    site: Site, old: str, new: str, because: str
) -> None:
    first = waived(site)
    first.ends(Verdict.CLEARED, ExitCode.CLEARED)
    (path,) = (site.root / "reports" / sign_offs.FOLDER).rglob("*.json")
    path.chmod(0o644)
    path.write_text(re.sub(old, new, path.read_text()))
    before = site.bundles()
    said = site.start(missing()).returns(ExitCode.WAITING)
    assert because in said
    assert path.name in said
    assert site.bundles() == before
