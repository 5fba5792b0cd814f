"""Two runs beside each other: what differs, what may not be compared, what is noise."""

from pathlib import Path

from nbtui.history.compare import Comparison, Section, compare
from nbtui.history.index import Index
from nbtui.history.query import Query, find
from nbtui.history.text import comparison_text
from tests.nbtui.history.bundles import Bundle

DAYS = [f"202601{day:02}T000000Z" for day in range(1, 10)]


def compared(root: Path, a: Bundle, b: Bundle, *others: Bundle) -> Comparison:
    for bundle in (a, b, *others):
        bundle.write(root)
    with Index(root, path=root / "index.sqlite") as index:
        one, two = (find(index, Query(since=x.stamp, until=x.stamp))[0] for x in (a, b))
        return compare(index, one, two)


def names(comparison: Comparison, section: Section) -> list[str]:
    return [r.name for r in comparison.section(section) if r.differs]


def test_what_differs_is_named(tmp_path: Path) -> None:
    b = Bundle(DAYS[1], correlation=0.9995, commit="d" * 40, facts={"version_torch": "2.9"})
    found = compared(tmp_path, Bundle(DAYS[0]), b)
    assert names(found, Section.CODE) == ["git_sha"]
    assert names(found, Section.ENVIRONMENT) == ["version_torch"]
    assert names(found, Section.METRICS) == ["01-compare correlation"]
    assert names(found, Section.PLAN) == names(found, Section.PARAMETERS) == []
    text = comparison_text(found)
    assert "0.99999 | 0.9995" in text
    assert "c_sum" not in text
    assert "c_sum" in comparison_text(found, everything=True)


def test_figures_of_other_parameters_are_not_compared(tmp_path: Path) -> None:
    other = Bundle(DAYS[1], correlation=0.9995, parameter_hash="b" * 64, parameters={"N": "1 1 1"})
    found = compared(tmp_path, Bundle(DAYS[0]), other)
    assert names(found, Section.METRICS) == []
    assert {r.note for r in found.section(Section.METRICS)} == {"other parameters"}
    assert names(found, Section.PARAMETERS) == ["01-compare hash", "01-compare N"]


def test_a_claimed_fix_that_moved_nothing_is_remarked(tmp_path: Path) -> None:
    a, b = Bundle(DAYS[0], correlation=0.7), Bundle(DAYS[1], correlation=0.7, commit="d" * 40)
    (row,) = [r for r in compared(tmp_path, a, b).rows if r.name == "01-compare correlation"]
    assert "was it in force?" in row.note


def test_times_differ_only_beyond_what_repeats_scatter(tmp_path: Path) -> None:
    repeats = [Bundle(d, wall_s=w) for d, w in zip(DAYS[2:5], (2.0, 2.2, 2.4), strict=True)]
    noise = compared(tmp_path / "1", Bundle(DAYS[0]), Bundle(DAYS[1], wall_s=2.3), *repeats)
    slower = compared(tmp_path / "2", Bundle(DAYS[0]), Bundle(DAYS[1], wall_s=9.0), *repeats)
    alone = compared(tmp_path / "3", Bundle(DAYS[0]), Bundle(DAYS[1], wall_s=9.0))
    assert names(noise, Section.TIMING) == []
    assert names(slower, Section.TIMING) == ["01-compare wall", "02-pytest wall"]
    assert "too few other repeats" in alone.section(Section.TIMING)[0].note
