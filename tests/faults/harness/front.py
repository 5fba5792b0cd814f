"""What ``nbtui --batch`` does once a plan is confirmed: start its run, follow it, return its code.

Usage: front.py ROOT MEMO PLAN [RESUME]. The plan is given as it is, so that a fault needs no memo
that compiles to it; launcher, supervisor and viewer are the real ones.
"""

import os
import sys
from pathlib import Path

from nbtui.batch import Output, Signals, Viewer
from nbtui.errors import NbtuiError
from nbtui.memo.plan import decode
from nbtui.run import launch


def main(root: Path, memo: Path, plan: Path, resume: Path | None = None) -> int:
    """Run the plan; return the exit code."""
    signals = Signals()
    signals.install()
    out, err = Output(sys.stdout), Output(sys.stderr)
    try:
        given = decode(plan.read_bytes())
        bundle = launch.start_plan(root, memo.read_bytes(), given, os.environ, resume=resume)
        err.line(f"bundle {bundle}")
        return Viewer(bundle, out, err, signals, as_json=False, owns=True).follow()
    except NbtuiError as error:
        err.line(f"nbtui: {error}")
        return int(error.exit_code)


if __name__ == "__main__":
    sys.exit(main(*(Path(word) for word in sys.argv[1:])))
