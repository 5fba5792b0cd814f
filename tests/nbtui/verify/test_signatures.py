"""Signatures: by a trusted key, by an unknown one, forged, and none at all."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from nbtui.errors import BundleError, ConfigError
from nbtui.exit_codes import ExitCode
from nbtui.verify.check import verify
from nbtui.verify.face import run, sign
from nbtui.verify.keys import NAMESPACE, Trusted, pae
from nbtui.verify.model import Finding, Level, Status
from tests.nbtui.verify.forgery import flip, replace


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, Path]:
    """A private and a public Ed25519 key."""
    return make_key(tmp_path, "lab")


def make_key(folder: Path, name: str) -> tuple[Path, Path]:
    private = Ed25519PrivateKey.generate()
    secret, public = folder / f"{name}.pem", folder / f"{name}.pub"
    secret.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    public.write_bytes(
        private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return secret, public


def signatures(bundle: Path, *keys: Path) -> list[Finding]:
    report = verify(bundle, Trusted.of(keys))
    return [f for f in report.findings if f.level is Level.SIGNATURE]


def test_the_encoding_is_that_of_the_specification() -> None:
    assert pae(b"hello") == b"DSSEv1 28 application/vnd.in-toto+json 5 hello"


def test_unsigned_is_a_fact_and_no_failure_unless_required(bundle_copy: Path) -> None:
    assert [f.status for f in signatures(bundle_copy)] == [Status.NOTE]
    assert run(bundle_copy) == ExitCode.CLEARED
    assert run(bundle_copy, signed=True) == ExitCode.VERIFY_FAILED


def test_a_trusted_key_is_named(bundle_copy: Path, key: tuple[Path, Path]) -> None:
    secret, public = key
    assert sign(bundle_copy, secret).name == "attestation.intoto.jsonl"
    found = signatures(bundle_copy, public)
    assert [f.status for f in found] == [Status.OK]
    assert "lab.pub" in found[0].what
    assert run(bundle_copy, signed=True, trusted=Trusted.of((public,))) == ExitCode.CLEARED


def test_the_key_id_decides_nothing(
    bundle_copy: Path, key: tuple[Path, Path], tmp_path: Path
) -> None:
    secret, public = key
    sign(bundle_copy, secret)
    path = bundle_copy / "attestation.intoto.jsonl"
    path.chmod(0o644)
    line = json.loads(path.read_text())
    line["signatures"][0]["keyid"] = "another scheme"
    path.write_text(json.dumps(line) + "\n")
    _, other = make_key(tmp_path, "other")
    assert [f.status for f in signatures(bundle_copy, other, public)] == [Status.OK]


def test_an_unknown_key_is_no_failure_and_no_signature_that_counts(
    bundle_copy: Path, key: tuple[Path, Path], tmp_path: Path
) -> None:
    sign(bundle_copy, key[0])
    _, other = make_key(tmp_path, "other")
    assert [f.status for f in signatures(bundle_copy, other)] == [Status.NOTE]
    trusted = Trusted.of((other,))
    assert run(bundle_copy, signed=True, trusted=trusted) == ExitCode.VERIFY_FAILED


def test_a_forged_signature_is_a_failure(bundle_copy: Path, key: tuple[Path, Path]) -> None:
    secret, public = key
    sign(bundle_copy, secret)
    path = bundle_copy / "attestation.intoto.jsonl"
    path.chmod(0o644)
    line = json.loads(path.read_text())
    line["signatures"][0]["sig"] = "A" * 86 + "=="
    path.write_text(json.dumps(line) + "\n")
    assert [f.status for f in signatures(bundle_copy, public)] == [Status.BAD]


def test_a_signed_statement_cannot_be_exchanged(bundle_copy: Path, key: tuple[Path, Path]) -> None:
    secret, public = key
    sign(bundle_copy, secret)
    replace(bundle_copy / "attestation.json", '"WARNED"', '"PASSED"')
    found = signatures(bundle_copy, public)
    assert [f.status for f in found] == [Status.BAD]
    assert "another statement" in found[0].what


def test_two_signers_are_two_lines(
    bundle_copy: Path, key: tuple[Path, Path], tmp_path: Path
) -> None:
    other = make_key(tmp_path, "other")
    sign(bundle_copy, key[0])
    sign(bundle_copy, other[0])
    assert [f.status for f in signatures(bundle_copy, key[1], other[1])] == [Status.OK] * 2


def test_nobody_signs_an_altered_bundle(bundle_copy: Path, key: tuple[Path, Path]) -> None:
    flip(bundle_copy / "memo.md")
    with pytest.raises(BundleError, match=r"memo\.md"):
        sign(bundle_copy, key[0])


def test_a_file_that_is_no_key_is_said_to_be_none(bundle_copy: Path, tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(ConfigError, match="no private key"):
        sign(bundle_copy, tmp_path / "no.pem")


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
def test_an_ssh_key_signs_without_any_package(bundle_copy: Path, tmp_path: Path) -> None:
    secret = tmp_path / "id"
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(secret)]
    subprocess.run(words, check=True)
    sign(bundle_copy, secret)
    assert [f.status for f in signatures(bundle_copy)] == [Status.NOTE]
    allowed = tmp_path / "allowed"
    public = secret.with_suffix(".pub").read_text().split()[:2]
    allowed.write_text(f'op@lab namespaces="{NAMESPACE}" {" ".join(public)}\n')
    found = signatures(bundle_copy, allowed)
    assert [f.status for f in found] == [Status.OK]
    assert "op@lab" in found[0].what
    with pytest.raises(ConfigError, match="already"):
        sign(bundle_copy, secret)
    replace(bundle_copy / "attestation.json", '"WARNED"', '"PASSED"')
    assert [f.status for f in signatures(bundle_copy, allowed)] == [Status.BAD]
