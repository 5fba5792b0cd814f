"""What forked processes do, beside the supervisor: the command line and parts of it."""

import sys
from pathlib import Path

from nbtui import cli
from nbtui.run import stamp
from nbtui.run.recover import recover
from tests.faults.harness import front


def nbtui(words: list[str]) -> int:
    """Be ``nbtui``."""
    sys.argv = ["nbtui", *words]
    # By this click tells a script from a module run by ``python -m``, which it would name.
    vars(sys.modules["__main__"])["__package__"] = ""
    cli.main()


def start_plan(words: list[str]) -> int:
    """Start a plan as it is and follow its run, as ``nbtui --batch`` does with a memo's."""
    return front.main(*(Path(word) for word in words))


def close_run(words: list[str]) -> int:
    """Close a dead run."""
    recover(Path(words[0]))
    return 0


def take_stamp(words: list[str]) -> int:
    """Print a STAMP of its own."""
    sys.stdout.write(stamp.allocate(Path(words[0]), words[1]).stamp)
    return 0
