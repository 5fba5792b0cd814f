"""The ledger as a witness: a commit that names a bundle's hash contradicts any later change."""

import re
from collections.abc import Iterator

from nbtui import vcs
from nbtui.durable import sha256_file
from nbtui.errors import VcsError
from nbtui.evidence.bundled_verify import SUMS
from nbtui.verify.model import Case, Finding, Level, bad, note, ok

_LEVEL = Level.LEDGER
_DIGEST = re.compile(r"SHA256SUMS`? ?(?:\(?sha-?256\)?:? ?)?`?([0-9a-f]{64})", re.IGNORECASE)


def check(case: Case) -> Iterator[Finding]:
    """Yield whether the ledger, as it is committed, names this bundle by the same hash."""
    if case.project is None or not case.ledger:
        yield note(_LEVEL, "not looked at: no project around this bundle")
        return
    try:
        data = vcs.content_at(case.project, "HEAD", case.ledger)
    except VcsError as error:
        yield note(_LEVEL, f"not looked at: {error.what}")
        return
    stamp, path = case.facts.stamp, case.bundle / SUMS
    lines = (data or b"").decode("utf-8", "replace").splitlines()
    named = [m[1].lower() for line in lines if stamp in line for m in _DIGEST.finditer(line)]
    if not named:
        yield note(_LEVEL, f"{case.ledger} at HEAD names no hash of this bundle")
    elif not path.is_file() or {*named} != {sha256_file(path)}:
        yield bad(_LEVEL, f"{case.ledger} at HEAD names another hash: {named[0]}", SUMS)
    else:
        yield ok(_LEVEL, f"{case.ledger} at HEAD names the same hash", SUMS)
