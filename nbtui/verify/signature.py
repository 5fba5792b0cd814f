"""Who signed the attestation: a trusted key, an unknown one, nobody, or a forger."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from nbtui import ssh
from nbtui.durable import StrictJsonError, load_json
from nbtui.errors import ConfigError
from nbtui.evidence.bundled_verify import ATTESTATION, ENVELOPES, SSH_SIGNATURE
from nbtui.verify import keys
from nbtui.verify.model import Case, Finding, Level, bad, note, ok

_LEVEL = Level.SIGNATURE


def check(case: Case) -> Iterator[Finding]:
    """Yield what the signatures of a bundle are worth."""
    try:
        body = (case.bundle / ATTESTATION).read_bytes()
    except OSError:
        return  # said already: it is missing
    found = [*_dsse(case, body), *_ssh(case, body)]
    if not found:
        yield note(_LEVEL, "unsigned: nobody vouches for it but the bundle itself")
    yield from found


def signed(findings: tuple[Finding, ...]) -> bool:
    """Return whether a trusted key signed."""
    return any(f.level is _LEVEL and f.status.value == "ok" for f in findings)


def _dsse(case: Case, body: bytes) -> Iterator[Finding]:
    path = case.bundle / ENVELOPES
    if not path.is_file():
        return
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            envelope = load_json(line)
            payload = base64.b64decode(envelope["payload"], validate=True)
            kind, signatures = envelope["payloadType"], list(envelope["signatures"])
        except (StrictJsonError, ValueError, LookupError, TypeError) as error:
            yield bad(_LEVEL, f"line {number} is no envelope ({error})", ENVELOPES)
            continue
        if payload != body or kind != keys.PAYLOAD_TYPE:
            what = f"line {number} signs another statement than {ATTESTATION}"
            yield bad(_LEVEL, what, ENVELOPES)
            continue
        if not signatures:
            yield bad(_LEVEL, f"line {number} holds no signature", ENVELOPES)
        for signature in signatures:
            yield _one(case, body, signature)


def _one(case: Case, body: bytes, signature: Any) -> Finding:
    try:
        raw = base64.b64decode(signature["sig"], validate=True)
        said = str(signature.get("keyid", ""))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        return bad(_LEVEL, f"a signature that cannot be read ({error})", ENVELOPES)
    try:
        known = list(keys.public_keys(case.trusted))
    except ConfigError as error:
        return note(_LEVEL, f"signed, not checked: {error}", ENVELOPES)
    # The key id is an unauthenticated hint: every trusted key is tried.
    for name, key in known:
        if keys.verify_raw(key, raw, body):
            return ok(_LEVEL, f"signed by the key in {name}", ENVELOPES)
    for name, key in known:
        if keys.key_id(key) == said:
            what = f"claims to be signed by the key in {name}, and is not"
            return bad(_LEVEL, what, ENVELOPES)
    digest = hashlib.sha256(raw).hexdigest()[:12]
    return note(_LEVEL, f"signed by a key that is not among the trusted ({digest})", ENVELOPES)


def _ssh(case: Case, body: bytes) -> Iterator[Finding]:
    path = case.bundle / SSH_SIGNATURE
    if not path.is_file():
        return
    try:
        fits = ssh.fits(body, path, keys.NAMESPACE).good
        signer = keys.ssh_signer(body, path, case.trusted) if fits else None
    except ConfigError as error:
        yield note(_LEVEL, f"signed, not checked: {error}", SSH_SIGNATURE)
        return
    if not fits:
        yield bad(_LEVEL, f"is no signature of {ATTESTATION}", SSH_SIGNATURE)
    elif signer is not None:
        yield ok(_LEVEL, f"signed by {signer}", SSH_SIGNATURE)
    else:
        yield note(_LEVEL, "signed by an SSH key that is not among the trusted", SSH_SIGNATURE)
