"""Resuming: completed stages of an interrupted run, taken over instead of run again.

Only where nothing that could have changed their results did: the same plan, commit, inputs,
programs and environment, files that still have the hashes of their seal. What is taken over
is collected, re-derived and held against its gates anew.
"""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from nbtui.durable import sha256_file
from nbtui.errors import BundleError, PlanError
from nbtui.evidence.manifest import MANIFEST
from nbtui.evidence.records import StageOutcome, Verdict
from nbtui.evidence.secrets import TOKEN_VARIABLE
from nbtui.evidence.streams import Told
from nbtui.memo.plan import Plan, Step, decode
from nbtui.run.catalog import PLAN, is_sealed
from nbtui.run.environment import Resolved
from nbtui.run.journal import JOURNAL, parse
from nbtui.store import RunState, StageState, StageStatus, fold_all

_VOLATILE = frozenset(
    {"token", "supervisor_started", "memory_available_bytes", "load_1m", "c_binary_mtime",
     "golden_mtime"}
)  # fmt: skip
"""Facts that differ between any two runs and change no result."""
_OWN = frozenset({"OUTDIR", "STAMP", TOKEN_VARIABLE})


@dataclass(frozen=True, slots=True)
class Earlier:
    """An interrupted run whose completed stages may be taken over."""

    bundle: Path
    state: RunState
    sums: Mapping[str, str]
    """Its sealed files and their SHA-256."""


@dataclass(frozen=True, slots=True)
class Reused:
    """A stage that was taken over."""

    outcome: StageOutcome
    started: float
    """When it really started, seconds since the epoch."""
    streams: Told
    """What of its log came through stdout, what through stderr."""


def read_earlier(bundle: Path, plan: Plan) -> Earlier:
    """Return an interrupted run to resume.

    Raises
    ------
    BundleError
        It is not sealed, damaged, or did not end as interrupted or cancelled.
    PlanError
        It ran another plan.
    """
    if not is_sealed(bundle):
        raise BundleError("not closed yet", where=bundle.name, fix=f"nbtui recover {bundle.name}")
    state = fold_all(RunState(bundle=bundle), parse((bundle / JOURNAL).read_bytes()).lines)
    if state.verdict not in {Verdict.INTERRUPTED, Verdict.CANCELLED}:
        word = state.verdict.value if state.verdict else "open"
        raise BundleError(
            f"this run was {word}: only an interrupted one is resumed",
            where=bundle.name,
            fix="start a new run: nbtui --batch",
        )
    try:
        ran = decode((bundle / PLAN).read_bytes()).digest()
    except (OSError, msgspec.MsgspecError) as error:
        raise BundleError(f"the plan cannot be read: {error}", where=str(bundle)) from error
    if ran != plan.digest():
        raise PlanError(
            f"it ran another plan (sha256:{ran[:12]}...)",
            where=bundle.name,
            fix="start a new run: nbtui --batch",
        )
    return Earlier(bundle, state, dict(_sums(bundle)))


def _sums(bundle: Path) -> Iterator[tuple[str, str]]:
    for line in (bundle / MANIFEST).read_text("utf-8", "surrogateescape").splitlines():
        digest, _, name = line.partition("  ")
        yield name, digest


def environment_digest(resolved: Resolved, bundle: Path) -> str:
    """Return the SHA-256 of a stage's whole environment, whatever the STAMP of its run."""
    place = str(bundle)
    pairs = sorted((n, v.replace(place, "$OUTDIR")) for n, v in resolved.env.items()
                   if n not in _OWN)  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(pairs)).hexdigest()


def differs(
    earlier: Earlier, step: Step, *, env_sha256: str, inputs: Mapping[str, str],
    facts: Mapping[str, str],
) -> str | None:  # fmt: skip
    """Return why a stage is run again; ``None`` when its results may be taken over."""
    stage = earlier.state.stage(step.id)
    if stage is None or stage.outcome is None or stage.status is not StageStatus.PASSED:
        return "it was not completed"
    if stage.collected is None and stage.outcome.failure:
        return "it failed"
    if facts.get("git_dirty") or facts.get("git_staged") or "git_sha" not in facts:
        return "the work tree is not at a commit"
    before, now = (
        {k: v for k, v in f.items() if k not in _VOLATILE} for f in (earlier.state.facts, facts)
    )
    other = sorted(k for k in before.keys() | now.keys() if before.get(k) != now.get(k))
    if other:
        return f"not the same any more: {', '.join(other[:5])}"
    if stage.env_sha256 != env_sha256:
        return "its environment is not the same any more"
    if stage.inputs != dict(inputs):
        return "its input files are not the same any more"
    return None


def take_over(earlier: Earlier, step: Step, bundle: Path, folder: Path | None) -> Reused | None:
    """Copy a completed stage's files into a new bundle; ``None`` when they are not intact.

    Parameters
    ----------
    earlier
        The interrupted run.
    step
        The stage.
    bundle
        The new run's folder.
    folder
        Where the stage's results are, relative to the bundle; ``None`` when it has none.
    """
    stage = earlier.state.stage(step.id)
    if stage is None or stage.outcome is None:
        return None
    names = [n for n in earlier.sums if _belongs(n, step, stage, folder)]
    if any(_damaged(earlier, name) for name in names) or stage.log not in names:
        return None
    for name in names:
        target = bundle / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(earlier.bundle / name, target, follow_symlinks=False)
        target.chmod(0o644)
    started = datetime.fromisoformat(stage.outcome.started).timestamp()
    return Reused(stage.outcome, started, stage.streams)


def _damaged(earlier: Earlier, name: str) -> bool:
    path = earlier.bundle / name
    return path.is_symlink() or not path.is_file() or sha256_file(path) != earlier.sums[name]


def _belongs(name: str, step: Step, stage: StageState, folder: Path | None) -> bool:
    own = Path("stages") / step.id
    path = Path(name)
    if path.parent == own and path.name in {"command.json", "exit.json"}:
        return False  # written anew, with this run's paths
    artifacts = {a.removeprefix("$OUTDIR/").removeprefix("${OUTDIR}/") for a in step.artifacts}
    inside = folder is not None and folder != Path() and path.is_relative_to(folder)
    return name == stage.log or name in artifacts or inside or path.is_relative_to(own)
