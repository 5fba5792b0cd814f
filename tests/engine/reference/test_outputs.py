"""Outputs of the C reference: there whole or not at all, and refused before memory runs out."""

import resource
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.reference.runs import Reference

WORDS = (
    "-noprogress -nopgm -nonoise -seed 1 -cell 100 100 100 90 90 90 -N 5 -default_F 100 "
    "-distance 100 -lambda 1 -detpixels {} {}"
)
Limited = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def limited(reference_binary: Path, tmp_path: Path) -> Limited:
    """Return a function that runs the reference under a limit of the system."""

    def run(pixels: int, words: str, limit: int, size: int) -> "subprocess.CompletedProcess[str]":
        def restrict() -> None:
            # a file that grows beyond the limit is then an error and no signal
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(limit, (size, size))

        return subprocess.run(
            [str(reference_binary), *WORDS.format(pixels, words).split()],
            cwd=tmp_path, preexec_fn=restrict, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip

    return run


@pytest.mark.parametrize("flag", ["-floatfile", "-intfile"])
def test_a_file_that_does_not_fit_changes_nothing(
    limited: Limited, tmp_path: Path, flag: str
) -> None:
    (tmp_path / "image").write_bytes(b"from an earlier run")
    done = limited(64, f"{flag} image", resource.RLIMIT_FSIZE, 4096)
    assert done.returncode == 9
    assert "no file of that name was written or changed" in done.stderr
    if flag == "-floatfile":
        assert "cannot write image" in done.stderr
    assert (tmp_path / "image").read_bytes() == b"from an earlier run"
    assert list(tmp_path.glob("*.part")) == []


def test_a_link_and_its_permissions_stay(reference: Reference, tmp_path: Path) -> None:
    there = tmp_path / "elsewhere"
    there.mkdir()
    (there / "old.bin").write_bytes(b"old")
    (there / "old.bin").chmod(0o640)
    (tmp_path / "image.bin").symlink_to(there / "old.bin")
    run = reference(WORDS.format(8, "-floatfile image.bin"), tmp_path)
    assert run.exit_code == 0
    assert (tmp_path / "image.bin").is_symlink()
    assert (there / "old.bin").stat().st_size == 8 * 8 * 4
    assert (there / "old.bin").stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in there.iterdir()) == ["old.bin"]


def test_what_is_no_file_is_written_to(reference: Reference) -> None:
    run = reference(WORDS.format(8, "-floatfile /dev/null -intfile /dev/null"))
    assert run.exit_code == 0
    assert not Path("/dev/null").is_file()


def test_an_image_too_large_for_the_machine_is_refused_before_it_is_made(limited: Limited) -> None:
    done = limited(8000, "", resource.RLIMIT_AS, 300_000_000)
    assert done.returncode == 1
    assert "8000 x 8000 pixels needs 0.4 GB of memory, 0.3 GB are available" in done.stderr


def test_the_seed_of_a_random_missetting_is_not_stored_from_its_own_word(
    reference: Reference,
) -> None:
    def angles(words: str) -> str:
        told = reference(WORDS.format(8, words)).stdout.splitlines()
        return next(line for line in told if line.startswith("random orientation"))

    assert angles("-misset_seed 5 -misset_seed random7") == angles("-misset_seed 5 -misset random")
    assert angles("-misset_seed 7 -misset random") != angles("-misset_seed 5 -misset random")
