"""Imports a large library without collecting garbage meanwhile, or ever looking at it again."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def collector_at_rest() -> Iterator[None]:
    """Rest the garbage collector, then keep what is there out of every later collection.

    PyTorch makes half a million objects when it is imported, and none of them is garbage. The
    collector would walk through them again and again, the last time when the process ends:
    a quarter of what importing PyTorch takes. For programs, not for libraries: what the process
    held before is kept for good as well.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
