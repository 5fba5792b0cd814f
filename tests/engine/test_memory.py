"""Images too large for the machine: refused in one line before anything is allocated."""

import pytest
import torch

from engine import memory
from engine.cli import run
from engine.errors import OutOfMemoryError
from engine.experiment import Experiment
from engine.simulator import simulate

WORDS = ["-default_F", "1", "-cell", "10", "10", "10", "90", "90", "90", "-N", "1",
         "-lambda", "1", "-distance", "100", "-oversample", "1"]  # fmt: skip


@pytest.fixture
def small_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the machine have 100 MB, and let nobody allocate an image."""
    monkeypatch.setattr(memory, "available_bytes", lambda: 100_000_000)

    def never(*_args: object, **_words: object) -> torch.Tensor:
        raise AssertionError("an image was allocated")

    monkeypatch.setattr("engine.simulator._blank", never)


@pytest.mark.usefixtures("small_machine")
def test_python_gets_an_error_that_says_how_much_is_missing() -> None:
    large = Experiment.from_args([*WORDS, "-detpixels", "8000"])
    with pytest.raises(OutOfMemoryError, match=r"8000 x 8000 pixels needs 0\.3 GB of memory, 0\.1"):
        simulate(large)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.usefixtures("small_machine")
def test_the_command_line_ends_with_one_line(
    dtype: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*WORDS, "-detpixels", "6000", "--dtype", dtype]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert "needs 0." in said
    assert "fix: fewer pixels" in said


def test_nobody_looks_for_a_small_image(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> int:
        raise AssertionError("the memory was looked at")

    monkeypatch.setattr(memory, "available_bytes", never)
    memory.demand((1024, 1024), 14)


def test_an_unknown_machine_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: None)
    memory.demand((100_000, 100_000), 14)


def test_what_is_available_is_no_more_than_the_machine_has() -> None:
    have = memory.available_bytes()
    assert have is not None
    assert 0 < have < 1 << 50
