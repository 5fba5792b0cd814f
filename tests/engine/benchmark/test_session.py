"""A whole benchmark, against programs with one fault each."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from engine.benchmark.cli import RESULTS, Session, main
from engine.benchmark.report import report

Maker = Callable[..., Session]
ARGS = ("-lambda", "0.5", "-N", "5", "-detpixels", "48")


def stored(session: Session) -> dict[str, Any]:
    text = (session.outdir / RESULTS).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text, parse_constant=lambda n: pytest.fail(f"{n} in JSON"))
    return found


def test_one_round_is_measured_and_labelled_as_such(session: Maker) -> None:
    made = session(profile=True, keep=True)
    assert made.run([ARGS], ARGS) == 0
    found = stored(made)
    (entry,) = found["results"]
    assert (entry["size"], entry["shape"]) == (48, [48, 48])
    assert entry["args"] == list(ARGS)
    assert entry["parameters"]["hash"]
    assert sorted(entry["rounds"][0]) == ["c", "py_cold", "py_warm"]
    assert entry["py_warm_s"]["samples"] == [0.25]
    assert entry["speedup_warm"]["ci_low"] is None
    assert entry["speedup_warm"]["note"] == "single run, no confidence interval"
    ratio = entry["c_s"]["median"] / 0.25
    assert entry["speedup_warm"]["ratio"] == pytest.approx(ratio)
    assert entry["correlation"] > 0.999999
    assert entry["gate"]["passed"] is True
    assert entry["peak_rss_bytes"]["c"] > 0
    assert found["profile"] == "trace.json"
    assert found["environment"]["torch"] == "0.0-fake"
    assert found["environment"]["omp_num_threads"] == "2"
    for name in entry["images"].values():
        assert (made.outdir / name).stat().st_size == 48 * 48 * 4
    assert any("no confidence interval" in text for text in found["warnings"])


def test_images_go_unless_they_are_to_be_kept(session: Maker) -> None:
    made = session()
    made.run([ARGS], ARGS)
    assert not list(made.outdir.rglob("*.bin"))
    assert stored(made)["results"][0]["images"] is None
    assert stored(made)["profile"] is None


def test_five_rounds_have_an_interval_and_a_drawn_order(session: Maker) -> None:
    made = session(iterations=5)
    made.run([ARGS], ARGS)
    (entry,) = stored(made)["results"]
    assert len(entry["rounds"]) == 5
    assert len({tuple(order) for order in entry["rounds"]}) > 1
    assert entry["speedup_cold"]["ci_low"] is not None
    again = session(iterations=5)
    again.run([ARGS], ARGS)
    assert stored(again)["results"][0]["rounds"] == entry["rounds"]


def test_each_run_is_recorded_with_what_it_used_and_what_the_machine_did(session: Maker) -> None:
    made = session(iterations=5)
    made.run([ARGS], ARGS)
    (entry,) = stored(made)["results"]
    assert [(r["round"], r["side"]) for r in entry["runs"]] == [
        (number, side) for number, order in enumerate(entry["rounds"], 1) for side in order
    ]
    process = next(r for r in entry["runs"] if r["side"] == "c")
    assert process["wall_s"] in entry["c_s"]["samples"]
    assert process["user_s"] + process["system_s"] > 0
    for name in ("involuntary_switches", "major_faults", "load_before", "pressure", "steal"):
        assert name in process
    # The first runs pay for the disk; they are told and enter no ratio.
    assert sorted(entry["first_runs_s"]) == ["c", "py_cold"]
    assert len(entry["c_s"]["samples"]) == 5


def test_one_round_has_no_runs_to_spare_and_says_what_it_cannot_show(session: Maker) -> None:
    made = session()
    made.run([ARGS], ARGS)
    found = stored(made)
    assert found["results"][0]["first_runs_s"] == {}
    assert any("more than chance" in text for text in found["warnings"])


def test_rounds_go_on_until_the_ratio_is_known_well(session: Maker) -> None:
    made = session(iterations=1, precision=1e9)
    made.run([ARGS], ARGS)
    assert len(stored(made)["results"][0]["rounds"]) == 5


def test_sizes_are_measured_one_after_the_other(session: Maker) -> None:
    made = session(profile=True)
    small = ("-detpixels", "24", "-pixel", "0.2", "-lambda", "0.5", "-N", "5")
    assert made.run([ARGS, small], ARGS) == 0
    assert [e["size"] for e in stored(made)["results"]] == [48, 24]
    assert {e["folder"] for e in stored(made)["results"]} == {"run1", "run2"}


@pytest.mark.parametrize(
    ("faults", "code", "words"),
    [
        ({"c": "crash"}, 2, "the C program: was killed by SIGSEGV"),
        ({"py": "exit"}, 2, "the port: ended with exit code 9"),
        ({"c": "silent"}, 2, "no console report"),
        ({"c": "fdump"}, 2, "structure factors nobody named"),
        ({"c": "truncated"}, 5, "bytes"),
        ({"warm": "refuses"}, 2, "the PyTorch worker: UnsupportedError"),
        ({"warm": "dies"}, 2, "the PyTorch worker: ended: Fatal: out of memory"),
    ],
)
def test_a_failure_leaves_its_reason_in_the_results(
    session: Maker, faults: dict[str, str], code: int, words: str
) -> None:
    made = session(**faults)
    assert made.run([ARGS], ARGS) == code
    found = stored(made)
    assert words in found["error"]
    assert found["exit_code"] == code
    assert found["results"][0]["gate"] is None


def test_a_silent_worker_is_ended(session: Maker) -> None:
    made = session(warm="hangs", timeout_s=1.0)
    assert made.run([ARGS], ARGS) == 2
    assert "gave no answer in 1 s" in stored(made)["error"]


@pytest.mark.parametrize("side", ["c", "py", "warm"])
def test_images_that_disagree_fail_whoever_made_them(session: Maker, side: str) -> None:
    made = session(**{side: "unrelated"})
    assert made.run([ARGS], ARGS) == 3
    assert stored(made)["results"][0]["gate"]["passed"] is False


def test_nan_is_no_agreement(session: Maker) -> None:
    made = session(py="nan")
    assert made.run([ARGS], ARGS) == 3
    assert stored(made)["results"][0]["correlation"] is None


def test_different_experiments_have_no_ratio(session: Maker) -> None:
    made = session(py="default-N")
    plain = ("-lambda", "0.5", "-detpixels", "48")
    assert made.run([plain], plain) == 2
    (entry,) = stored(made)["results"]
    assert entry["parameters"]["hash"] is None
    assert entry["parameters"]["differences"] == [{"name": "N", "c": "1 1 1", "py": "5 5 5"}]
    assert "speedup_warm" not in entry
    assert any("DIFFER" in line for line in report(made.results, made.outdir))


def test_lines_for_people_name_the_direction_of_the_ratio(session: Maker) -> None:
    made = session()
    made.run([ARGS], ARGS)
    text = "\n".join(report(made.results, made.outdir))
    assert "C / PyTorch  warm" in text
    assert "single run, no confidence interval" in text
    assert "PASS" in text


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--sizes", "ten"], "'ten' is not a list"),
        (["--sizes", "0"], "'0' is not a list"),
        (["--iterations", "0"], "--iterations"),
        (["--device", "abacus"], "--device"),
        (["--outdir", "x", "--threshold", "nan"], "--threshold"),
        (["-lambda", "1"], "--help"),
        ([], "NB_C_BIN"),
    ],
)
def test_usage_errors_end_with_one(
    argv: list[str], words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NB_C_BIN", raising=False)
    assert main(argv) == 1
    assert words in capsys.readouterr().err
