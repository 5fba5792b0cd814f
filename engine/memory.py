"""Room for an image, looked at before anything is allocated.

Linux promises more memory than there is and kills whoever takes it at its word; one line that
says how much is missing is better than that.
"""

import contextlib

from engine.errors import OutOfMemoryError

_NEVER_ASKED_BYTES = 64_000_000
"""What any machine has; for less nobody looks."""


def available_bytes() -> int | None:
    """Return the memory that can be had without swapping, within the process's own limit.

    None where the system does not say. Tests put another function in its place.
    """
    import psutil  # noqa: PLC0415  # milliseconds that small images save

    found: list[int] = []
    with contextlib.suppress(OSError, RuntimeError, psutil.Error):
        found.append(int(psutil.virtual_memory().available))
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415  # not on every system

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        found += [limit] if limit != resource.RLIM_INFINITY else []
    return min(found, default=None)


def demand(shape: tuple[int, int], bytes_a_pixel: int) -> None:
    """Return when an image of this shape has room in memory.

    Parameters
    ----------
    shape
        ``(slow, fast)`` pixels.
    bytes_a_pixel
        What each of them needs, everything that is held at once.

    Raises
    ------
    OutOfMemoryError
        When it has not; nothing was allocated.
    """
    need = shape[0] * shape[1] * bytes_a_pixel
    if need <= _NEVER_ASKED_BYTES:
        return
    have = available_bytes()
    if have is not None and need > have:
        raise OutOfMemoryError(
            f"an image of {shape[1]} x {shape[0]} pixels needs {need / 1e9:.1f} GB of memory, "
            f"{have / 1e9:.1f} GB are available",
            where="-detpixels, -detsize",
            fix="fewer pixels, or a machine with more memory",
        )
