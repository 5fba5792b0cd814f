"""``nbtui verify`` and ``nbtui sign``: what people and scripts are told."""

import os
import sys
from pathlib import Path

from nbtui import ssh, step_summary
from nbtui.durable import dump_json, write_bytes
from nbtui.errors import BundleError, ConfigError
from nbtui.evidence import bundled_verify as hashes
from nbtui.evidence.text import printable
from nbtui.exit_codes import ExitCode
from nbtui.verify import keys, signature
from nbtui.verify.check import verify
from nbtui.verify.model import WORDS, Finding, Report, Status

WAIVED = "cleared-or-waived"
"""What accepts a run that was cleared by somebody's sign-off."""


def run(
    bundle: Path,
    *,
    require: str | None = None,
    signed: bool = False,
    trusted: keys.Trusted | None = None,
    as_json: bool = False,
) -> int:
    """Verify a bundle, print what was found, return the exit code.

    0: nothing contradicts, and every figure that ought to could be derived again. 6: it is
    not so, or a signature is required and no trusted key signed. 1: sound, but its verdict
    is not the required one.

    Raises
    ------
    BundleError, ConfigError
        There is no such bundle; a key cannot be used.
    """
    report = verify(bundle, trusted)
    lacks_signature = signed and not signature.signed(report.findings)
    verdict_misses = require is not None and report.verdict not in _accepted(require)
    code = ExitCode.CLEARED
    if not report.sound or lacks_signature:
        code = ExitCode.VERIFY_FAILED
    elif verdict_misses:
        code = ExitCode.BLOCKED
    problem = step_summary.append(os.environ, _markdown(report, code))
    if problem:
        sys.stderr.write(f"{problem}\n")
    if as_json:
        record = {
            **_plain(report),
            "integrity": integrity(report),
            "required_verdict": require,
            "signature_required": signed,
            "exit_code": int(code),
        }
        sys.stdout.write(dump_json(record).decode())
        return int(code)
    for finding in sorted(report.findings, key=lambda f: list(WORDS).index(f.status)):
        sys.stdout.write(f"{_line(finding)}\n")
    sys.stdout.write(f"integrity: {integrity(report)}\n")
    waived = " with waiver" if report.waived else ""
    sys.stdout.write(f"verdict: {report.verdict or 'none that can be read'}{waived}\n")
    if lacks_signature:
        sys.stdout.write("required: a signature by a trusted key; there is none\n")
    if verdict_misses:
        sys.stdout.write(f"required: verdict {require}\n")
    return int(code)


def _accepted(require: str) -> tuple[str, ...]:
    """Return the verdicts that meet a demand: a waiver has to be asked for by name."""
    return ("cleared", "cleared with waiver") if require == WAIVED else (require,)


def integrity(report: Report) -> str:
    """Return the first of the two answers, in words."""
    if wrong := report.of(Status.BAD):
        return f"NOT intact ({len(wrong)} claims do not hold)"
    if missing := report.of(Status.UNKNOWN):
        return f"intact, but {len(missing)} claims cannot be derived again"
    return "intact, and every claim that can be derived again was"


def _markdown(report: Report, code: ExitCode) -> str:
    """Return the report for a workflow's page: what is wrong first, the rest counted."""
    lines = [
        f"## Verification of {report.stamp}: exit {int(code)}\n",
        f"- integrity: {integrity(report)}",
        f"- verdict: {report.verdict or 'none that can be read'}",
        f"- {len(report.of(Status.OK))} claims hold",
    ]
    wrong = (*report.of(Status.BAD), *report.of(Status.UNKNOWN), *report.of(Status.NOTE))
    lines += [f"- `{_line(finding)}`" for finding in wrong]
    return "\n".join(lines) + "\n"


def _plain(report: Report) -> dict[str, object]:
    return {name: getattr(report, name) for name in report.__struct_fields__}


def _line(finding: Finding) -> str:
    place = f"{finding.file}: " if finding.file else ""
    text = " ".join(f"{place}{finding.what}".split())
    return printable(f"{WORDS[finding.status]:6} {finding.level.value:11} {text}")


def sign(bundle: Path, key: Path, passphrase: bytes | None = None) -> Path:
    """Sign the attestation of an intact bundle with an Ed25519 or an SSH key.

    Returns the file that holds the signature.

    Raises
    ------
    BundleError
        It is not intact: nobody should sign that.
    ConfigError
        The key cannot be used, or an SSH signature is there already.
    """
    problems = hashes.check(str(bundle))
    if problems:
        first = problems[0]
        raise BundleError(
            f"not signed: {first.file} {first.what}", where=bundle.name, fix="nbtui verify"
        )
    statement = bundle / hashes.ATTESTATION
    if not statement.is_file():
        raise BundleError("holds no attestation to sign", where=bundle.name, fix="nbtui verify")
    if _is_ssh(key):
        target = bundle / hashes.SSH_SIGNATURE
        if target.exists():
            raise ConfigError("an SSH signature is there already", where=str(target))
        ssh.sign(statement, key, keys.NAMESPACE, asking=True)
        target.chmod(0o444)
    else:
        target = bundle / hashes.ENVELOPES
        before = target.read_bytes() if target.exists() else b""
        line = keys.envelope(statement.read_bytes(), key, passphrase)
        write_bytes(target, before + line, mode=0o444)
    return target


def _is_ssh(key: Path) -> bool:
    try:
        head = key.read_bytes()[:100]
    except OSError as error:
        raise ConfigError(
            f"the key cannot be read ({error.strerror})", where=os.fspath(key)
        ) from error
    return b"OPENSSH PRIVATE KEY" in head or head.startswith((b"ssh-", b"ecdsa-", b"sk-"))
