"""Plans that somebody has read and approved, by their hash, on this machine.

An approval names one plan exactly: another memo, threshold, alias or command has another
hash. It lies in the user's state folder, not in the work tree that the plan is about.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from nbtui.durable import write_bytes
from nbtui.errors import RecordingError
from nbtui.memo.plan import Plan
from nbtui.run import locks

FOLDER = "approvals"


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """Who approved which plan, and when."""

    schema: int = 1
    digest: str
    memo: str
    memo_sha256: str
    by: str
    """The git identity of whoever approved it, or the user's name."""
    at: str
    """UTC, ISO 8601."""
    root: str


def record(approval: Approval, env: Mapping[str, str]) -> Path:
    """Keep an approval and return its file; approving again keeps the newer one.

    Raises
    ------
    RecordingError
        When it cannot be written.
    """
    path = _path(approval.digest, env)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(
            f"cannot make the folder ({error.strerror})",
            where=str(path.parent),
            fix=f"set {locks.LOCK_DIR_VARIABLE} to a folder that you may write",
        ) from error
    write_bytes(path, msgspec.json.encode(approval))
    return path


def find(plan: Plan, env: Mapping[str, str]) -> Approval | None:
    """Return the approval of exactly this plan, if there is one."""
    digest = plan.digest()
    try:
        found = msgspec.json.decode(_path(digest, env).read_bytes(), type=Approval)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if found.digest == digest else None


def _path(digest: str, env: Mapping[str, str]) -> Path:
    return locks.folder(env) / FOLDER / f"{digest}.json"
