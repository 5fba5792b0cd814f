"""One archive of a bundle: the same bundle gives the same bytes, whoever packs it and when.

Order, times, owners and modes are fixed, and nothing is compressed: the bytes of a
compressor change with its version. The bundle lies in the archive as a folder of its own,
unchanged, so that ``nbtui verify`` and ``verify.py`` work on what is unpacked.
"""

import io
import os
import secrets
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from nbtui.durable import fsync_folder, sha256_file
from nbtui.errors import BundleError, RecordingError
from nbtui.evidence import bundled_verify as hashes
from nbtui.export.crate import METADATA, metadata
from nbtui.run.attest import facts_in, read_journal

_PRIVATE = frozenset({"environment.json"})
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Exported:
    """An archive that was written."""

    path: Path
    sha256: str
    size: int
    files: int


def export(bundle: Path, output: Path, licence: str = "") -> Exported:
    """Write a bundle with its RO-Crate metadata into one tar archive.

    Parameters
    ----------
    bundle
        A sealed bundle; it is checked first and not changed.
    output
        The archive; an existing file is replaced in one step.
    licence
        Address of a licence for the metadata.

    Raises
    ------
    BundleError
        The bundle is not intact, or the archive would lie in it.
    RecordingError
        The archive cannot be written.
    """
    problems = hashes.check(str(bundle))
    if problems:
        first = problems[0]
        raise BundleError(
            f"not exported: {first.file} {first.what}",
            where=bundle.name,
            fix=f"nbtui verify {bundle.name}",
        )
    if output.resolve().is_relative_to(bundle.resolve()):
        raise BundleError(
            "an archive inside the bundle would be a file nobody sealed",
            where=str(output),
            fix="name a place outside with --output",
        )
    _, chain = read_journal(bundle)
    facts = facts_in(bundle, chain)
    names, _ = hashes.entries(str(bundle))
    files = {
        f"{facts.stamp}/{n}": ((bundle / n).stat().st_size, sha256_file(bundle / n)) for n in names
    }
    crate = metadata(facts, files, chain.lines[-1].t, licence)
    temporary = output.with_name(f".{output.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as stream:
            _write(stream, bundle, facts.stamp, names, crate)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.rename(output)
        fsync_folder(output.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise RecordingError(
            f"the archive cannot be written: {error.strerror or error}", where=str(output)
        ) from error
    return Exported(output, sha256_file(output), output.stat().st_size, len(names) + 1)


def _write(stream: BinaryIO, bundle: Path, stamp: str, names: list[str], crate: bytes) -> None:
    moment = int(datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC).timestamp())
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(_entry(f"{stamp}-crate/{METADATA}", len(crate), moment), io.BytesIO(crate))
        for name in names:
            path = bundle / name
            entry = _entry(f"{stamp}-crate/{stamp}/{name}", path.stat().st_size, moment)
            if name in _PRIVATE:
                entry.mode = 0o400
            with path.open("rb") as content:
                archive.addfile(entry, content)


def _entry(name: str, size: int, moment: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, moment, 0o444
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry
