"""Building the reference: found, recorded, repeated only when needed, honest when it fails."""

import json
import os
import stat
from pathlib import Path

import pytest

from engine.reference import build as building
from engine.reference.build import build, file_sha256, sidecar_of, sources_sha256
from engine.reference.compiler import CompilerError, find_compiler


def _nothing(_name: str) -> None:
    """Find no module of any name."""


def _something(_name: str) -> object:
    return object()


def _script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def small_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of one line in place of the reference, which takes seconds to compile."""
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "main.c").write_text("int main(void) { return 0; }\n", encoding="utf-8")
    monkeypatch.setattr(building, "SOURCES", folder)
    return folder


def test_record_says_from_what_and_into_what(reference_binary: Path) -> None:
    record = json.loads(sidecar_of(reference_binary).read_text(encoding="utf-8"))
    assert record["schema"] == 1
    assert record["binary_sha256"] == file_sha256(reference_binary)
    assert record["sources_sha256"] == sources_sha256()
    assert "-ffp-contract=off" in record["flags"]
    assert record["compiler_version"]


@pytest.mark.usefixtures("small_sources")
def test_built_once_and_again_only_when_something_changed(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "nanoBragg"
    first = build(out)
    assert first.rebuilt
    assert os.access(out, os.X_OK)
    assert not build(out).rebuilt
    out.write_bytes(out.read_bytes() + b"altered")
    assert build(out).rebuilt
    sidecar_of(out).write_text("{damaged", encoding="utf-8")
    assert build(out).rebuilt
    assert build(out, force=True).rebuilt
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "build.log", "nanoBragg", "nanoBragg.build.json",
    ]  # fmt: skip


def test_no_compiler_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", _nothing)
    with pytest.raises(CompilerError, match="no C compiler found") as caught:
        build(tmp_path / "nanoBragg", environ={"PATH": str(tmp_path)})
    assert "nbtui[cc]" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_ziglang_is_the_last_resort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = _script(tmp_path / "python", 'echo "zig cc 1.0 $*"')
    monkeypatch.setattr("importlib.util.find_spec", _something)
    monkeypatch.setattr("sys.executable", str(python))
    empty = tmp_path / "empty"
    empty.mkdir()
    compiler = find_compiler({"PATH": str(empty)})
    assert compiler.command == (str(python), "-m", "ziglang", "cc")
    assert compiler.version == "zig cc 1.0 -m ziglang cc --version"


def test_cc_wins_and_may_have_arguments(tmp_path: Path) -> None:
    mine = _script(tmp_path / "mine", 'echo "mine $1"')
    compiler = find_compiler({"CC": f"{mine} --tuned", "PATH": os.environ["PATH"]})
    assert compiler.command == (str(mine), "--tuned")
    assert compiler.version == "mine --tuned"


def test_cc_that_does_not_run_is_not_replaced_silently() -> None:
    with pytest.raises(CompilerError, match="'no-such-compiler' does not run"):
        find_compiler({"CC": "no-such-compiler", "PATH": os.environ["PATH"]})


def test_refused_sources_leave_the_old_program_and_a_log(
    tmp_path: Path, small_sources: Path
) -> None:
    out = tmp_path / "nanoBragg"
    build(out)
    before = out.read_bytes()
    (small_sources / "main.c").write_text("int main(void) { return undeclared; }\n")
    with pytest.raises(CompilerError, match="refuses the reference's sources") as caught:
        build(out, force=True)
    assert str(tmp_path / "build.log") in str(caught.value)
    assert "undeclared" in (tmp_path / "build.log").read_text(encoding="utf-8")
    assert out.read_bytes() == before


@pytest.mark.usefixtures("small_sources")
def test_openmp_is_left_out_where_it_does_not_work(tmp_path: Path) -> None:
    real = find_compiler().command[0]
    body = f'for word in "$@"; do [ "$word" = -fopenmp ] && exit 1; done\nexec {real} "$@"'
    single = _script(tmp_path / "single", body)
    result = build(tmp_path / "nanoBragg", environ={"CC": str(single)})
    assert not result.openmp
    assert "-fopenmp" not in result.flags


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(CompilerError, match="cannot write the program"):
        build(tmp_path / "nanoBragg")
