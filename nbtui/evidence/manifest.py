"""``SHA256SUMS``: the seal of a bundle, checkable with ``sha256sum -c --strict``."""

import os
import stat
from pathlib import Path

from nbtui.durable import sha256_file, write_bytes
from nbtui.errors import BundleError

MANIFEST = "SHA256SUMS"


def files(bundle: Path) -> tuple[str, ...]:
    """Return every regular file of a bundle but the seal itself, sorted in C order.

    Raises
    ------
    BundleError
        For a symbolic link, a device, or a name that would need escaping: such an entry
        cannot be vouched for.
    """
    found: list[str] = []
    for folder, folders, names in os.walk(bundle):
        for name in (*folders, *names):
            path = Path(folder) / name
            relative = str(path.relative_to(bundle))
            mode = path.lstat().st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                raise BundleError("neither a file nor a folder", where=relative)
            if "\n" in relative or "\\" in relative or "\r" in relative:
                raise BundleError("a file name that cannot be listed", where=repr(relative))
            if stat.S_ISREG(mode) and relative != MANIFEST:
                found.append(relative)
    return tuple(sorted(found, key=os.fsencode))


def text(bundle: Path) -> bytes:
    """Return the manifest of what the bundle holds now (GNU coreutils format)."""
    lines = (
        f"{sha256_file(bundle / name)}  ".encode() + os.fsencode(name) for name in files(bundle)
    )
    return b"".join(line + b"\n" for line in lines)


def seal(bundle: Path) -> Path:
    """Write ``SHA256SUMS`` and take away write permission; nothing is added afterwards.

    Raises
    ------
    BundleError
        When the bundle holds something that cannot be listed.
    RecordingError
        When the manifest cannot be written.
    """
    data = text(bundle)
    for name in files(bundle):
        path = bundle / name
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
    path = bundle / MANIFEST
    write_bytes(path, data, mode=0o444)
    return path
