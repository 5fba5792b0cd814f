"""Writing a file whole or not at all."""

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from engine.errors import FileError

Chunk = bytes | memoryview


def write_atomically(path: Path, chunks: Iterable[Chunk]) -> None:
    """Write chunks to a file that appears under its name only when complete.

    A name that is not a regular file, such as ``/dev/null``, is written directly.

    Raises
    ------
    FileError
        When it cannot be written (no such folder, no permission, disk full); nothing is left
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
            f"cannot write: {reason}", where=str(path), fix="nothing was left under this name"
        ) from error


def _write_and_rename(path: Path, chunks: Iterable[Chunk]) -> None:
    target = path.resolve()
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            _pour(stream, chunks)
            # mkstemp keeps files private; an image is for whoever may read the folder.
            os.fchmod(stream.fileno(), 0o666 & ~_umask())
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _pour(stream: IO[bytes], chunks: Iterable[Chunk]) -> None:
    for chunk in chunks:
        stream.write(chunk)


def _umask() -> int:
    current = os.umask(0o022)
    os.umask(current)
    return current
