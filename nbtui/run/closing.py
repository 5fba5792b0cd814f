"""The end of every run: views written, last event recorded, bundle sealed.

Order: records and views, then ``run.ended``, then the journal is closed, then attestation
and ``SHA256SUMS``. Whoever waits for the verdict waits for ``run.ended``; whoever waits for
the bundle waits for the seal (docs/bundles.md).
"""

import contextlib
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from nbtui.durable import dump_json, fsync_folder
from nbtui.errors import BundleError, RecordingError
from nbtui.evidence import attempt_log, blockers, manifest, summary
from nbtui.evidence.facts import RunFacts
from nbtui.evidence.records import Blocker, Verdict
from nbtui.evidence.views import VIEWS
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan, Role
from nbtui.run.attest import statement_of
from nbtui.run.clock import Clock
from nbtui.run.events import Blocked, FileWritten, RunEnded
from nbtui.run.facts import facts_of
from nbtui.run.recorder import Recorder

RESERVE = ".reserve"
RESERVE_BYTES = 1 << 20
RESERVE_FILES = 8
"""A file system can also run out of files: reports, seal and their temporary names need some."""
INBOX = ".inbox"
"""Where a led run is told what its operator says (:mod:`nbtui.run.inbox`)."""
BLOCKERS = "blockers.md"
ATTEMPT = "attempt_failed.log"


def reserve(bundle: Path) -> None:
    """Set aside bytes and files so that a full disk still lets the end be recorded."""
    (bundle / RESERVE).write_bytes(b"\0" * RESERVE_BYTES)
    for number in range(RESERVE_FILES):
        (bundle / f"{RESERVE}.{number}").touch()
    fsync_folder(bundle)


def release(bundle: Path) -> None:
    """Give the reserved space back, and take no more messages: a seal covers neither."""
    for path in bundle.glob(f"{RESERVE}*"):
        with contextlib.suppress(OSError):
            path.unlink()
    shutil.rmtree(bundle / INBOX, ignore_errors=True)


def close(
    recorder: Recorder,
    plan: Plan,
    clock: Clock,
    *,
    verdict: Verdict,
    exit_code: ExitCode,
    wall_s: float,
) -> None:
    """Write the records of the run, end its journal and seal its bundle.

    A run that was about to be cleared and cannot be sealed (a stage left something that
    cannot be vouched for) is blocked instead.

    Raises
    ------
    RecordingError
        When something cannot be written.
    """
    release(recorder.bundle)
    if verdict is Verdict.CLEARED and (problem := _unlistable(recorder.bundle)):
        verdict, exit_code = Verdict.BLOCKED, ExitCode.BLOCKED
        recorder.emit(Blocked(blocker=Blocker(kind="guard", where="bundle", reason=problem)))
    facts = facts_of(recorder.state, plan, clock, wall_s=wall_s, verdict=verdict)
    write_views(recorder, facts)
    known = _hashed(recorder.bundle)
    blocker = recorder.state.blocker
    recorder.emit(
        RunEnded(
            verdict=verdict,
            exit_code=int(exit_code),
            reason=blocker.reason if blocker else "",
            wall_s=round(wall_s, 3),
            waived=bool(recorder.state.waived),
        )
    )
    recorder.journal.close()
    seal(recorder.bundle, known)


def seal(bundle: Path, known: Mapping[str, manifest.Digest] | None = None) -> None:
    """Write attestation and ``SHA256SUMS``; what is no file is removed from the bundle first."""
    release(bundle)
    if _unlistable(bundle):
        for path in sorted(bundle.rglob("*"), reverse=True):
            # The link or pipe itself goes, what it points to stays: a seal covers files only.
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                path.unlink()
            elif path.name != (listable := _UNLISTABLE.sub(_escaped, path.name)):
                path.rename(path.with_name(listable))
    manifest.seal(bundle, known, lambda digest: statement_of(bundle, digest))


_UNLISTABLE = re.compile(r"[\n\r\\]")


def _escaped(found: re.Match[str]) -> str:
    """Return a character as it stands in addresses: a list of names needs no escapes for it."""
    return f"%{ord(found.group()):02X}"


def write_views(recorder: Recorder, facts: RunFacts) -> None:
    """Write what people and other programs read: gates, report, the reason of a stop."""
    results = [g for stage in facts.stages for g in stage.gates]
    recorder.publish("gates.json", dump_json({"schema": 1, "gates": results}), "gate results")
    if facts.blocker is not None:
        _withdraw_summary(recorder, facts)
        recorder.publish(BLOCKERS, blockers.render(facts).encode(), "why the run stopped")
        _write_attempt(recorder, facts)
    for view in VIEWS:
        recorder.publish(view.name, view.render(facts), view.what)


def _write_attempt(recorder: Recorder, facts: RunFacts) -> None:
    """Write the raw output; where a copy of the whole log finds no room, its end must do."""
    what = "raw output of the failed attempt"
    try:
        recorder.publish(ATTEMPT, attempt_log.render(facts), what)
    except RecordingError:
        recorder.publish(ATTEMPT, attempt_log.render(facts, _LAST_BYTES), f"the end of the {what}")


_LAST_BYTES = 65536


def _withdraw_summary(recorder: Recorder, facts: RunFacts) -> None:
    """Take the summary's name away: it says "cleared", and the run ended otherwise after it."""
    name = facts.plan.summary_name
    path = recorder.bundle / name
    begun = any(s.started for s in facts.stages if s.step.role is Role.SUMMARY)
    told = any(path == name for path, _ in recorder.state.files)
    if not (begun or told) or not path.is_file():
        return
    aside = f"{name}.withdrawn"
    try:
        path.rename(recorder.bundle / aside)
        fsync_folder(path.parent)
    except OSError as error:
        raise RecordingError(
            f"the summary cannot be withdrawn: {error.strerror}", where=str(path)
        ) from error
    recorder.emit(FileWritten(path=aside, what="a summary that the end of the run overtook"))


def write_summary(recorder: Recorder, facts: RunFacts) -> None:
    """Write the phase summary under the name the memo gives it."""
    recorder.publish(facts.plan.summary_name, summary.render(facts).encode(), "phase summary")


def _hashed(bundle: Path) -> dict[str, manifest.Digest]:
    """Hash what is finished; what cannot be listed is dealt with by :func:`seal`."""
    try:
        return manifest.digests(bundle)
    except BundleError:
        return {}


def _unlistable(bundle: Path) -> str | None:
    try:
        manifest.files(bundle)
    except BundleError as error:
        return str(error)
    return None
