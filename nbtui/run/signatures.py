"""What the signature of a sign-off is worth."""

from pathlib import Path

from nbtui import ssh
from nbtui.errors import ConfigError, SignOffError

NAMESPACE = "nbtui-sign-off"
"""What a signature is for: one made for something else is not taken."""
UNSIGNED = "unsigned"


def sign(path: Path, key: Path) -> Path:
    """Sign a file; return the signature's path.

    Raises
    ------
    SignOffError
        ``ssh-keygen`` is missing, or the key cannot be used without asking for something.
    """
    try:
        return ssh.sign(path, key, NAMESPACE)
    except ConfigError as error:
        raise SignOffError(error.what, where=error.where, fix=error.fix) from error


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
    signature = ssh.beside(path)
    if signers is None:
        return "signed, not checked (no allowed_signers)" if signature.is_file() else UNSIGNED
    if not signature.is_file():
        raise SignOffError("it is not signed", where=str(path))
    try:
        answer = ssh.made_by(path.read_bytes(), signature, NAMESPACE, name=name, signers=signers)
    except ConfigError as error:
        raise SignOffError(error.what, where=error.where, fix=error.fix) from error
    if not answer.good:
        raise SignOffError(f"its signature does not verify: {answer.said}", where=str(signature))
    return f"verified: {name}"
