"""``SHA256SUMS``: the seal of a bundle, checkable with ``sha256sum -c --strict``.

``attestation.json`` names the hash of ``SHA256SUMS``, and signatures are about the
attestation: these files are beyond the list.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbtui.durable import sha256_file, write_bytes
from nbtui.errors import BundleError
from nbtui.evidence.bundled_verify import ATTESTATION, BEYOND, SUMS

MANIFEST = SUMS


def files(bundle: Path) -> tuple[str, ...]:
    """Return every regular file that the seal lists, sorted in C order.

    The seal itself, the attestation and signatures are not among them.

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
            if stat.S_ISREG(mode) and relative not in BEYOND:
                found.append(relative)
    return tuple(sorted(found, key=os.fsencode))


@dataclass(frozen=True, slots=True)
class Digest:
    """The hash of a file, and what tells whether the file is still the same."""

    sha256: str
    identity: tuple[int, int, int, int]


def digests(bundle: Path, known: Mapping[str, Digest] | None = None) -> dict[str, Digest]:
    """Return the digest of every file, hashing only those that changed since ``known``.

    Hashing the images takes longer than everything else at the end of a run; done before
    the verdict is recorded, it leaves only the journal for the moment between verdict and
    seal.

    Raises
    ------
    BundleError
        When the bundle holds something that cannot be listed.
    """
    found: dict[str, Digest] = {}
    for name in files(bundle):
        old = (known or {}).get(name)
        identity = _identity(bundle / name)
        if old is None or old.identity != identity:
            old = Digest(sha256_file(bundle / name), identity)
        found[name] = old
    return found


def seal(
    bundle: Path,
    known: Mapping[str, Digest] | None = None,
    attest: Callable[[str], bytes] | None = None,
) -> Path:
    """Write ``SHA256SUMS`` and take away write permission; nothing is added afterwards.

    Parameters
    ----------
    bundle
        The folder.
    known
        Digests taken before (:func:`digests`).
    attest
        Returns the attestation, given the SHA-256 of the list. It is written first: whoever
        waits for the seal finds it there.

    Raises
    ------
    BundleError
        When the bundle holds something that cannot be listed.
    RecordingError
        When the manifest cannot be written.
    """
    listed = digests(bundle, known)
    for name in listed:
        path = bundle / name
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
    lines = (d.sha256.encode() + b"  " + os.fsencode(name) + b"\n" for name, d in listed.items())
    data = b"".join(lines)
    if attest is not None:
        statement = attest(hashlib.sha256(data).hexdigest())
        write_bytes(bundle / ATTESTATION, statement, mode=0o444)
    path = bundle / MANIFEST
    write_bytes(path, data, mode=0o444)
    return path


def _identity(path: Path) -> tuple[int, int, int, int]:
    info = path.stat()
    return info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns
