"""All checks together: complete, in order, harmless."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nbtui.errors import VcsError
from nbtui.memo.plan import Variable
from nbtui.preflight import registry
from nbtui.preflight.model import CheckResult, CheckStatus, Context
from nbtui.preflight.registry import CheckEntry, blocking, owner, run_all, run_one

MakeContext = Callable[..., Context]


def test_every_check_reports_what_was_found_and_expected(context: MakeContext) -> None:
    variables = (Variable(name="A_B", value="1", source="memo.md:1"),)
    results = tuple(run_all(context(environment=variables, golden_image="golden_data/a/i.bin")))
    assert len({r.id for r in results}) == len(results)
    for result in results:
        assert result.title
        assert result.found
        assert result.expected
        assert result.source
        assert bool(result.fix) or result.status is CheckStatus.OK
    assert {r.id for r in blocking(results)} >= {"c-binary", "golden"}


def test_results_come_one_by_one(context: MakeContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(_: Context) -> Iterator[CheckResult]:
        pytest.fail("asked too early")

    entries = (registry.CHECKS[0], CheckEntry("late", "Late", explode))
    monkeypatch.setattr(registry, "CHECKS", entries)
    variables = (Variable(name="A_B", value="1", source="memo.md:1"),)
    assert next(run_all(context(environment=variables))).id == "env:A_B"


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("memory", {"memory"}),
        ("env:A_B", {"env:A_B"}),
        ("staged", {"staged", "clean-tree"}),
        ("hidden-input:Fdump.bin", {"hidden-inputs"}),
        ("hidden-inputs", {"hidden-inputs"}),
    ],
)
def test_one_check_can_be_repeated_by_any_of_its_names(
    context: MakeContext, name: str, ids: set[str]
) -> None:
    variables = (Variable(name="A_B", value="1", source="memo.md:1"),)
    assert {r.id for r in run_one(name, context(environment=variables))} == ids


def test_every_result_can_be_had_again_by_its_name(context: MakeContext) -> None:
    variables = (Variable(name="A_B", value="1", source="memo.md:1"),)
    made = context(environment=variables, golden_image="golden_data/a/i.bin")
    for result in run_all(made):
        again = run_one(result.id, made)
        assert result.id in {r.id for r in again}
        assert {owner(r.id) for r in again} == {owner(result.id)}


def test_an_unknown_check_is_an_error(context: MakeContext) -> None:
    with pytest.raises(KeyError):
        run_one("nonsense", context())


@pytest.mark.parametrize(
    "error", [VcsError("git refused", fix="mend it"), PermissionError(13, "Permission denied", "f")]
)
def test_what_cannot_be_looked_at_blocks(
    context: MakeContext, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(_: Context) -> Iterator[CheckResult]:
        raise error

    monkeypatch.setattr(registry, "CHECKS", (CheckEntry("x", "X", fail),))
    (result,) = run_all(context())
    assert (result.id, result.status) == ("x", CheckStatus.BLOCK)


def snapshot(root: Path) -> dict[str, tuple[int, str]]:
    return {
        str(p): (p.stat().st_mtime_ns, hashlib.sha256(p.read_bytes()).hexdigest())
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


def test_looking_changes_nothing(context: MakeContext, repo: Path) -> None:
    (repo / "a.txt").touch()
    (repo / "Fdump.bin").write_bytes(b"x")
    before = snapshot(repo)
    list(run_all(context()))
    assert snapshot(repo) == before
