"""SSH signatures of small files, through ``ssh-keygen -Y``: no cryptography of our own."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from nbtui.errors import SignOffError

NAMESPACE = "nbtui-sign-off"
"""What a signature is for: one made for something else is not taken."""
UNSIGNED = "unsigned"
_TIMEOUT_S = 60.0


def beside(path: Path) -> Path:
    """Return where the signature of a file lies."""
    return path.with_name(f"{path.name}.sig")


def sign(path: Path, key: Path) -> Path:
    """Sign a file; return the signature's path.

    Raises
    ------
    SignOffError
        ``ssh-keygen`` is missing, or the key cannot be used without asking for something.
    """
    done = _run(["-Y", "sign", "-q", "-f", str(key), "-n", NAMESPACE, str(path)])
    if done.returncode or not beside(path).is_file():
        raise SignOffError(
            f"the key cannot sign: {_last(done)}",
            where=str(key),
            fix="name a private key that needs no passphrase now, or load it: ssh-add",
        )
    return beside(path)


def check(path: Path, name: str, signers: Path | None) -> str:
    """Return what is known of a file's signature, in words.

    Parameters
    ----------
    path
        The signed file.
    name
        Who is to have signed it: the principal in ``signers``.
    signers
        ssh's ``allowed_signers``; with it, only a valid signature of that name is accepted.

    Raises
    ------
    SignOffError
        ``signers`` is given, and there is no valid signature of that name.
    """
    signature = beside(path)
    if signers is None:
        return "signed, not checked (no allowed_signers)" if signature.is_file() else UNSIGNED
    if not signature.is_file():
        raise SignOffError("it is not signed", where=str(path))
    argv = ["-Y", "verify", "-q", "-f", str(signers), "-I", name, "-n", NAMESPACE]
    done = _run([*argv, "-s", str(signature)], path)
    if done.returncode:
        raise SignOffError(f"its signature does not verify: {_last(done)}", where=str(signature))
    return f"verified: {name}"


def _run(words: Sequence[str], stdin: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    try:
        with (stdin or Path("/dev/null")).open("rb") as stream:
            return subprocess.run(
                ["ssh-keygen", *words], stdin=stream, capture_output=True, timeout=_TIMEOUT_S,
                check=False, start_new_session=True,
            )  # fmt: skip
    except FileNotFoundError as error:
        raise SignOffError(
            "ssh-keygen was not found", where="PATH", fix="install OpenSSH's client"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise SignOffError("ssh-keygen did not answer", where="ssh-keygen") from error


def _last(done: subprocess.CompletedProcess[bytes]) -> str:
    text = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
    return text.splitlines()[-1] if text else f"exit code {done.returncode}"
