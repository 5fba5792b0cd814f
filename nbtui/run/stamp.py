"""STAMPs: each names one run, is never used twice and never runs backwards.

``mkdir`` is the lock: whoever creates the folder owns the STAMP.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbtui.errors import PlanError, RecordingError
from nbtui.run.clock import SYSTEM, Clock

FORMAT = "%Y%m%dT%H%M%SZ"
PATTERN = re.compile(r"\d{8}T\d{6}Z")
_NAME = re.compile(r"(?![.-])[\w .+=@,()-]{1,100}")
"""What a memo may call initiative and phase: nothing that a shell or a terminal would act on."""
PATIENCE_S = 5.0
"""How long a run waits for a second of its own before it takes a later one instead."""
_ATTEMPTS = 1000


@dataclass(frozen=True, slots=True)
class Allocation:
    """A STAMP, its folder, and what was unusual about getting it."""

    stamp: str
    bundle: Path
    warning: str = ""


def allocate(root: Path, artifacts_root: str, *, clock: Clock = SYSTEM) -> Allocation:
    """Create the folder of a new run below ``root / artifacts_root``.

    Parameters
    ----------
    root
        The project's root.
    artifacts_root
        ``reports/<initiative>/<phase>``, relative to the root.
    clock
        Where the time comes from.

    Raises
    ------
    PlanError
        When ``artifacts_root`` leaves the root or passes through a symbolic link.
    RecordingError
        When the folder cannot be created.
    """
    parent = _prepare_parent(root, artifacts_root)
    for _ in range(_ATTEMPTS):
        candidate, warning = _candidate(parent, clock)
        bundle = parent / candidate.strftime(FORMAT)
        try:
            bundle.mkdir(mode=0o755)
            bundle.chmod(0o755)  # whatever the umask
        except FileExistsError:
            continue
        except OSError as error:
            raise _cannot_create(bundle, error) from error
        return Allocation(bundle.name, bundle, warning)
    raise RecordingError("no free STAMP could be found", where=str(parent))


def newest(parent: Path) -> datetime | None:
    """Return the moment of the newest STAMP below ``parent``."""
    names = [p.name for p in parent.iterdir() if PATTERN.fullmatch(p.name)]
    moments = [m for m in map(_moment, names) if m is not None]
    return max(moments, default=None)


def _candidate(parent: Path, clock: Clock) -> tuple[datetime, str]:
    now = clock.now().replace(microsecond=0)
    last = newest(parent)
    if last is None or now > last:
        return now, ""
    ahead = (last - clock.now()).total_seconds() + 1.0
    if ahead <= PATIENCE_S:
        clock.sleep(max(ahead, 0.0))
        return clock.now().replace(microsecond=0), ""
    return last + timedelta(seconds=1), (
        f"the clock ({now.strftime(FORMAT)}) is behind the newest run ({last.strftime(FORMAT)}); "
        "this STAMP follows that run, not the clock"
    )


def _prepare_parent(root: Path, artifacts_root: str) -> Path:
    relative = Path(artifacts_root)
    if relative.is_absolute() or ".." in relative.parts or not relative.parts:
        raise PlanError(
            "the artifacts folder must lie inside the project",
            where=artifacts_root,
            fix="name a folder such as reports/<initiative>/<phase>/$STAMP/ in the memo",
        )
    for part in relative.parts:
        if not _NAME.fullmatch(part):
            raise PlanError(
                f"{part!r} is no name for a folder of bundles",
                where=artifacts_root,
                fix="letters, digits, spaces and ._+=@,- , at most 100, not beginning with . or -",
            )
    folder = root
    for part in relative.parts:
        folder = folder / part
        if folder.is_symlink():
            raise PlanError(
                "a symbolic link on the way to the bundle",
                where=str(folder),
                fix="replace the link by a real folder",
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_create(folder, error) from error
    return folder


def _cannot_create(folder: Path, error: OSError) -> RecordingError:
    return RecordingError(
        f"cannot create the folder: {error.strerror or error}",
        where=str(folder),
        fix=f"make it writable: chmod u+w {folder.parent}",
    )


def _moment(name: str) -> datetime | None:
    try:
        return datetime.strptime(name, FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
