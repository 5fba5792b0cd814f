"""Memory, disk and the interpreter."""

import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from nbtui.preflight import memory
from nbtui.preflight.disk import check_disk, check_reports_writable
from nbtui.preflight.interpreter import check_interpreter
from nbtui.preflight.memory import cgroup_headroom, check_memory
from nbtui.preflight.model import CheckResult, CheckStatus, Context

MakeContext = Callable[..., Context]
GB = 10**9


@pytest.fixture
def available(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[int], None]:
    """Return a function that fakes the machine's available memory; no control group."""
    monkeypatch.setattr(memory, "CGROUP_SELF", tmp_path / "none")

    def fake(count: int) -> None:
        monkeypatch.setattr(
            psutil, "virtual_memory", lambda: SimpleNamespace(available=count, total=32 * GB)
        )

    return fake


def only(results: Iterable[CheckResult]) -> CheckResult:
    (result,) = results
    return result


def test_enough_memory(context: MakeContext, available: Callable[[int], None]) -> None:
    available(16 * GB)
    result = only(check_memory(context()))
    assert result.status is CheckStatus.OK
    assert result.facts["available_bytes"] == str(16 * GB)


def test_too_little_memory_says_how_much_is_missing(
    context: MakeContext, available: Callable[[int], None]
) -> None:
    available(8 * GB)
    result = only(check_memory(context()))
    assert result.status is CheckStatus.BLOCK
    assert result.found == "8.0 GB available of 32.0 GB"
    assert result.expected == "at least 16.0 GB"
    assert "8.0 GB more" in result.fix


def group(mount: Path, path: str, **files: str) -> None:
    folder = mount / path
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_a_control_group_counts_where_it_leaves_less(
    context: MakeContext,
    available: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    available(30 * GB)
    self_file = tmp_path / "cgroup"
    self_file.write_text("0::/box\n")
    group(tmp_path, "box", memory__max=f"{4 * GB}\n", memory__current=f"{GB}\n")
    monkeypatch.setattr(memory, "CGROUP_SELF", self_file)
    monkeypatch.setattr(memory, "CGROUP_MOUNT", tmp_path)
    result = only(check_memory(context()))
    assert result.status is CheckStatus.BLOCK
    assert "3.0 GB available" in result.found
    assert "control group" in result.found


def test_the_tightest_group_above_decides_and_droppable_cache_is_free(tmp_path: Path) -> None:
    self_file = tmp_path / "cgroup"
    self_file.write_text("0::/outer/inner\n")
    group(tmp_path, "outer", memory__max="1000\n", memory__current="900\n",
          memory__stat="anon 1\ninactive_file 300\n")  # fmt: skip
    group(tmp_path, "outer/inner", memory__max="max\n", memory__current="5\n")
    assert cgroup_headroom(tmp_path, self_file) == 400


def test_version_one_groups(tmp_path: Path) -> None:
    self_file = tmp_path / "cgroup"
    self_file.write_text("9:cpu,cpuacct:/\n8:memory:/job\n0::/\n")
    group(tmp_path / "memory", "job", memory__limit_in_bytes="500\n",
          memory__usage_in_bytes="100\n")  # fmt: skip
    group(tmp_path, "memory", memory__limit_in_bytes=f"{(1 << 63) - 4096}\n")
    assert cgroup_headroom(tmp_path, self_file) == 400


def test_no_group_no_limit(tmp_path: Path) -> None:
    assert cgroup_headroom(tmp_path, tmp_path / "none") is None


@pytest.mark.parametrize(("free", "status"), [(1, CheckStatus.BLOCK), (3 * GB, CheckStatus.OK)])
def test_disk_space(
    context: MakeContext, monkeypatch: pytest.MonkeyPatch, free: int, status: CheckStatus
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert only(check_disk(context())).status is status


def test_a_reports_folder_that_is_not_there_yet_can_be_made(context: MakeContext) -> None:
    assert only(check_reports_writable(context())).status is CheckStatus.OK


def test_a_file_in_the_way_blocks(context: MakeContext) -> None:
    made = context()
    (made.root / "reports").write_text("")
    result = only(check_reports_writable(made))
    assert result.status is CheckStatus.BLOCK
    assert "is not a folder" in result.found


def test_a_link_out_of_the_project_blocks(context: MakeContext, tmp_path: Path) -> None:
    made = context()
    (made.root / "reports").mkdir()
    (made.root / "reports" / "a").symlink_to(tmp_path)
    result = only(check_reports_writable(made))
    assert result.status is CheckStatus.BLOCK
    assert "symbolic link" in result.fix


def test_the_projects_own_environment(
    context: MakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = context()
    monkeypatch.setattr(sys, "prefix", str(made.root / ".venv"))
    result = only(check_interpreter(made))
    assert result.status is CheckStatus.OK
    assert result.facts["torch"]
    assert "torch" in result.found


def test_the_activated_environment_is_as_good(context: MakeContext) -> None:
    made = context({"VIRTUAL_ENV": sys.prefix})
    (made.root / ".venv").mkdir()
    assert only(check_interpreter(made)).status is CheckStatus.OK


def test_another_environment_than_the_projects_blocks(context: MakeContext) -> None:
    made = context()
    (made.root / ".venv").mkdir()
    result = only(check_interpreter(made))
    assert result.status is CheckStatus.BLOCK
    assert ".venv/bin/nbtui" in result.fix


def test_without_a_project_environment_another_one_only_warns(context: MakeContext) -> None:
    assert only(check_interpreter(context())).status is CheckStatus.WARN


def test_no_environment_at_all_blocks(
    context: MakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    result = only(check_interpreter(context()))
    assert result.status is CheckStatus.BLOCK
    assert "no virtual environment" in result.found
