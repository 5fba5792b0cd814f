"""A plan whose every image may equal its own transpose: swapped axes stay unseen."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from nbtui.memo.cases import load
from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.plan import Role

_ASYMMETRIC = "asymmetric_2048x1536"
_BREAKING = (
    "-misset", "-mat", "-hkl", "-detector_rot", "-twotheta", "-Xbeam", "-Ybeam", "-Xclose",
    "-Yclose", "-ORGX", "-ORGY", "-phi", "-osc", "-img", "-sourcefile",
)  # fmt: skip
"""Arguments that (as far as arguments can tell) break the symmetry under transposition."""


def check_symmetry(scope: Scope) -> Iterator[Finding]:
    """Report a plan whose every image may equal its own transpose: swapped axes stay unseen."""
    compared = [s for s in scope.plan.stages if s.role is Role.COMPARE and s.experiment]
    if compared and all(_may_be_symmetric(s.experiment or ()) for s in compared):
        yield scope.warn(
            "symmetric-only",
            compared[0].lines.first,
            "every compared image may equal its own transpose: no metric can see swapped axes",
            f"compare {_ASYMMETRIC} too"
            if _ASYMMETRIC in load(scope.root)
            else "compare a case without symmetry too: -misset, another number of pixels each way",
        )


def _may_be_symmetric(arguments: Sequence[str]) -> bool:
    if any(word.startswith(_BREAKING) for word in arguments):
        return False
    pairs = dict(pairwise(arguments))
    for stem in ("-detpixels", "-detsize"):
        fast = pairs.get(f"{stem}_f") or pairs.get(f"{stem}_x")
        slow = pairs.get(f"{stem}_s") or pairs.get(f"{stem}_y")
        if fast != slow:
            return False
    return True
