"""Files that a simulator reads by itself, by name: nobody has to ask for them.

nanoBragg, given no ``-hkl``, reads the cache ``Fdump.bin`` (or the name given with
``-dump``) from its working folder, even with ``-default_F``.
"""

from itertools import pairwise

from nbtui.memo.plan import Plan

DEFAULT_NAMES = ("Fdump.bin",)


def candidates(plan: Plan) -> tuple[str, ...]:
    """Return the names of files that some stage's program would read by itself."""
    named = [
        value
        for step in plan.steps
        if step.command
        for word, value in pairwise(step.command.argv)
        if word == "-dump"
    ]
    return tuple(dict.fromkeys((*DEFAULT_NAMES, *named)))
