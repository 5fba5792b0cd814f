"""Writing a file whole or not at all."""

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from engine.errors import FileError

Chunk = bytes | memoryview
_ANY_WRITE = 0o222


def write_atomically(path: Path, chunks: Iterable[Chunk]) -> None:
    """Write chunks to a file that appears under its name only when complete.

    A name that is not a regular file, such as ``/dev/null``, is written directly.

    Raises
    ------
    FileError
        When it cannot be written (no such folder, read-only, disk full); nothing is left
        under its name then.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                _pour(stream, chunks)
            return
        _write_and_rename(path, chunks)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileError(
            f"cannot write, and nothing is left under this name: {reason}", where=str(path)
        ) from error


def demand_writable(path: Path) -> None:
    """Make sure that a file can be written, leaving everything as it is.

    Raises
    ------
    FileError
        When it cannot: no such folder, a folder that may not be written, a read-only file.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb"):
                return
        partial = _partial(path)
        partial.touch()
        partial.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileError(f"cannot write: {reason}", where=str(path)) from error


def _partial(path: Path) -> Path:
    """Return the name under which a file grows, beside the one it gets when complete."""
    target = path.resolve()
    if target.exists() and not target.stat().st_mode & _ANY_WRITE:
        # A rename would replace it all the same, and golden images are read-only.
        raise PermissionError(errno.EACCES, "the file is read-only")
    return target.with_name(f".{target.name}.{os.getpid()}.partial")


def _write_and_rename(path: Path, chunks: Iterable[Chunk]) -> None:
    target, partial = path.resolve(), _partial(path)
    try:
        with partial.open("wb") as stream:
            _pour(stream, chunks)
        partial.replace(target)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def _pour(stream: IO[bytes], chunks: Iterable[Chunk]) -> None:
    for chunk in chunks:
        stream.write(chunk)
