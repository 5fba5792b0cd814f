"""Whether the golden images still are what they were when they were made."""

import hashlib
import json
import os
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
import numpy as np

from engine.golden import fingerprint
from engine.golden.cases import Case, image_path, sidecar_path

Status: TypeAlias = Literal[
    "bit-identical", "numerically identical, not bit-identical", "MISMATCH", "missing"
]
BIT_IDENTICAL: Status = "bit-identical"
NUMERICALLY_IDENTICAL: Status = "numerically identical, not bit-identical"


class Verdict(msgspec.Struct, frozen=True):
    """What was found of one golden image.

    Parameters
    ----------
    case
        The case's id.
    status
        How it compares with the case's hash and fingerprint.
    path
        The image.
    detail
        What differs, with figures; empty when nothing does.
    sha256
        Of the image, or None when it is missing.
    read_only
        Whether the file refuses to be written by its owner.
    """

    case: str
    status: Status
    path: str
    detail: str = ""
    sha256: str | None = None
    read_only: bool = True

    @property
    def valid(self) -> bool:
        """Whether the image may be used as the golden one."""
        return self.status in (BIT_IDENTICAL, NUMERICALLY_IDENTICAL)


def judge(case: Case, data: bytes) -> tuple[Status, str]:
    """Hold the bytes of a freshly made image against its case: hash, then fingerprint.

    Returns
    -------
    tuple
        The status, and what differs.
    """
    expected_bytes = 4 * case.shape[0] * case.shape[1]
    if len(data) != expected_bytes:
        shape = f"{case.shape[0]} x {case.shape[1]} float32 pixels"
        return "MISMATCH", f"{len(data)} bytes, not the {expected_bytes} of {shape}"
    digest = hashlib.sha256(data).hexdigest()
    if digest == case.sha256:
        return BIT_IDENTICAL, ""
    hashes = f"sha256 {digest}, not {case.sha256}"
    if case.fingerprint is None:
        return "MISMATCH", f"{hashes}; the case has no fingerprint to compare with"
    image = np.frombuffer(data, dtype="<f4").reshape(case.shape)
    found = fingerprint.compare(image, case.fingerprint)
    worst = f"largest difference {found.worst:.3g} ({found.worst_at})"
    if found.agrees:
        return NUMERICALLY_IDENTICAL, f"{hashes}; {worst}"
    return "MISMATCH", f"{hashes}; {worst}, tolerance {fingerprint.TOLERANCE:g}"


def _recorded_sha256(path: Path) -> str | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return str(record["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def verify(case: Case, root: Path) -> Verdict:
    """Check the stored image of a case.

    An image of other bits than the case's must have the hash that was recorded when it
    was made: a fingerprint samples few pixels and cannot see a byte that flipped since.
    """
    path = image_path(root, case.id)
    try:
        data = path.read_bytes()
        read_only = not path.stat().st_mode & 0o222
    except FileNotFoundError:
        return Verdict(case.id, "missing", str(path), f"nb-golden generate {case.id} makes it")
    except OSError as error:
        return Verdict(
            case.id, "MISMATCH", str(path), f"cannot be read: {os.strerror(error.errno or 0)}"
        )
    status, detail = judge(case, data)
    digest = hashlib.sha256(data).hexdigest()
    if status == NUMERICALLY_IDENTICAL and digest != _recorded_sha256(sidecar_path(root, case.id)):
        status, detail = "MISMATCH", f"{detail}; it is not the image that was generated here"
    return Verdict(case.id, status, str(path), detail, digest, read_only)
