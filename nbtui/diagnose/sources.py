"""From a bundle to a case: which comparison blocked, and what is stored of both sides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from nbtui.diagnose.model import Case, Experiment, Party, Reference, Side
from nbtui.diagnose.options import environment_of
from nbtui.durable import StrictJsonError, load_json
from nbtui.errors import BundleError, NothingComparedError
from nbtui.evidence.collectors.model import mapping
from nbtui.evidence.collectors.registry import COLLECTORS
from nbtui.memo.plan import Plan, Role, decode
from nbtui.run.catalog import PLAN
from nbtui.store import RunState, StageState, read

_COMPARING = (Role.COMPARE, Role.BENCHMARK)
_OUTPUT = "-floatfile"
"""The first word behind a program's own words, as the parity tools call it."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """What one comparing stage left."""

    step_id: str
    role: Role
    file: Path
    data: Mapping[str, Any]
    """``summary.json``, or the largest row of ``benchmark_results.json``."""
    folder: Path

    @property
    def shape(self) -> tuple[int, int] | None:
        shape = self.data.get("shape")
        if isinstance(shape, list) and len(shape) == 2:
            return int(shape[0]), int(shape[1])
        return None


def case_of_bundle(bundle: Path, root: Path) -> Case:
    """Return the case of a run: the comparison that blocked it, else its first one.

    Parameters
    ----------
    bundle
        The run's folder; it may have been moved.
    root
        The project's root.

    Raises
    ------
    BundleError
        The run cannot be read.
    NothingComparedError
        No stage compared two sides.
    """
    try:
        state, plan = read(bundle), decode((bundle / PLAN).read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise BundleError(f"cannot be read: {error}", where=str(bundle)) from error
    stored = list(_stored(state, plan, root))
    if not stored:
        raise NothingComparedError(
            "no stage of this run compared two sides",
            where=str(bundle),
            fix="nbtui diagnose --c PROGRAM --py PROGRAM -- ARGUMENTS compares any two",
        )
    blocked = state.blocker.where if state.blocker else ""
    compared = next((s for s in stored if s.role is Role.COMPARE), stored[0])
    chosen = next((s for s in stored if s.step_id == blocked), compared)
    golden = root / plan.golden_image if plan.golden_image else None
    return Case(
        title=f"{chosen.step_id} of {bundle.name}",
        c=_party(Side.C, chosen),
        py=_party(Side.PY, chosen),
        args=tuple(str(w) for w in chosen.data.get("args") or ()),
        shape=chosen.shape,
        root=root,
        experiments=tuple(_experiments(state, plan)),
        references=tuple(_references(state, chosen, golden)),
        golden=golden,
    )


def _stored(state: RunState, plan: Plan, root: Path) -> Iterator[_Stored]:
    """Yield what the comparing stages left, in the order they ran."""
    roles = {step.id: step.role for step in plan.stages}
    for stage in state.stages:
        role = roles.get(stage.step_id)
        file = _result(state, stage, role, root) if role in _COMPARING else None
        data = _json(file) if file is not None else {}
        if role is None or file is None or not data:
            continue
        if role is Role.COMPARE:
            yield _Stored(stage.step_id, role, file, data, file.parent)
        else:
            rows = [mapping(r) for r in data.get("results") or () if isinstance(r, dict)]
            if rows:
                row = max(rows, key=lambda r: int(r.get("size") or 0))
                folder = file.parent / str(row.get("folder") or ".")
                yield _Stored(stage.step_id, role, file, row, folder)


def _result(state: RunState, stage: StageState, role: Role | None, root: Path) -> Path | None:
    collector = COLLECTORS.get(role) if role else None
    path = collector.locate(stage.argv, root) if collector else None
    if path is None or state.started is None:
        return path
    born = Path(state.started.bundle)
    return state.bundle / path.relative_to(born) if path.is_relative_to(born) else path


def _party(side: Side, stored: _Stored) -> Party:
    made = mapping(stored.data.get(side.value))
    argv = [str(w) for w in made.get("argv") or ()]
    program = tuple(argv[: argv.index(_OUTPUT)] if _OUTPUT in argv else ())
    if program and not Path(program[0]).is_file():
        program = ()
    image = stored.folder / f"{side.value}_float.bin"
    console = stored.folder / f"{side.value}_stdout.txt"
    return Party(
        side=side,
        argv=program,
        environment=environment_of(program),
        image=image if image.is_file() else None,
        console=console if console.is_file() else None,
        sha256_binary=str(made.get("sha256_binary") or ""),
    )


def _experiments(state: RunState, plan: Plan) -> Iterator[Experiment]:
    """Yield the first stage of each role: those must have run one experiment."""
    seen: set[Role] = set()
    roles = {step.id: step.role for step in plan.stages}
    for stage in state.stages:
        role, collected = roles.get(stage.step_id), stage.collected
        if role is None or role in seen or collected is None or not collected.parameter_hash:
            continue
        seen.add(role)
        yield Experiment(stage.step_id, collected.parameter_hash, dict(collected.parameters))


def _references(state: RunState, stored: _Stored, golden: Path | None) -> Iterator[Reference]:
    claimed = mapping(stored.data.get("c")).get("image_sha256")
    if isinstance(claimed, str):
        label = f"{stored.file.name}#c.image_sha256"
        yield Reference(label, claimed, str(stored.folder / "c_float.bin"))
    recorded = state.facts.get("golden_sha256")
    if golden is not None and recorded:
        yield Reference("the journal (when the run started)", recorded, str(golden))


def _json(path: Path) -> Mapping[str, Any]:
    try:
        return mapping(load_json(path.read_bytes()))
    except (OSError, StrictJsonError):
        return {}
