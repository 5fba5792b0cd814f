"""One benchmark at a time: the second waits, says for whom, and gives up in the end."""

import errno
import os
import threading
from pathlib import Path

import pytest

from engine.benchmark.alone import alone, lock_file
from engine.benchmark.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NB_LOCK_DIR", str(tmp_path / "locks"))
    return tmp_path / "locks"


def test_the_second_waits_for_the_first() -> None:
    began, said = threading.Event(), threading.Event()
    order: list[str] = []

    def first() -> None:
        with alone(order.append, patience_s=0):
            began.set()
            assert said.wait(60)
            order.append("the first ends")

    def hear(text: str) -> None:
        order.append(text)
        said.set()

    other = threading.Thread(target=first)
    other.start()
    assert began.wait(60)
    with alone(hear, patience_s=60):
        order.append("the second begins")
    other.join()
    waiting = f"waiting: another benchmark is measuring (process {os.getpid()})"
    assert order == [waiting, "the first ends", "the second begins"]


def test_whoever_waits_too_long_measures_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], reference_binary: Path
) -> None:
    argv = ["--c-bin", str(reference_binary), "--timeout", "0.01", "--outdir", str(tmp_path / "o")]
    with alone(print, patience_s=0):
        assert main(argv) == 2
    told = capsys.readouterr().err
    assert f"another benchmark is measuring (process {os.getpid()})" in told
    assert str(lock_file()) in told
    assert not (tmp_path / "o").exists()


def test_the_lock_is_free_after_a_failure() -> None:
    with pytest.raises(KeyError), alone(print, patience_s=0):
        raise KeyError
    with alone(print, patience_s=0):
        pass


@pytest.mark.parametrize("harm", ["no folder", "no locks"])
def test_where_nothing_can_be_locked_it_goes_on_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    if harm == "no folder":
        (tmp_path / "file").touch()
        monkeypatch.setenv("NB_LOCK_DIR", str(tmp_path / "file"))
    else:

        def refuse(*_: object) -> None:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr("engine.benchmark.alone.fcntl.flock", refuse)
    said: list[str] = []
    with alone(said.append, patience_s=0):
        assert "not held back" in said[0]
