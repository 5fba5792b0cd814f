"""What stages write is read strictly: fresh, whole, of this run, and complete."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from nbtui.evidence.collectors import benchmark, compare
from nbtui.evidence.collectors import pytest as junit
from nbtui.evidence.collectors.model import Request, in_outdir, option
from nbtui.evidence.collectors.registry import COLLECTORS
from nbtui.evidence.records import Collected
from nbtui.memo.plan import LineSpan, Role, Step, StepKind

SAME = {"c": {"N": "5"}, "py": {"N": "5"}, "hash": "ab"}
TIMES = {"median": 0.5, "samples": [0.5], "q25": 0.5, "q75": 0.5}


def request(bundle: Path, role: Role, *argv: str, **more: Any) -> Request:
    step = Step(id="07-x", title="", kind=StepKind.RUNNABLE, role=role,
                lines=LineSpan(1, 1), memo_text="")  # fmt: skip
    fields: dict[str, Any] = {"log": bundle / "x.log", "started": 0.0}
    return Request(step=step, argv=argv, bundle=bundle, **(fields | more))


def figures(collected: Collected) -> dict[str, float | None]:
    return {m.name: m.value for m in collected.metrics}


def summary(**more: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "tool": "nb-compare",
        "parameters": SAME,
        "metrics": {
            "correlation": 0.5, "rmse": 0.25, "max_abs_diff": 1.0, "c_sum": 2.0, "py_sum": 2.2,
            "sum_ratio": 1.1, "relative_l2": 0.1, "c_max": 4.0, "nonfinite_c": 0,
            "nonfinite_py": 0,
        },
        "c": {"sha256_binary": "cc", "image_sha256": "1"},
        "py": {"image_sha256": "2"},
    } | more  # fmt: skip


def read_compare(tmp_path: Path, data: dict[str, Any] | str, **more: Any) -> Collected:
    path = tmp_path / "summary.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return compare.read(request(tmp_path, Role.COMPARE, **more), path)


def test_a_comparison_is_read_with_what_follows_from_it(tmp_path: Path) -> None:
    collected = read_compare(tmp_path, summary(), c_binary_sha256="cc")
    assert collected.problems == ()
    assert collected.parameter_hash == "ab"
    found = figures(collected)
    assert found["correlation"] == 0.5
    assert found["sum_ratio_deviation"] == pytest.approx(0.1)
    assert found["max_abs_diff_relative"] == 0.25
    assert found["rmse_relative"] == 0.0625
    assert found["nonfinite"] == 0
    sources = {m.name: m.source for m in collected.metrics}
    assert sources["correlation"] == "summary.json#metrics.correlation"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "is empty"),
        ('{"schema": 1,', "cannot be read"),
        ('{"schema": 1, "schema": 1}', "occurs twice"),
        ('{"metrics": {"correlation": NaN}}', "NaN is not a JSON number"),
        ('{"metrics": {"rmse": 1e999}}', "beyond the range"),
        ("[1]", "no JSON object"),
        ("{}", "not the result of nb-compare"),
    ],
)
def test_a_file_that_is_no_result_is_refused(tmp_path: Path, data: str, words: str) -> None:
    collected = read_compare(tmp_path, data)
    assert collected.metrics == ()
    assert words in collected.problems[0]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"schema": 2}, "schema 2"),
        ({"tool": "other"}, "tool 'other'"),
        ({"parameters": {**SAME, "py": {"N": "1"}}}, "different parameters: N: C 5, PyTorch 1"),
        ({"parameters": {}}, "not recorded"),
        ({"c": {"sha256_binary": "dd", "image_sha256": "1"}}, "SHA-256 dd, not cc"),
        ({"py": {"image_sha256": "1"}}, "same image"),
        ({"metrics": {"nonfinite_c": 2, "nonfinite_py": None}}, "nonfinite_c is 2"),
    ],
)
def test_a_comparison_that_contradicts_itself_is_refused(
    tmp_path: Path, more: dict[str, Any], words: str
) -> None:
    collected = read_compare(tmp_path, summary(**more), c_binary_sha256="cc")
    assert any(words in problem for problem in collected.problems)


def test_a_tool_that_gave_up_is_quoted_instead_of_what_is_missing(tmp_path: Path) -> None:
    told = {"error": "the C program: was killed by SIGSEGV", "exit_code": 2}
    collected = read_compare(tmp_path, summary(metrics={}, parameters={}, **told))
    wanted = ("nb-compare gave up (exit code 2): the C program: was killed by SIGSEGV",)
    assert collected.problems == wanted
    assert collected.metrics == ()
    half: dict[str, Any] = {"size": None, "shape": None, "parameters": {}}
    for rows in ((half,), ()):
        path = tmp_path / "benchmark_results.json"
        head = {"schema": 1, "tool": "nb-benchmark"}
        path.write_text(json.dumps({**head, "results": rows, **told}))
        collected = benchmark.read(request(tmp_path, Role.BENCHMARK), path)
        assert collected.problems == (wanted[0].replace("compare", "benchmark"),)


def test_missing_figures_are_undefined_not_absent(tmp_path: Path) -> None:
    found = figures(read_compare(tmp_path, summary(metrics={})))
    assert found["correlation"] is None
    assert found["sum_ratio_deviation"] is None


def test_an_old_file_is_of_another_run(tmp_path: Path) -> None:
    path = tmp_path / "summary.json"
    path.write_text(json.dumps(summary()))
    os.utime(path, (1000.0, 1000.0))
    late = request(tmp_path, Role.COMPARE, started=2000.0)
    assert "1000 s older than the stage" in compare.read(late, path).problems[0]
    at_once = request(tmp_path, Role.COMPARE, started=1001.0)  # coarse clocks are no fraud
    assert not any("older" in p for p in compare.read(at_once, path).problems)


def test_a_file_that_was_there_before_is_of_another_stage(tmp_path: Path) -> None:
    collected = read_compare(tmp_path, summary(), existed_before=True)
    assert "was there before the stage started" in collected.problems[0]


def test_a_link_to_another_runs_result_is_refused(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (tmp_path / "elsewhere.json").write_text(json.dumps(summary()))
    (bundle / "summary.json").symlink_to(tmp_path / "elsewhere.json")
    collected = compare.read(request(bundle, Role.COMPARE), bundle / "summary.json")
    assert "not a regular file of this run's folder" in collected.problems[0]


def row(size: int, correlation: float | None, ratio: float, **more: Any) -> dict[str, Any]:
    speedup = {"ratio": ratio, "ci_low": ratio - 0.1, "ci_high": ratio + 0.1}
    return {
        "size": size, "shape": [size, size], "parameters": {**SAME, "hash": f"h{size}"},
        "correlation": correlation, "sum_ratio": 1.0, "rmse": 0.0, "c_s": TIMES,
        "py_cold_s": TIMES, "py_warm_s": TIMES, "speedup_warm": speedup, "speedup_cold": speedup,
        "peak_rss_bytes": {"c": 10, "py": 20},
    } | more  # fmt: skip


def read_benchmark(tmp_path: Path, *rows: dict[str, Any], **more: Any) -> Collected:
    path = tmp_path / "benchmark_results.json"
    path.write_text(json.dumps({"schema": 1, "tool": "nb-benchmark", "results": rows}))
    return benchmark.read(request(tmp_path, Role.BENCHMARK, **more), path)


def test_a_benchmark_is_read(tmp_path: Path) -> None:
    collected = read_benchmark(tmp_path, row(4, 0.75, 3.0))
    assert collected.problems == ()
    assert collected.parameter_hash == "h4"
    found = figures(collected)
    assert (found["correlation"], found["speedup_warm"], found["c_s"]) == (0.75, 3.0, 0.5)
    assert any("95 % interval 2.9 to 3.1" in m.note for m in collected.metrics)


@pytest.mark.parametrize(("cold", "warm"), [(0.75, 1.0), (1.0, 0.75)])
def test_the_worse_image_of_fresh_and_live_process_is_gated(
    tmp_path: Path, cold: float, warm: float
) -> None:
    read = read_benchmark(tmp_path, row(4, cold, 3.0, correlation_warm=warm))
    assert figures(read)["correlation"] == 0.75


@pytest.mark.parametrize(("cold", "warm"), [(None, 1.0), (1.0, None)])
def test_an_undefined_image_of_either_process_is_undefined(
    tmp_path: Path, cold: float | None, warm: float | None
) -> None:
    read = read_benchmark(tmp_path, row(4, cold, 3.0, correlation_warm=warm))
    assert figures(read)["correlation"] is None


@pytest.mark.parametrize("c", [{}, {"sha256_binary": "dd"}])
def test_a_benchmark_of_another_c_program_is_refused(tmp_path: Path, c: dict[str, str]) -> None:
    read = read_benchmark(tmp_path, row(4, 1.0, 1.0, c=c), c_binary_sha256="cc")
    assert any("not cc" in problem for problem in read.problems)
    same = row(4, 1.0, 1.0, c={"sha256_binary": "cc"})
    assert read_benchmark(tmp_path, same, c_binary_sha256="cc").problems == ()


def test_of_several_sizes_the_worst_is_gated_and_the_largest_speaks(tmp_path: Path) -> None:
    collected = read_benchmark(tmp_path, row(8, 0.75, 3.0), row(4, 0.5, 2.0))
    found = figures(collected)
    assert collected.parameter_hash == "h8"
    assert (found["correlation"], found["speedup_warm"]) == (0.5, 2.0)
    assert (found["correlation[8]"], found["correlation[4]"]) == (0.75, 0.5)


def test_an_undefined_size_makes_the_worst_undefined(tmp_path: Path) -> None:
    assert (
        figures(read_benchmark(tmp_path, row(8, 1.0, 3.0), row(4, None, 2.0)))["correlation"]
        is None
    )


def test_a_benchmark_of_nothing_or_of_two_experiments_is_refused(tmp_path: Path) -> None:
    assert "nothing was measured" in read_benchmark(tmp_path).problems[0]
    other = row(4, 1.0, 1.0, parameters={**SAME, "py": {"N": "1"}})
    assert "different parameters" in read_benchmark(tmp_path, other).problems[0]


def read_junit(tmp_path: Path, body: str, *argv: str, log: bytes = b"", **more: Any) -> Collected:
    path = tmp_path / "junit.xml"
    path.write_text(body)
    (tmp_path / "x.log").write_bytes(log)
    return junit.read(request(tmp_path, Role.PYTEST, "pytest", *argv, **more), path)


def case(name: str = "test_a", inner: str = "", classname: str = "tests.test_x.TestX") -> str:
    return f'<testcase classname="{classname}" name="{name}">{inner}</testcase>'


def properties(**values: object) -> str:
    inner = "".join(f'<property name="{k}" value="{v}"/>' for k, v in values.items())
    return f"<properties>{inner}</properties>"


def suite(*cases: str) -> str:
    return f'<testsuites><testsuite name="s">{"".join(cases)}</testsuite></testsuites>'


def test_recorded_properties_are_figures(tmp_path: Path) -> None:
    inner = properties(correlation=0.5, parameter_hash="ab", note="text", golden_sha256="gg")
    collected = read_junit(tmp_path, suite(case(inner=inner)), golden_sha256="gg")
    assert collected.problems == ()
    assert collected.parameter_hash == "ab"
    found = figures(collected)
    assert found == {
        "tests_passed": 1, "tests_failed": 0, "tests_errors": 0, "tests_skipped": 0,
        "correlation": 0.5,
    }  # fmt: skip


def test_figures_of_an_unknown_experiment_are_refused(tmp_path: Path) -> None:
    inner = properties(correlation=1.0, golden_sha256="gg")
    collected = read_junit(tmp_path, suite(case(inner=inner)), golden_sha256="gg")
    assert "test_a records figures, but not of which experiment" in collected.problems[0]


def test_another_golden_image_is_named(tmp_path: Path) -> None:
    inner = properties(golden_sha256="other")
    collected = read_junit(tmp_path, suite(case(inner=inner)), golden_sha256="gg")
    assert "another golden image: other" in collected.problems[0]


def test_a_nan_property_is_undefined(tmp_path: Path) -> None:
    collected = read_junit(tmp_path, suite(case(inner=properties(correlation="nan"))))
    assert figures(collected)["correlation"] is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (suite(), "no test was collected"),
        (suite(case(inner="<skipped message='why'/>")), "skipped tests.test_x.TestX::test_a: why"),
        (suite(case(inner="<failure message='0 &lt; 1'/>")), "failed tests.test_x.TestX"),
        (suite(case(), case("test_b", "<error message='boom'/>")), "error tests.test_x"),
        ("<testsuites><testsuite", "cannot be read"),
        ("not xml at all", "cannot be read"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><testsuites/>', "document type"),
    ],
)
def test_anything_but_passed_tests_is_refused(tmp_path: Path, body: str, words: str) -> None:
    collected = read_junit(tmp_path, body)
    assert any(words in problem for problem in collected.problems)


@pytest.mark.parametrize(
    ("node", "ran"),
    [
        ("tests/test_x.py::TestX::test_a", True),
        ("tests/test_x.py::TestX::test_b", True),
        ("tests/test_x.py::TestX::test_b[1]", True),
        ("tests/test_x.py::TestX::test_b[2]", False),
        ("tests/test_x.py::TestX::test_c", False),
        ("tests/test_x.py::TestY::test_a", False),
        ("tests/test_x.py::test_a", False),
        ("sub/tests/test_x.py::TestX::test_a", True),
    ],
)
def test_each_node_on_the_command_line_must_have_run(tmp_path: Path, node: str, ran: bool) -> None:
    collected = read_junit(tmp_path, suite(case("test_a"), case("test_b[1]")), "-v", node)
    assert (f"the mapped test did not run: {node}" not in collected.problems) is ran


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (b"1 passed, 2 deselected in 1s", "2 deselected"),
        (b"==== 1 passed, 1 xpassed in 1s ====\n", "1 xpassed"),
    ],
)
def test_what_the_xml_cannot_tell_is_read_from_the_closing_line(
    tmp_path: Path, log: bytes, words: str
) -> None:
    assert words in read_junit(tmp_path, suite(case()), log=b"noise\n" + log).problems[0]


def test_prose_before_the_closing_line_means_nothing(tmp_path: Path) -> None:
    log = b"a test says: 3 deselected\n=== 1 passed in 0.1s ===\n"
    assert read_junit(tmp_path, suite(case()), log=log).problems == ()


@pytest.mark.parametrize(
    ("argv", "value"),
    [
        (("x", "--outdir", "a"), "a"),
        (("x", "--outdir=b"), "b"),
        (("x", "--", "--outdir", "c"), None),
        (("x", "--outdir"), None),
    ],
)
def test_options_are_the_tools_own(argv: tuple[str, ...], value: str | None) -> None:
    assert option(argv, "--outdir") == value
    located = in_outdir("r.json")(argv, Path("/root"))
    assert located == (None if value is None else Path("/root") / value / "r.json")


def test_every_role_with_results_has_its_collector() -> None:
    assert set(COLLECTORS) == {Role.BENCHMARK, Role.COMPARE, Role.PYTEST}
    for role, collector in COLLECTORS.items():
        assert collector.role is role
