"""Secrets of the environment: recognised by name or by value, and kept out of every record."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import msgspec

TOKEN_VARIABLE = "NBTUI_RUN_TOKEN"  # noqa: S105  (the name of a variable)
"""The run's own token finds its processes; it opens nothing."""
REDACTED = "(redacted)"
_NAME = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|(?:^|_)(?:CREDS?|PASS|PW|PWD_?HASH|AUTH)(?:_|$)"
    r"|(?:^|_)KEYS?(?:_|$)|APIKEY",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}"
    r"|xox[abprs]-[\w-]{10,}|(?<=://)[^/\s:@\"']*:[^/\s@\"']+(?=@)"
    r"|-----BEGIN [A-Z ]*PRIVATE(?:(?!-----END).)*(?:-----END [A-Z ]*-----)?",
    re.DOTALL,
)
_SEARCHED = re.compile(r"(?![./~])(?=.{6})(?!\d+$)(?![A-Za-z_-]{0,11}$).*", re.DOTALL)
"""Values that are searched for in text: paths, numbers and short words would be everywhere."""


def is_secret(name: str, value: str) -> bool:
    """Return whether a variable looks like a secret, by its name or its value."""
    return name != TOKEN_VARIABLE and bool(_NAME.search(name) or _VALUE.search(value))


def redacted(values: Mapping[str, str]) -> dict[str, str]:
    """Return variables as they may be written down: values that look secret are left out."""
    return {n: REDACTED if is_secret(n, v) else v for n, v in values.items()}


@dataclass(frozen=True, slots=True)
class Redactor:
    """Takes the secrets of one environment, and what looks like one, out of text."""

    values: tuple[str, ...] = ()
    """The longest first: one may be part of another."""

    @classmethod
    def of(cls, env: Mapping[str, str]) -> Self:
        """Return the redactor of an environment."""
        found = {v for n, v in env.items() if is_secret(n, v) and _SEARCHED.fullmatch(v)}
        return cls(tuple(sorted(found, key=lambda v: (-len(v), v))))

    def text(self, text: str) -> str:
        """Return the text without secrets, also where JSON wrote them with escapes."""
        for value in self.values:
            for form in (value, msgspec.json.encode(value).decode()[1:-1]):
                if form in text:
                    text = text.replace(form, REDACTED)
        return _VALUE.sub(REDACTED, text)

    def data(self, data: bytes) -> bytes:
        """Return UTF-8 text without secrets; what is no text is returned as it is."""
        try:
            return self.text(data.decode()).encode()
        except UnicodeDecodeError:
            return data

    def plain(self, value: Any) -> Any:
        """Return builtins (of a struct) without secrets; names of fields stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {k: v if k == "type" else self.plain(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self.plain(v) for v in value]
        return value
