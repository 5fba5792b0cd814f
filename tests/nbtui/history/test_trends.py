"""Last pass, last failure, the same failure again, and which side moved."""

from pathlib import Path

from nbtui.history.index import Index
from nbtui.history.query import Query, find
from nbtui.history.recall import recall_plan, recall_run
from nbtui.history.trends import trend, trends
from nbtui.memo.plan import Role
from tests.nbtui.history.bundles import HASH, Bundle
from tests.nbtui.run.lab import plan_of, step

MYSTERY = 0.7211752710777161
DAYS = [f"202601{day:02}T000000Z" for day in range(1, 10)]


def indexed(root: Path, *bundles: Bundle) -> Index:
    for bundle in bundles:
        bundle.write(root)
    return Index(root, path=root / "index.sqlite")


def test_the_same_failure_is_counted(tmp_path: Path) -> None:
    runs = [
        Bundle(DAYS[0], sums=(201039.0, 201039.0)),
        *(Bundle(d, correlation=MYSTERY, sums=(146232.0, 201039.0)) for d in DAYS[1:4]),
        Bundle(DAYS[4], correlation=MYSTERY + 1.4e-6, sums=(146232.0, 201039.0)),
        Bundle(DAYS[5], correlation=MYSTERY, sums=(146232.0, 201039.0)),
        Bundle(DAYS[6], correlation=MYSTERY, parameter_hash="b" * 64),
    ]
    with indexed(tmp_path, *runs) as index:
        known = trend(index, HASH, Role.COMPARE)
        last, other = (find(index, Query(since=d, until=d))[0] for d in (DAYS[5], DAYS[6]))
        said, alone = recall_run(index, last), recall_run(index, other)
    assert known.last_pass is not None
    assert known.last_fail is not None
    assert (known.last_pass.stamp, known.last_fail.stamp) == (DAYS[0], DAYS[5])
    assert known.identical_failures == 4
    assert said.seen_before == (DAYS[3], DAYS[2], DAYS[1])
    assert said.last_pass == DAYS[0]
    text = "\n".join(said.lines())
    assert "seen 3 times before" in text
    assert "the C image moved (sum 201039 to 146232)" in text
    assert "the port's image is unchanged" in text
    assert alone.seen_before == ()
    assert alone.change is None


def test_figures_of_other_parameters_stay_apart(tmp_path: Path) -> None:
    runs = (Bundle(DAYS[0]), Bundle(DAYS[1], parameter_hash="b" * 64, correlation=0.5))
    with indexed(tmp_path, *runs) as index:
        known = {t.parameter_hash: t for t in trends(index)}
    assert known[HASH].last_fail is None
    assert known["b" * 64].last_pass is None
    assert known[HASH].series("correlation") == ((DAYS[0], 0.99999),)


def test_a_plan_is_recognised_before_it_runs(tmp_path: Path) -> None:
    runs = (Bundle(DAYS[0]), Bundle(DAYS[1], correlation=MYSTERY))
    # The same command in another plan, at another place: known by what it does.
    moved = plan_of(step(7, "compare", "--outdir", "$OUTDIR/full", role=Role.COMPARE))
    with indexed(tmp_path, *runs) as index:
        same, other = recall_plan(index, runs[0].plan), recall_plan(index, moved)
        nothing = recall_plan(index, plan_of(step(1, "never", role=Role.COMPARE)))
    assert (same.plan_runs, same.last_pass, same.last_fail) == (2, DAYS[0], DAYS[1])
    assert "below 0.999" in same.last_reason
    assert other.plan_runs == 0
    assert [s.step_id for s in other.stages] == ["07-compare"]
    assert "last failure" in other.lines()[0]
    assert nothing.lines() == ()


def test_a_run_that_is_not_sealed_clears_nothing(tmp_path: Path) -> None:
    with indexed(tmp_path, Bundle(DAYS[0], sealed=False)) as index:
        assert recall_plan(index, Bundle(DAYS[0]).plan).last_pass == ""
