"""Keys that vouch: Ed25519 in a DSSE envelope (extra ``[sign]``), or SSH's own signatures.

Both are about the exact bytes of ``attestation.json``, which names the run, the hash of
``SHA256SUMS`` and the end of the journal: whoever signs it signs the whole bundle.
DSSE: github.com/secure-systems-lab/dsse, protocol.md v1.0.0.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbtui import ssh
from nbtui.errors import ConfigError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

PAYLOAD_TYPE = "application/vnd.in-toto+json"
NAMESPACE = "nbtui-evidence"
_EXTRA = "pip install 'nbtui[sign]', or sign with an SSH key"


@dataclass(frozen=True, slots=True)
class Trusted:
    """Keys that count: PEM files of Ed25519 public keys, and ``allowed_signers`` files."""

    pem: tuple[Path, ...] = ()
    allowed_signers: tuple[Path, ...] = ()

    @classmethod
    def of(cls, files: tuple[Path, ...]) -> "Trusted":
        """Sort key files by what they hold.

        Raises
        ------
        ConfigError
            A file cannot be read.
        """
        pem: list[Path] = []
        signers: list[Path] = []
        for file in files:
            try:
                head = file.read_bytes()[:4096]
            except OSError as error:
                raise ConfigError(
                    f"the key file cannot be read ({error.strerror})", where=str(file)
                ) from error
            (pem if b"-----BEGIN" in head else signers).append(file)
        return cls(tuple(pem), tuple(signers))


def pae(body: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding of a statement."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def envelope(body: bytes, key_file: Path, passphrase: bytes | None = None) -> bytes:
    """Return one line of ``attestation.intoto.jsonl``: the statement, signed with Ed25519.

    Raises
    ------
    ConfigError
        The key cannot be used, or the extra is not installed.
    """
    key = _private(key_file, passphrase)
    signature = key.sign(pae(body))
    line = {
        "payload": base64.b64encode(body).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [
            {"keyid": key_id(key.public_key()), "sig": base64.b64encode(signature).decode()}
        ],
    }
    return json.dumps(line, sort_keys=True).encode() + b"\n"


def key_id(key: "Ed25519PublicKey") -> str:
    """Return the SHA-256 of a public key's raw bytes: a hint for people, never for decisions."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()


def public_keys(trusted: Trusted) -> Iterator[tuple[str, "Ed25519PublicKey"]]:
    """Yield the trusted Ed25519 keys with the names of their files.

    Raises
    ------
    ConfigError
        A file holds no such key, or the extra is not installed.
    """
    for file in trusted.pem:
        serialization, ed25519 = _library()
        try:
            key = serialization.load_pem_public_key(file.read_bytes())
        except (OSError, ValueError) as error:
            raise ConfigError(f"no public key ({error})", where=str(file)) from error
        if not isinstance(key, ed25519.Ed25519PublicKey):
            raise ConfigError("not an Ed25519 key", where=str(file), fix=_EXTRA)
        yield file.name, key


def verify_raw(key: "Ed25519PublicKey", signature: bytes, body: bytes) -> bool:
    """Return whether a DSSE signature is that key's."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  (an extra)

    try:
        key.verify(signature, pae(body))
    except InvalidSignature:
        return False
    return True


def ssh_signer(body: bytes, signature: Path, trusted: Trusted) -> str | None:
    """Return the name in ``allowed_signers`` that made an SSH signature, if one did.

    Raises
    ------
    ConfigError
        ``ssh-keygen`` cannot be run.
    """
    for signers in trusted.allowed_signers:
        for name in ssh.names(signers):
            if ssh.made_by(body, signature, NAMESPACE, name=name, signers=signers).good:
                return name
    return None


def _private(file: Path, passphrase: bytes | None) -> "Ed25519PrivateKey":
    serialization, ed25519 = _library()
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), passphrase)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"no private key ({error})", where=str(file)) from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise ConfigError(
            "not an Ed25519 key", where=str(file), fix="openssl genpkey -algorithm ed25519"
        )
    private: Ed25519PrivateKey = key
    return private


def _library() -> tuple[Any, Any]:
    try:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  (an extra)
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            "Ed25519 needs the extra [sign]", where="cryptography", fix=_EXTRA
        ) from error
    return serialization, ed25519
