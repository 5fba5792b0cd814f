"""The statement of a bundle is judged by what it says, whichever nbtui wrote it.

``old_bundles.tar.gz`` holds two runs of an earlier nbtui, whose statements carry no schema: the
older one was cleared, the newer one blocked.
"""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbtui.evidence import bundled_verify
from nbtui.verify.check import verify
from nbtui.verify.model import Finding, Level, Status

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def old(tmp_path: Path) -> tuple[Path, Path]:
    """A cleared and a blocked bundle of an earlier nbtui."""
    with tarfile.open(Path(__file__).with_name("old_bundles.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    cleared, blocked = sorted(p for p in tmp_path.iterdir() if p.is_dir())
    return cleared, blocked


def edit(bundle: Path, change: Edit) -> None:
    """Change the statement of a bundle, which nothing but the statement tells."""
    path = bundle / "attestation.json"
    document = json.loads(path.read_text())
    change(document["predicate"])
    path.chmod(0o644)
    path.write_text(json.dumps(document))


def said(bundle: Path, status: Status) -> list[str]:
    """Return what verification says of the statement, with one status."""
    found: tuple[Finding, ...] = verify(bundle).findings
    return [f.what for f in found if f.level is Level.ATTESTATION and f.status is status]


def test_bundles_of_an_earlier_version_stay_sound(old: tuple[Path, Path]) -> None:
    for bundle, verdict in zip(old, ("cleared", "blocked"), strict=True):
        report = verify(bundle)
        assert report.sound, report.of(Status.BAD)
        assert report.verdict == verdict
        assert not bundled_verify.check(str(bundle))
        assert any("schema 0" in what for what in said(bundle, Status.NOTE))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda p: p.update(nbtui_verdict="cleared"), "nbtui_verdict is cleared"),
        (lambda p: p.update(result="PASSED"), "result is PASSED, the bundle gives FAILED"),
        (lambda p: p["passedTests"].append(p["failedTests"].pop()), "is passedTests"),
        (lambda p: p["passedTests"].append(p["failedTests"][0]), "passedTests and failedTests"),
        (lambda p: p["configuration"][0]["digest"].update(sha256="0" * 64), "plan.json is"),
        (lambda p: p["configuration"].pop(0), "does not say configuration:plan.json"),
        (lambda p: p.pop("nbtui_verdict"), "does not say nbtui_verdict"),
    ],
    ids=["verdict", "result", "moved", "doubled", "plan", "no plan", "no verdict"],
)
def test_an_earlier_version_may_not_say_better_than_it_is(
    old: tuple[Path, Path], change: Edit, named: str
) -> None:
    blocked = old[1]
    edit(blocked, change)
    told = said(blocked, Status.BAD)
    assert any(named in what for what in told), told


def test_an_earlier_version_may_say_less_or_worse(old: tuple[Path, Path]) -> None:
    cleared = old[0]
    edit(cleared, lambda p: p.update(result="WARNED", warnedTests=[p["passedTests"].pop()]))
    assert verify(cleared).sound
    told = said(cleared, Status.NOTE)
    assert any("result is WARNED, today PASSED" in what for what in told), told
    edit(cleared, lambda p: p["warnedTests"].clear())
    assert verify(cleared).sound
    assert any("1 claims of today were not made" in w for w in said(cleared, Status.NOTE))


def test_a_claim_that_nobody_here_can_derive_is_named(old: tuple[Path, Path]) -> None:
    edit(old[0], lambda p: p["passedTests"].append("gate:04-compare:correlation>=0.999"))
    assert not verify(old[0]).sound
    assert any("cannot be derived here" in what for what in said(old[0], Status.UNKNOWN))


def test_another_version_is_judged_by_what_is_known_of_it(old: tuple[Path, Path]) -> None:
    edit(old[1], lambda p: p.update(nbtui_schema=99))
    assert verify(old[1]).sound
    edit(old[1], lambda p: p.update(result="PASSED"))
    assert any("result is PASSED" in what for what in said(old[1], Status.BAD))


@pytest.mark.parametrize("schema", [0, 99])
def test_a_statement_has_the_schema_that_was_announced(bundle_copy: Path, schema: int) -> None:
    def say_less(predicate: dict[str, Any]) -> None:
        predicate.update(nbtui_schema=schema, nbtui_reason="none")
        for tests in ("passedTests", "warnedTests", "failedTests"):
            predicate[tests].clear()

    edit(bundle_copy, say_less)
    assert not verify(bundle_copy).sound
    assert any(f"has schema {schema}" in what for what in said(bundle_copy, Status.BAD))


def test_the_order_of_bytes_is_no_claim(bundle_copy: Path) -> None:
    edit(bundle_copy, lambda p: p["configuration"].reverse())
    assert verify(bundle_copy).sound


@pytest.mark.parametrize("name", ["nbtui_schema", "nbtui_reason"])
def test_this_version_says_everything_that_follows(bundle_copy: Path, name: str) -> None:
    edit(bundle_copy, lambda p: p.pop(name))
    assert not verify(bundle_copy).sound
    assert any("schema" in what for what in said(bundle_copy, Status.BAD)) == (
        name == "nbtui_schema"
    )


def test_a_statement_that_was_never_announced_may_be_missing(
    old: tuple[Path, Path], bundle_copy: Path
) -> None:
    for bundle in (old[0], bundle_copy):
        (bundle / "attestation.json").unlink()
    assert verify(old[0]).sound
    assert any("is missing" in what for what in said(old[0], Status.NOTE))
    assert not verify(bundle_copy).sound
    assert [p.file for p in bundled_verify.check(str(bundle_copy))] == ["attestation.json"]
