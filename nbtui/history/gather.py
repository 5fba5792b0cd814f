"""From a bundle to its record: the journal, the plan and the tests' own result files."""

from pathlib import Path

import msgspec

from nbtui.durable import StrictJsonError, load_json
from nbtui.errors import BundleError
from nbtui.evidence.collectors.model import UnbelievableError, mapping, strings
from nbtui.evidence.collectors.pytest import outcomes
from nbtui.history.records import RunRecord, StageRecord, Status, TestRecord
from nbtui.memo.plan import Plan, Role, Step, decode
from nbtui.run.catalog import PLAN, is_sealed
from nbtui.run.forecast import work_of
from nbtui.store import RunState, StageState, StageStatus, read

REDERIVED = "rederived.json"
_STATUS = {
    StageStatus.PASSED: Status.PASSED,
    StageStatus.FAILED: Status.FAILED,
    StageStatus.WAITING: Status.OPEN,
    StageStatus.RUNNING: Status.OPEN,
}
_OUTCOME = {"passed": Status.PASSED, "skipped": Status.SKIPPED}


def gather(bundle: Path, root: Path) -> RunRecord:
    """Return the record of a bundle; one that cannot be read says why (``damage``).

    Parameters
    ----------
    bundle
        The run's folder, below ``root``.
    root
        The project's root.
    """
    place = bundle.relative_to(root)
    initiative = "/".join(place.parts[1:-1])
    blank = RunRecord(stamp=bundle.name, bundle=place.as_posix(), initiative=initiative)
    try:
        state = read(bundle)
        plan = decode((bundle / PLAN).read_bytes())
    except (BundleError, OSError, msgspec.MsgspecError) as error:
        return msgspec.structs.replace(blank, damage=" ".join(str(error).split()))
    return _filled(blank, state, plan)


def _filled(blank: RunRecord, state: RunState, plan: Plan) -> RunRecord:
    started = state.started
    planned = {step.id: step for step in plan.stages}
    images = _images(state.bundle)
    return msgspec.structs.replace(
        blank,
        verdict=state.verdict.value if state.verdict else None,
        sealed=is_sealed(state.bundle),
        started=state.started_t,
        wall_s=state.wall_s,
        operator=started.operator if started else "",
        host=started.host if started else "",
        plan_sha256=started.plan_sha256 if started else "",
        memo_name=plan.memo_name,
        memo_sha256=plan.memo_sha256,
        focus=plan.focus,
        facts=state.facts,
        blocker=state.blocker,
        stages=tuple(
            _stage(stage, planned[stage.step_id], state.bundle, images.get(stage.step_id, {}))
            for stage in state.stages
            if stage.step_id in planned and planned[stage.step_id].role is not Role.SUMMARY
        ),
    )


def _stage(stage: StageState, step: Step, bundle: Path, images: dict[str, str]) -> StageRecord:
    outcome, collected = stage.outcome, stage.collected
    return StageRecord(
        step_id=stage.step_id,
        role=step.role,
        title=stage.title,
        what=work_of(step),
        status=_STATUS[stage.status],
        wall_s=outcome.wall_s if outcome else None,
        cpu_s=outcome.cpu_s if outcome else None,
        peak_rss_bytes=outcome.peak_rss_bytes if outcome else None,
        exit_code=outcome.exit_code if outcome else None,
        failure=(outcome.failure or "") if outcome else "",
        parameter_hash=collected.parameter_hash if collected else None,
        parameters=dict(collected.parameters) if collected else {},
        metrics=collected.metrics if collected else (),
        gates=stage.gates,
        problems=collected.problems if collected else (),
        image_sha256=images,
        tests=_tests(bundle / "stages" / step.id / "junit.xml") if step.role is Role.PYTEST else (),
    )


def _images(bundle: Path) -> dict[str, dict[str, str]]:
    """Return, by step, the hashes of the images that were measured again."""
    try:
        stages = mapping(load_json((bundle / REDERIVED).read_bytes())).get("stages")
    except (OSError, StrictJsonError):
        return {}
    rows = [mapping(row) for row in stages] if isinstance(stages, list) else []
    return {str(row.get("step_id")): strings(row.get("image_sha256")) for row in rows}


def _tests(path: Path) -> tuple[TestRecord, ...]:
    try:
        found = outcomes(path.read_bytes(), path.name)
    except (OSError, UnbelievableError):
        return ()
    return tuple(
        TestRecord(classname=classname, name=name, status=_OUTCOME.get(word, Status.FAILED))
        for classname, name, word in found
    )
