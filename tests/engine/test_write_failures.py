"""Files that cannot be written: one line, exit code 5, nothing half-written, nothing lost."""

import errno
import os
import resource
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from engine.cli import run
from engine.formats import atomic

LINE = (
    "-cell 60 -N 3 -default_F 100 -lambda 1 -detpixels 40 -oversample 1 -seed 1 -noprogress "
    "-floatfile float.bin -intfile int.img -pgmfile grey.pgm -noisefile noise.img"
)
FILES = ("float.bin", "int.img", "grey.pgm", "noise.img")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with files of an earlier run and one of somebody else."""
    monkeypatch.chdir(tmp_path)
    for name in (*FILES, "other.txt"):
        (tmp_path / name).write_bytes(b"before")
    return tmp_path


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    """Let the system refuse to make any file larger, as a full disk would."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)


def _complaint(capfd: pytest.CaptureFixture[str]) -> str:
    lines = capfd.readouterr().err.splitlines()
    (line,) = [text for text in lines if text.startswith("nanobragg: ")]
    assert lines[-1] == line
    return line


def _untouched(folder: Path, names: Iterable[str]) -> None:
    """Those files are as they were, and no other file lies about."""
    assert sorted(path.name for path in folder.iterdir()) == sorted((*FILES, "other.txt"))
    for name in (*names, "other.txt"):
        assert (folder / name).read_bytes() == b"before"


def test_a_disk_that_fills_up(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with _largest_file(4000):
        assert run(LINE.split()) == 5
    line = _complaint(capfd)
    assert "float.bin: cannot write" in line
    assert "File too large" in line
    _untouched(folder, FILES)


@pytest.mark.parametrize("fails", range(4), ids=FILES)
def test_a_disk_that_fills_up_later(
    fails: int, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pour, seen = atomic._pour, []

    def full(stream: IO[bytes], chunks: Iterable[atomic.Chunk]) -> None:
        seen.append(stream)
        if len(seen) <= fails:
            pour(stream, chunks)
            return
        stream.write(next(iter(chunks)))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(atomic, "_pour", full)
    assert run(LINE.split()) == 5
    said = f"nanobragg: {FILES[fails]}: cannot write, and nothing is left under this name"
    assert _complaint(capfd).startswith(f"{said}: No space left on device")
    _untouched(folder, FILES[fails:])
    for name in FILES[:fails]:
        assert len((folder / name).read_bytes()) > 1000


def test_a_failure_when_the_file_is_closed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(Path, "replace", refuse)
    assert run(LINE.split()) == 5
    assert "quota" in _complaint(capfd)
    _untouched(folder, FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_read_only_file(name: str, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / name).chmod(0o444)
    assert run(LINE.split()) == 5
    told = capfd.readouterr()
    assert f"nanobragg: {name}: cannot write: the file is read-only" in told.err
    assert not told.out
    _untouched(folder, FILES)


def test_a_read_only_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "touch", refuse)
    assert run(LINE.split()) == 5
    told = capfd.readouterr()
    assert told.err.startswith("nanobragg: float.bin: cannot write: Read-only file system")
    assert not told.out
    _untouched(folder, FILES)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("-noisefile none/x.img", "none/x.img: cannot write: No such file or directory"),
        ("-intfile .", ".: cannot write: Is a directory"),
        ("-floatfile other.txt/x.bin", "other.txt/x.bin: cannot write: Not a directory"),
        ("-pgmfile /dev/full", "/dev/full: cannot write, and nothing is left under this name"),
        ("--timings none/t.json", "none/t.json: cannot write: No such file or directory"),
        ("-hkl two.hkl -dump none/x", "none/x: cannot write"),
    ],
)
def test_other_names(
    flags: str, said: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    listed = folder / "two.hkl"
    listed.write_text("0 0 0 1\n1 1 1 2\n")
    assert run([*LINE.split(), *flags.split()]) == 5
    assert said in _complaint(capfd)
    listed.unlink()
    if "full" not in flags:
        _untouched(folder, FILES)
