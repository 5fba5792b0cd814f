"""STAMPs are never reused and never run backwards, also when many start at once."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nbtui.errors import RecordingError
from nbtui.run.stamp import PATTERN, allocate, newest

ROOT = "reports/x/phase_a"


class Fixed:
    """A clock that moves only when somebody sleeps."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment
        self.slept = 0.0

    def now(self) -> datetime:
        return self.moment

    def mono_ns(self) -> int:
        return 0

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.moment += timedelta(seconds=seconds)


NOON = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def test_a_stamp_is_the_second_in_utc(tmp_path: Path) -> None:
    given = allocate(tmp_path, ROOT, clock=Fixed(NOON))
    assert given.stamp == "20260301T120000Z"
    assert given.bundle == tmp_path / ROOT / given.stamp
    assert given.bundle.is_dir()
    assert given.warning == ""


def test_within_a_second_the_next_one_is_waited_for(tmp_path: Path) -> None:
    clock = Fixed(NOON)
    stamps = [allocate(tmp_path, ROOT, clock=clock).stamp for _ in range(3)]
    assert stamps == ["20260301T120000Z", "20260301T120001Z", "20260301T120002Z"]
    assert clock.slept == pytest.approx(1.75)


def test_a_clock_that_went_back_never_gives_an_earlier_stamp(tmp_path: Path) -> None:
    allocate(tmp_path, ROOT, clock=Fixed(NOON))
    late = Fixed(NOON - timedelta(days=1))
    given = allocate(tmp_path, ROOT, clock=late)
    assert given.stamp == "20260301T120001Z"
    assert "behind the newest run" in given.warning
    assert late.slept == 0


def test_other_names_beside_the_stamps_do_not_matter(tmp_path: Path) -> None:
    parent = tmp_path / ROOT
    parent.mkdir(parents=True)
    for name in ("99991399T000000Z", "notes", "20260301T120000Z.old"):
        (parent / name).mkdir()
    assert newest(parent) is None
    assert allocate(tmp_path, ROOT, clock=Fixed(NOON)).stamp == "20260301T120000Z"


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("not a folder")
    with pytest.raises(RecordingError, match="reports"):
        allocate(tmp_path, ROOT, clock=Fixed(NOON))


@pytest.mark.timeout(300)
def test_processes_that_start_together_get_different_stamps(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from nbtui.run.stamp import allocate; "
        f"sys.stdout.write(allocate(Path(sys.argv[1]), {ROOT!r}).stamp)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    together = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    stamps = [process.communicate()[0] for process in together]
    assert len(set(stamps)) == 4
    assert all(PATTERN.fullmatch(stamp) for stamp in stamps)
