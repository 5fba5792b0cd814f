"""Reading files of a bundle that a stage may have put there: no link is followed."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO


@contextmanager
def open_inside(bundle: Path, name: str) -> Iterator[BinaryIO]:
    """Open a regular file of a bundle for reading, following no link on the way.

    A stage could replace its log, or the folder of logs, by a link to a file that the
    operator may read and nobody else should.

    Parameters
    ----------
    bundle
        The run's folder.
    name
        The file, relative to it.

    Raises
    ------
    OSError
        It is not there, it or a folder on the way is a link, or it is no regular file.
    """
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or PurePosixPath(name).is_absolute():
        raise OSError(f"{name} is no file of the bundle")
    folder = os.open(bundle, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            deeper = os.open(part, flags, dir_fd=folder)
            os.close(folder)
            folder = deeper
        # Not blocking: a pipe in the place of a file must not stop the reader.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        fd = os.open(parts[-1], flags, dir_fd=folder)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(f"{name} is no regular file")
    with os.fdopen(fd, "rb") as stream:
        yield stream


def links(bundle: Path) -> tuple[str, ...]:
    """Return the entries of a bundle that are neither file nor folder, as the record names them."""
    found: list[str] = []
    for folder, folders, names in os.walk(bundle):
        for name in (*folders, *names):
            path = Path(folder) / name
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                found.append(f"{path.relative_to(bundle)} -> {path.readlink()}")
            elif not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                found.append(f"{path.relative_to(bundle)} (neither file nor folder)")
    return tuple(sorted(found))
