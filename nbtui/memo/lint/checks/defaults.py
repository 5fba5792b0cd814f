"""Arguments left out that the two compared programs fill in differently."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.parameters import C_DEFAULTS, PORT_DEFAULTS, experiments, plain
from nbtui.memo.lint.scope import Scope
from nbtui.memo.plan import Role

_COVERS = {"-N": ("-N", "-Na", "-Nb", "-Nc", "-samplesize", "-xtalsize")}


def check_defaults(scope: Scope) -> Iterator[Finding]:
    """Report comparisons with a foreign port that leave such an argument out."""
    for experiment in experiments(scope):
        if experiment.role is not Role.COMPARE or not experiment.foreign:
            continue
        for flag, other in PORT_DEFAULTS.items():
            if any(f in experiment.values for f in _COVERS.get(flag, (flag,))):
                continue
            text = (
                f"{flag} is not given: nanoBragg takes {plain(C_DEFAULTS[flag])}, other ports "
                f"take {plain(other)}; the comparison would be of two experiments"
            )
            yield scope.block("defaults-differ", experiment.line, text, f"name {flag} in the memo")
