"""The checklist of a run that was: plan and memo from its bundle, marks from its journal."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from nbtui.checklist.sheet import Sheet, make_sheet
from nbtui.errors import BundleError
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import decode
from nbtui.run.catalog import PLAN
from nbtui.store import plan_now, read


def sheet_of_run(bundle: Path, env: Mapping[str, str]) -> Sheet:
    """Return the checklist of a bundle.

    Raises
    ------
    BundleError
        Its plan, memo or journal cannot be read.
    """
    state = read(bundle)
    try:
        plan = plan_now(decode((bundle / PLAN).read_bytes()), state)
        memo = parse_memo((bundle / "memo.md").read_bytes(), name=plan.memo_name)
    except (OSError, msgspec.DecodeError) as error:
        raise BundleError(
            f"the bundle cannot be read: {error}",
            where=str(bundle),
            fix="nbtui runs lists the others",
        ) from error
    root = Path(state.started.root) if state.started else bundle
    return make_sheet(plan, memo, root, env, state)
