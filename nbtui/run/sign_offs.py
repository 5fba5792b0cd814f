"""Sign-offs: a named person waives what blocked a run, with a reason, and for one plan only.

A sign-off is made about a sealed, blocked run (``nbtui sign-off``) and kept beside the
bundles. The next run of exactly that plan takes a copy into its bundle, records it, and
goes on where the waiver allows it; its verdict says "cleared with waiver". Nothing else
lowers a threshold or passes a block.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from nbtui import ssh
from nbtui.durable import dump_json, sha256_file, write_bytes
from nbtui.errors import BundleError, PlanError, RecordingError, SignOffError
from nbtui.evidence.blockers import WAIVABLE
from nbtui.evidence.manifest import MANIFEST
from nbtui.evidence.records import SignOff, Waiver
from nbtui.evidence.text import figure, one_line
from nbtui.memo.plan import Comparison, Plan, decode
from nbtui.preflight.model import CheckStatus
from nbtui.run import signatures
from nbtui.run.catalog import PLAN, is_sealed
from nbtui.store import RunState, StageState

FOLDER = ".signed-off"
IN_BUNDLE = "sign-offs"


@dataclass(frozen=True, slots=True)
class Signed:
    """A sign-off on disk, and what is known of its signature."""

    sign_off: SignOff
    path: Path
    signature: str
    """``unsigned``, ``signed, not checked``, or ``verified: NAME``."""


def proposals(bundle: Path, state: RunState, names: Sequence[str] = ()) -> tuple[Waiver, ...]:
    """Return what a sign-off of a blocked run would waive.

    Parameters
    ----------
    bundle, state
        The run.
    names
        ``METRIC``, ``METRIC=THRESHOLD``, a check's id or a reading's name; everything that
        blocked when empty. A gate is lowered to the value that was measured, unless a
        threshold is given.

    Raises
    ------
    SignOffError
        The run is not blocked, its reason cannot be waived, or a name is none of its reasons.
    """
    if not is_sealed(bundle) or state.blocker is None:
        raise SignOffError(
            "there is nothing to sign: this run is not blocked",
            where=bundle.name,
            fix="nbtui runs lists the runs",
        )
    if state.blocker.kind not in WAIVABLE:
        raise SignOffError(
            f"this cannot be waived: {one_line(state.blocker.reason, 200)}",
            where=state.blocker.where,
            fix="remove the cause and start a new run",
        )
    found = tuple(_found(state))
    if not names:
        return found
    return tuple(_named(name, found) for name in names)


def _found(state: RunState) -> list[Waiver]:
    blocker = state.blocker
    if blocker is not None and blocker.kind == "preflight":
        return [
            Waiver(kind="check", id=c.id, was=f"{one_line(c.title)}: {one_line(c.found)}, "
                   f"expected {one_line(c.expected)} ({one_line(c.source)})")
            for c in state.checks if c.status is CheckStatus.BLOCK
        ]  # fmt: skip
    stage = state.stage(blocker.where) if blocker is not None else None
    if blocker is None or stage is None:
        return []
    if blocker.kind == "console":
        return [
            Waiver(kind="console", id=r.name, step_id=r.step_id, value=r.value, was=r.problem)
            for r in stage.console if r.problem
        ]  # fmt: skip
    if blocker.kind == "unmoved":
        return [Waiver(kind="unmoved", id=blocker.found, step_id=blocker.where, was=blocker.reason)]
    return _gates(stage)


def _gates(stage: StageState) -> list[Waiver]:
    missed = [r for r in stage.gates if r.gate.binding and not r.passed]
    undefined = [r.gate.metric for r in missed if r.value is None]
    if not missed or undefined:
        raise SignOffError(
            f"a figure that is undefined is not waived: {', '.join(undefined)}" if undefined else
            "this cannot be waived: the stages ran different experiments",
            where=stage.step_id,
            fix="remove the cause and start a new run",
        )  # fmt: skip
    return [
        Waiver(
            kind="gate", id=r.gate.metric, step_id=r.step_id,
            threshold=r.value if r.judged is None else r.judged,
            was=f"{r.gate.metric} {r.gate.comparison.value} {r.gate.threshold:.10g} "
            f"({r.gate.source}), measured {figure(r.value)}",
        )
        for r in missed
    ]  # fmt: skip


def _named(name: str, found: Sequence[Waiver]) -> Waiver:
    wanted, _, text = name.partition("=")
    waiver = next((w for w in found if w.id == wanted), None)
    if waiver is None:
        raise SignOffError(
            f"{wanted} did not block this run",
            where=f"--gate {name}",
            fix=f"one of: {', '.join(w.id for w in found)}",
        )
    if not text:
        return waiver
    try:
        threshold = float(text)
    except ValueError:
        threshold = float("nan")
    if waiver.kind != "gate" or threshold != threshold:  # noqa: PLR0124  (not a number)
        raise SignOffError(
            "no threshold", where=f"--gate {name}", fix=f"--gate {wanted}=0.99, or --gate {wanted}"
        )
    return msgspec.structs.replace(waiver, threshold=threshold)


def compose(bundle: Path, waives: tuple[Waiver, ...], *, by: str, reason: str, at: str) -> SignOff:
    """Return the sign-off of a blocked run, tied to its seal and to its plan.

    Raises
    ------
    SignOffError
        Without a name or a reason.
    BundleError
        The bundle's plan cannot be read.
    """
    if not by.strip() or not reason.strip():
        raise SignOffError(
            "a sign-off needs a name and a reason",
            where="--as, --reason",
            fix='nbtui sign-off --as NAME --reason "why this is acceptable"',
        )
    try:
        plan = decode((bundle / PLAN).read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise BundleError(f"the plan cannot be read: {error}", where=str(bundle)) from error
    return SignOff(
        by=by.strip(),
        reason=reason.strip(),
        at=at,
        stamp=bundle.name,
        seal_sha256=sha256_file(bundle / MANIFEST),
        plan_sha256=plan.digest(),
        waives=waives,
    )


def keep(root: Path, reports: str, sign_off: SignOff, key: Path | None = None) -> Path:
    """Write a sign-off beside the bundles, signed with an SSH key where one is given.

    Raises
    ------
    RecordingError
        It cannot be written.
    SignOffError
        The key cannot sign; nothing is kept then.
    """
    folder = _folder(root, reports, sign_off.plan_sha256)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(f"cannot make the folder: {error.strerror}", where=str(folder)
                             ) from error  # fmt: skip
    number = len(list(folder.glob(f"{sign_off.stamp}-*.json"))) + 1
    path = folder / f"{sign_off.stamp}-{number}.json"
    write_bytes(path, dump_json(sign_off))
    if key is not None:
        try:
            signatures.sign(path, key)
        except SignOffError:
            path.unlink()
            raise
    return path


def load(root: Path, reports: str, plan: Plan, allowed_signers: str = "") -> tuple[Signed, ...]:
    """Return the sign-offs that hold for a plan, the oldest first.

    Parameters
    ----------
    root, reports
        The project.
    plan
        Exactly this plan was signed.
    allowed_signers
        ssh's file of who may sign, relative to the root; then every sign-off must verify.

    Raises
    ------
    SignOffError
        One cannot be read, or its signature does not verify: the plan waits for one that does.
    """
    return of_folder(_folder(root, reports, plan.digest()), plan, root, allowed_signers)


def of_folder(
    folder: Path, plan: Plan, root: Path, allowed_signers: str = ""
) -> tuple[Signed, ...]:
    """Like :func:`load`, from the copies in a bundle."""
    signers = root / allowed_signers if allowed_signers else None
    found = [_read(p, plan, signers) for p in folder.glob("*.json")] if folder.is_dir() else []
    return tuple(sorted(found, key=lambda s: (s.sign_off.at, s.path.name)))


def bring(root: Path, reports: str, plan: Plan, bundle: Path, allowed_signers: str = "") -> None:
    """Copy the sign-offs of a plan, with their signatures, into the bundle of its next run.

    Raises
    ------
    SignOffError, RecordingError
        See :func:`load`; or they cannot be copied.
    """
    signed = load(root, reports, plan, allowed_signers)
    if not signed:
        return
    (bundle / IN_BUNDLE).mkdir()
    for one in signed:
        for path in (one.path, ssh.beside(one.path)):
            if path.is_file():
                write_bytes(bundle / IN_BUNDLE / path.name, path.read_bytes())


def lowered(comparison: Comparison, threshold: float, value: float) -> bool:
    """Return whether a value holds against a lowered threshold; equality is no such thing."""
    match comparison:
        case Comparison.AT_LEAST:
            return value >= threshold
        case Comparison.AT_MOST:
            return value <= threshold
        case Comparison.EQUAL:
            return value == threshold


def _read(path: Path, plan: Plan, signers: Path | None) -> Signed:
    try:
        sign_off = msgspec.json.decode(path.read_bytes(), type=SignOff)
    except (OSError, msgspec.MsgspecError) as error:
        raise SignOffError(
            f"the sign-off cannot be read ({error})", where=str(path), fix=f"rm {path}"
        ) from error
    if sign_off.plan_sha256 != plan.digest():
        raise SignOffError("the sign-off is about another plan", where=str(path), fix=f"rm {path}")
    try:
        return Signed(sign_off, path, signatures.check(path, sign_off.by, signers))
    except SignOffError as error:
        raise SignOffError(
            f"the sign-off of {sign_off.by} is not valid: {error.what}",
            where=str(path),
            fix=f"sign again with --ssh-key (nbtui sign-off {sign_off.stamp}), or rm {path}",
        ) from error


def _folder(root: Path, reports: str, plan_sha256: str) -> Path:
    if not plan_sha256.isalnum():
        raise PlanError("no plan hash", where=plan_sha256)
    return root / reports / FOLDER / plan_sha256[:32]
