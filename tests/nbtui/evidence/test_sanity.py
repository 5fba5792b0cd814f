"""Limits that nothing widens, figures that did not move, and the trend of a margin."""

import msgspec
import pytest

from nbtui.evidence.gates import hold
from nbtui.evidence.records import Collected, GateResult, Metric
from nbtui.evidence.sanity import Earlier, absurd, code_of, trend_sentences, unmoved, with_trend
from nbtui.memo.plan import Comparison, GateSpec, Role

OLD, NEW = ("a1", "", "c"), ("b2", "", "c")


def collected(name: str, value: float | None) -> Collected:
    return Collected(step_id="s", metrics=(Metric(name=name, value=value, source="f"),))


def held(value: float, least: float = 0.999, *, binding: bool = True) -> GateResult:
    gate = GateSpec(
        id="g", metric="correlation", role=Role.COMPARE, comparison=Comparison.AT_LEAST,
        threshold=least, source="doc.md:3", binding=binding,
    )  # fmt: skip
    return hold(gate, collected("correlation", value))


@pytest.mark.parametrize("value", [0.5, 1.0, 2.0, None])
def test_a_sum_of_the_right_size_is_possible(value: float | None) -> None:
    assert absurd(collected("sum_ratio", value)) == ""


@pytest.mark.parametrize("value", [0.49, 2.01, 126451.0, -1.0])
def test_no_threshold_widens_the_limits_of_the_sum(value: float) -> None:
    assert "no threshold widens" in absurd(collected("sum_ratio", value))


def test_the_same_failure_after_a_change_is_remarked() -> None:
    earlier = [Earlier("20260101T000000Z", OLD, (held(0.7211766012345),))]
    found = unmoved([held(0.7211766012349)], NEW, earlier)
    assert found is not None
    assert "same to 10 digits as in 20260101T000000Z" in found.remark
    assert "did not reach this stage" in found.remark
    assert not found.blocks


def test_the_same_failure_of_the_same_code_is_no_surprise() -> None:
    earlier = [Earlier("x", OLD, (held(0.72),))]
    assert unmoved([held(0.72)], OLD, earlier) is None


def test_a_figure_that_moved_is_no_remark() -> None:
    earlier = [Earlier("x", OLD, (held(0.7211752710),))]
    assert unmoved([held(0.7211766)], NEW, earlier) is None


@pytest.mark.parametrize("code", [OLD, NEW])
def test_what_missed_before_and_passes_unchanged_passes_by_its_threshold(
    code: tuple[str, ...],
) -> None:
    earlier = [Earlier("x", OLD, (held(0.72),))]
    found = unmoved([held(0.72, least=0.5)], code, earlier)
    assert found is not None
    assert "it passes >= 0.5 by the threshold alone" in found.remark
    assert found.figure == "correlation 7.200000000e-01"
    assert found.blocks


def test_what_only_a_reported_gate_missed_may_pass() -> None:
    earlier = [Earlier("x", OLD, (held(0.72, binding=False),))]
    assert unmoved([held(0.72, least=0.5)], NEW, earlier) is None


def test_margins_have_a_trend_and_repeats_a_spread() -> None:
    earlier = [
        Earlier("c", NEW, (held(0.9996),)),
        Earlier("b", NEW, (held(0.9998),)),
        Earlier("a", OLD, (held(0.9991),)),
    ]
    (result,) = with_trend([held(0.9993)], NEW, earlier)
    assert result.before == pytest.approx((6e-4, 8e-4, 1e-4))
    assert result.noise == pytest.approx(5e-4)
    (sentence,) = trend_sentences([result])
    assert "margin 0.0003, before 0.0006, 0.0008, 0.0001" in sentence
    assert "more than the margin" in sentence


def test_without_a_repeat_there_is_no_noise_and_another_threshold_is_another_gate() -> None:
    earlier = [Earlier("b", OLD, (held(0.9998),)), Earlier("a", NEW, (held(0.9, least=0.8),))]
    (result,) = with_trend([held(0.9993)], NEW, earlier)
    assert result.noise is None
    assert len(result.before) == 1
    assert trend_sentences([msgspec.structs.replace(result, before=())]) == ()


def test_the_code_is_commit_changes_and_program() -> None:
    facts = {"git_sha": "a", "git_dirty": "x.py", "c_binary_sha256": "c", "host": "h"}
    assert code_of(facts) == ("a", "x.py", "c")


def test_margins_that_did_not_move_share_a_sentence() -> None:
    earlier = [Earlier("b", NEW, (held(0.9998),)), Earlier("a", NEW, (held(0.9998),))]
    told = with_trend([held(0.9998)], NEW, earlier)
    assert trend_sentences([*told, *told]) == ("2 margins as in 2 earlier runs of this experiment",)
