"""The attestation of a bundle: its journal and plan, read back and put into a statement."""

import hashlib
from pathlib import Path

import msgspec

from nbtui.errors import BundleError
from nbtui.evidence.attestation import Anchors, statement
from nbtui.evidence.facts import RunFacts
from nbtui.memo.plan import Plan, decode
from nbtui.run.catalog import PLAN
from nbtui.run.clock import SYSTEM
from nbtui.run.facts import facts_of
from nbtui.run.journal import JOURNAL, Chain, parse
from nbtui.store import RunState, fold_all, plan_now


def statement_of(bundle: Path, manifest_sha256: str) -> bytes:
    """Return the statement about a finished run, from what its bundle holds.

    Parameters
    ----------
    bundle
        The folder; its journal has ended.
    manifest_sha256
        Hash of its ``SHA256SUMS``.

    Raises
    ------
    BundleError
        When journal or plan cannot be read.
    """
    data, chain = read_journal(bundle)
    anchors = Anchors(manifest_sha256, hashlib.sha256(data).hexdigest(), chain.tip)
    return statement(facts_in(bundle, chain), anchors)


def facts_in(bundle: Path, chain: Chain) -> RunFacts:
    """Return the facts of a finished run as its journal tells them."""
    state = fold_all(RunState(bundle=bundle), chain.lines)
    plan = plan_now(read_plan(bundle), state)
    return facts_of(state, plan, SYSTEM, wall_s=state.wall_s)


def read_journal(bundle: Path) -> tuple[bytes, Chain]:
    """Return the bytes of a journal and what they say.

    Raises
    ------
    BundleError
        When it is missing or its chain is broken.
    """
    try:
        data = (bundle / JOURNAL).read_bytes()
    except OSError as error:
        raise BundleError(f"no journal: {error.strerror}", where=str(bundle / JOURNAL)) from error
    return data, parse(data)


def read_plan(bundle: Path) -> Plan:
    """Return the plan of a bundle.

    Raises
    ------
    BundleError
        When it is missing or no plan of this version.
    """
    try:
        return decode((bundle / PLAN).read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise BundleError(f"the plan cannot be read: {error}", where=str(bundle / PLAN)) from error
