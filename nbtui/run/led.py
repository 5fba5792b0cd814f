"""The supervisor of a led run: ``python -m nbtui.run.led BUNDLE --root ROOT --operator NAME``.

Detached like any other, but it waits for its operator at questions, manual steps and the
signature; :mod:`nbtui.run.inbox` is how it is told.
"""

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial

from nbtui.run import supervisor
from nbtui.run.answering import Answering
from nbtui.run.by_hand import HandConductor
from nbtui.run.conduct import Conductor
from nbtui.run.inbox import RemoteOperator
from nbtui.run.interrupts import Interrupts


def led(options: supervisor.Options, interrupts: Interrupts) -> Callable[..., Conductor]:
    """Return what conducts a run that somebody leads from another process."""
    operator = RemoteOperator(options.operator, options.bundle)
    operator.attend(interrupts)
    answering = Answering.of_bundle(options.bundle, options.root, dict(os.environ))
    return partial(HandConductor, operator=operator, answering=answering)


def main(argv: Sequence[str]) -> int:
    """Conduct the led run of a prepared bundle; return its exit code."""
    return supervisor.main(argv, led)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
