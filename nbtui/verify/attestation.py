"""Whether ``attestation.json`` says what the bundle shows, whichever nbtui wrote it.

A statement is judged by its claims, not by its bytes. One of this version's schema has to make
every claim that follows from the bundle, and no other. One of another schema may lack claims,
and may put a result worse than it is, for rules were added; better it may never be. A claim
that this version does not know cannot be derived, and is said to be so.
"""

from collections.abc import Iterator
from typing import Any

from nbtui.durable import StrictJsonError, load_json, sha256_file
from nbtui.errors import NbtuiError
from nbtui.evidence import attestation
from nbtui.evidence.bundled_verify import ATTESTATION, SUMS
from nbtui.run.attest import statement_of
from nbtui.verify.model import Case, Finding, Level, bad, note, ok, unknown

_LEVEL = Level.ATTESTATION
_RESULT = {"PASSED": 0, "WARNED": 1, "FAILED": 2}
_DEMANDED = (
    "_type", "predicateType", "result", "nbtui_verdict", "nbtui_stamp", "nbtui_journalTip",
    "subject:SHA256SUMS", "subject:events.jsonl", "configuration:plan.json",
    "configuration:memo.md",
)  # fmt: skip
"""What every statement has said from the first on."""
_WORDS = frozenset({"nbtui_reason"})
"""Sentences, whose wording may have changed."""


def check(case: Case) -> Iterator[Finding]:
    """Yield where the statement says something else than the bundle."""
    path, sums = case.bundle / ATTESTATION, case.bundle / SUMS
    promised = case.state.started.attests if case.state.started else 0
    if not path.is_file():
        if not promised:  # else it is missing, and that was said
            what = "is missing: an nbtui that wrote none, or it was taken away"
            yield note(_LEVEL, what, ATTESTATION)
        return
    if not sums.is_file():
        return  # said already
    try:
        derived = _claims(statement_of(case.bundle, sha256_file(sums)))
    except NbtuiError as error:
        yield bad(_LEVEL, f"cannot be written again: {error}", ATTESTATION)
        return
    try:
        stated = _claims(path.read_bytes())
        schema = attestation.schema_of(stated)
    except (StrictJsonError, ValueError, LookupError, TypeError, AttributeError) as error:
        yield bad(_LEVEL, f"is no statement about a run ({error})", ATTESTATION)
        return
    # A run that this version closed for an earlier one says more than was promised, and is
    # held to all of it; any other schema would only have fewer claims looked at.
    if promised and schema not in {promised, max(promised, attestation.SCHEMA)}:
        what = f"has schema {schema}; the journal says that it will be {promised}"
        yield bad(_LEVEL, what, ATTESTATION)
    elif schema == attestation.SCHEMA:
        yield from _same(stated, derived)
    else:
        yield from _other(stated, derived, schema)


def _claims(data: bytes) -> dict[str, Any]:
    return attestation.claims(load_json(data))


def _same(stated: dict[str, Any], derived: dict[str, Any]) -> Iterator[Finding]:
    """Yield every difference: this version would say exactly this."""
    wrong = [n for n in {**derived, **stated} if stated.get(n) != derived.get(n)]
    for name in wrong:
        yield _contradicts(name, stated, derived)
    if not wrong:
        what = f"all {len(derived)} claims follow from journal, plan and SHA256SUMS"
        yield ok(_LEVEL, what, ATTESTATION)


def _other(stated: dict[str, Any], derived: dict[str, Any], schema: int) -> Iterator[Finding]:
    """Yield what another version's statement says that does not hold, or cannot be told."""
    stated = {n: v for n, v in stated.items() if n != "nbtui_schema"}
    lacking = [name for name in _DEMANDED if name not in stated]
    found = [bad(_LEVEL, f"does not say {name}", ATTESTATION) for name in lacking]
    remarks = [f"schema {schema}, this nbtui writes {attestation.SCHEMA}"]
    for name, claim in stated.items():
        if name not in derived:
            what = f"says {name}, which cannot be derived here"
            found.append(unknown(_LEVEL, what, ATTESTATION))
        elif claim == derived[name] or _same_digest(name, claim, derived[name]):
            continue
        elif name in _WORDS or _worse(name, claim, derived[name]):
            remarks.append(f"{name} is {_told(claim)}, today {_told(derived[name])}")
        else:
            found.append(_contradicts(name, stated, derived))
    silent = len(derived.keys() - stated.keys() - {"nbtui_schema"})
    if silent:
        remarks.append(f"{silent} claims of today were not made")
    yield from found
    if not found:
        what = f"its {len(stated)} claims follow from journal, plan and SHA256SUMS"
        yield ok(_LEVEL, what, ATTESTATION)
    yield note(_LEVEL, "; ".join(remarks), ATTESTATION)


def _contradicts(name: str, stated: dict[str, Any], derived: dict[str, Any]) -> Finding:
    says, shows = _told(stated.get(name)), _told(derived.get(name))
    return bad(_LEVEL, f"was changed: {name} is {says}, the bundle gives {shows}", ATTESTATION)


def _same_digest(name: str, claim: Any, derived: Any) -> bool:
    """Whether two entries name the same bytes, whatever else they say of them."""
    if not name.startswith(("subject:", "configuration:")):
        return False
    return bool(claim["digest"] == derived["digest"])


def _worse(name: str, claim: Any, derived: Any) -> bool:
    """Whether a result is put worse than it is."""
    if name == "result":
        return _RESULT.get(claim, -1) > _RESULT[derived]
    if not name.startswith("test:"):
        return False
    rank = attestation.RESULTS.index
    return min(map(rank, claim)) >= max(map(rank, derived))


def _told(claim: Any) -> str:
    if claim is None:
        return "not said"
    if isinstance(claim, tuple):
        return " and ".join(claim)
    return str(claim["digest"]) if isinstance(claim, dict) and "digest" in claim else str(claim)
