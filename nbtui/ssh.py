"""Signatures with SSH keys, through ``ssh-keygen -Y``: no cryptography of our own."""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtui.errors import ConfigError

_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What ``ssh-keygen`` says of a signature."""

    good: bool
    said: str
    """Its last words."""


def beside(path: Path) -> Path:
    """Return where the signature of a file lies."""
    return path.with_name(f"{path.name}.sig")


def sign(path: Path, key: Path, namespace: str, *, asking: bool = False) -> Path:
    """Sign a file; return the signature's path.

    Parameters
    ----------
    path, key
        The file, and the private key.
    namespace
        What the signature is for: one made for something else is not taken.
    asking
        Whether ``ssh-keygen`` may ask for a passphrase on the terminal.

    Raises
    ------
    ConfigError
        ``ssh-keygen`` is missing, or the key cannot sign.
    """
    words = ["sign", "-q", "-f", str(key), "-n", namespace, str(path)]
    answer = _ask(words, b"", asking=asking)
    if not answer.good or not beside(path).is_file():
        raise ConfigError(
            f"the key cannot sign: {answer.said}",
            where=str(key),
            fix="name a private SSH key; one with a passphrase is loaded first: ssh-add",
        )
    return beside(path)


def made_by(data: bytes, signature: Path, namespace: str, *, name: str, signers: Path) -> Answer:
    """Return whether a signature of these bytes is that name's in ``allowed_signers``.

    Raises
    ------
    ConfigError
        ``ssh-keygen`` cannot be run.
    """
    who = ["-f", str(signers), "-I", name]
    return _ask(["verify", "-q", *who, "-n", namespace, "-s", str(signature)], data)


def fits(data: bytes, signature: Path, namespace: str) -> Answer:
    """Return whether a signature is of these bytes, whoever made it.

    Raises
    ------
    ConfigError
        ``ssh-keygen`` cannot be run.
    """
    return _ask(["check-novalidate", "-q", "-n", namespace, "-s", str(signature)], data)


def names(signers: Path) -> Iterator[str]:
    """Yield the name of each key in ``allowed_signers``."""
    for line in signers.read_text("utf-8", "replace").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.split()[0].split(",")[0]


def _ask(words: Sequence[str], data: bytes, *, asking: bool = False) -> Answer:
    try:
        done = subprocess.run(
            ["ssh-keygen", "-Y", *words], input=data, capture_output=True, check=False,
            timeout=None if asking else _TIMEOUT_S, start_new_session=not asking,
        )  # fmt: skip
    except OSError as error:
        raise ConfigError(
            f"ssh-keygen cannot be run ({error.strerror})",
            where="PATH",
            fix="install OpenSSH's client",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ConfigError("ssh-keygen did not answer", where="ssh-keygen") from error
    text = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
    said = text.splitlines()[-1] if text else f"exit code {done.returncode}"
    return Answer(done.returncode == 0, said)
