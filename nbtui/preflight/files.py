"""Reading files for evidence: hashes, ages, the nearest folder that exists."""

import hashlib
import time
from datetime import UTC, datetime
from pathlib import Path


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def age(mtime: float) -> str:
    """Return how long ago a file was written, in the largest whole unit."""
    seconds = max(0.0, time.time() - mtime)
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def utc(mtime: float) -> str:
    """Return a file time as UTC, ISO 8601 with seconds."""
    return datetime.fromtimestamp(mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def existing_parent(path: Path) -> Path:
    """Return the path itself or its nearest parent that exists."""
    return next(p for p in (path, *path.parents) if p.exists())
