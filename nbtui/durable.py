"""Files that are either there whole or not at all, and JSON that means one thing.

Publishing a file durably takes five steps in this order: write a temporary file in the
same folder (``O_EXCL``), ``fsync`` it, rename it, ``fsync`` the folder. Anything less can
leave half a file, or none, after a crash.
"""

import hashlib
import json
import math
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from nbtui.errors import RecordingError

_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}\.tmp")
"""The names :func:`write_chunks` gives to what is not published yet."""


class StrictJsonError(ValueError):
    """The text is JSON for some programs only: bare NaN, infinities, a key given twice."""


def write_bytes(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Publish ``data`` at ``path``; see :func:`write_chunks`."""
    write_chunks(path, [data], mode=mode)


def write_chunks(path: Path, chunks: Iterable[bytes], *, mode: int = 0o644) -> None:
    """Publish data at ``path`` so that a crash leaves the old file or the new one.

    Parameters
    ----------
    path
        Where; its folder must exist. An existing file is replaced in one step.
    chunks
        The whole content, piece by piece.
    mode
        Permission bits, whatever the umask.

    Raises
    ------
    RecordingError
        When the file cannot be written, flushed or renamed.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            os.fchmod(fd, mode)
            for block in _blocks(chunks):
                write_all(fd, block)
            os.fsync(fd)
        finally:
            os.close(fd)
        temporary.rename(path)
        fsync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise RecordingError(
            f"cannot write: {error.strerror or error}",
            where=str(path),
            fix="free space or make the folder writable",
        ) from error


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in fewer pieces: a page that is rendered bit by bit is one write."""
    block = bytearray()
    for chunk in chunks:
        block += chunk
        if len(block) >= _BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


_BLOCK_BYTES = 1 << 16


def unfinished(folder: Path) -> tuple[Path, ...]:
    """Return what writers that were killed left in a folder: files never published."""
    return tuple(sorted(p for p in folder.glob(".*.tmp") if _TEMPORARY.fullmatch(p.name)))


def write_text(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Publish ``text`` as UTF-8; see :func:`write_bytes`."""
    write_bytes(path, text.encode(), mode=mode)


def write_json(path: Path, value: object, *, mode: int = 0o644) -> None:
    """Publish ``value`` (plain data or msgspec structs) as strict JSON."""
    write_bytes(path, dump_json(value), mode=mode)


def write_all(fd: int, data: bytes) -> None:
    """Write every byte; a short write (disk full) raises instead of being forgotten."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def fsync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def dump_json(value: object) -> bytes:
    """Return indented JSON with sorted keys and a final newline.

    Raises
    ------
    StrictJsonError
        For NaN and infinities: an undefined figure is ``null`` with a note, never ``NaN``.
    """
    plain = msgspec.to_builtins(value, str_keys=True)
    try:
        text = json.dumps(plain, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise StrictJsonError(f"not representable in JSON: {error}") from error
    return safe_json(f"{text}\n".encode())


def safe_json(data: bytes) -> bytes:
    """Return JSON in which no character can steer a terminal; it means the same.

    C0 characters are escaped already; what is left are C1 and direction characters.
    """
    if data.isascii():
        return data
    return _STEERING.sub(lambda m: f"\\u{ord(m.group()):04x}", data.decode()).encode()


_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def load_json(data: bytes) -> Any:
    """Read strict JSON: UTF-8, no NaN or infinity, no key twice.

    Raises
    ------
    StrictJsonError
        When the data is anything else; the message says what and where.
    """
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_unique,
        )
    except StrictJsonError:
        raise
    except (ValueError, RecursionError) as error:
        raise StrictJsonError(str(error)) from error


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, reading it in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _refuse_constant(name: str) -> float:
    raise StrictJsonError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise StrictJsonError(f"{text} is beyond the range of a double")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise StrictJsonError("a key occurs twice in one object")
    return result
