"""Files that a simulator reads by itself, by name: nobody has to ask for them.

nanoBragg, given no ``-hkl``, reads the cache ``Fdump.bin`` (or the name given with
``-dump``) from its working folder, even with ``-default_F``.
"""

from itertools import pairwise
from pathlib import PurePosixPath

from nbtui.memo.plan import Plan

DEFAULT_NAMES = ("Fdump.bin",)


def candidates(plan: Plan) -> tuple[str, ...]:
    """Return the files that some stage's program would read by itself, relative to the root.

    Every working folder counts, but for those in the bundle: they are new.
    """
    named = [
        value
        for step in plan.steps
        if step.command
        for word, value in pairwise(step.command.argv)
        if word == "-dump"
    ]
    names = dict.fromkeys((*DEFAULT_NAMES, *named))
    folders = dict.fromkeys(
        step.command.cwd for step in plan.steps if step.command and "$" not in step.command.cwd
    )
    paths = (PurePosixPath(folder, name) for folder in ("", *folders) for name in names)
    return tuple(dict.fromkeys(path.as_posix() for path in paths))
