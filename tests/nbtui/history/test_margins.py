"""How a gate stood before: figures of the same experiment, of runs before this one."""

from pathlib import Path

from nbtui.history.index import Index
from nbtui.history.margins import SHOWN, earlier
from nbtui.store import read
from tests.nbtui.history.bundles import Bundle


def found(root: Path, bundle: Path) -> tuple[float, ...]:
    with Index(root, path=root / "index.sqlite") as index:
        known = earlier(index, read(bundle))
    (values,) = known.values()
    return values


def test_figures_of_earlier_runs_the_oldest_first(tmp_path: Path) -> None:
    values = (0.9991, 0.72, 0.9999)
    for day, value in enumerate(values, start=1):
        Bundle(f"2026110{day}T000000Z", correlation=value).write(tmp_path)
    now = Bundle("20261105T000000Z").write(tmp_path)
    Bundle("20261109T000000Z", correlation=0.5).write(tmp_path)
    assert found(tmp_path, now) == values


def test_another_experiment_says_nothing(tmp_path: Path) -> None:
    Bundle("20261101T000000Z", parameter_hash="b" * 64).write(tmp_path)
    now = Bundle("20261105T000000Z").write(tmp_path)
    assert found(tmp_path, now) == ()


def test_only_the_newest_are_told(tmp_path: Path) -> None:
    for day in range(1, SHOWN + 3):
        Bundle(f"202611{day:02}T000000Z", correlation=0.999 + day * 1e-5).write(tmp_path)
    now = Bundle("20261120T000000Z").write(tmp_path)
    values = found(tmp_path, now)
    assert len(values) == SHOWN
    assert values[-1] == 0.999 + (SHOWN + 2) * 1e-5
