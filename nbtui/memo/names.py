"""Variables that the tool owns across steps: STAMP, OUTDIR and what a memo builds on them.

A memo's shell would lose them between commands; here they are text. All spellings of the
run's own folder become ``$OUTDIR``, so that a plan never holds a STAMP.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

_DATE = re.compile(r"\$\(\s*date\b[^()]*\)|`\s*date\b[^`]*`")
_STAMP_FORMS = re.compile(r"<(?:STAMP|stamp|timestamp|TIMESTAMP)>|\$\{(?:STAMP|stamp)\}|\$stamp\b")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_STAMP_PART = re.compile(r"<[^<>/]*>|\d{8}T\d{6}Z|[*{].*")
_ROUNDS = 8
"""Variables may be built on variables; deeper chains are a mistake."""
_LONGEST = 1 << 16
"""Characters; a chain that grows beyond is no path."""

OUTDIR = "$OUTDIR"


@dataclass(frozen=True, slots=True)
class Names:
    """Names the memo gives to places, and the place they all stand below.

    Parameters
    ----------
    root
        ``reports/<initiative>/<phase>``.
    values
        Shell variables of the memo whose value the tool knows.
    stamped
        Whether the memo itself puts a STAMP below ``root``.
    """

    root: str
    values: dict[str, str]
    stamped: bool = True

    def resolve(self, text: str) -> str:
        """Return the text with owned variables filled in and ``$OUTDIR`` where it stands."""
        text = spell_stamp(text)
        for _ in range(_ROUNDS):
            text, before = _VARIABLE.sub(self._value, text), text
            if text == before or len(text) > _LONGEST:
                break
        text = re.sub(rf"(?<![\w/.-])(?:\./)?{re.escape(self.root)}/+\$STAMP(?![\w])", OUTDIR, text)
        if not self.stamped:
            text = re.sub(rf"(?<![\w/.-])(?:\./)?{re.escape(self.root)}(?=/|$)", OUTDIR, text)
        return re.sub(rf"{re.escape(OUTDIR)}/{{2,}}", f"{OUTDIR}/", text)

    def _value(self, match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name in {"STAMP", "OUTDIR"} and name not in self.values:
            return f"${name}"
        return self.values.get(name, match[0])


def spell_stamp(text: str) -> str:
    """Return the text with every spelling of the STAMP, ``$(date ...)`` too, as ``$STAMP``."""
    return _STAMP_FORMS.sub("$STAMP", _DATE.sub("$STAMP", text))


def unknown_variables(text: str) -> tuple[str, ...]:
    """Return the variables in a resolved text that the tool does not own."""
    names = (m[1] or m[2] for m in _VARIABLE.finditer(text))
    return tuple(dict.fromkeys(n for n in names if n != "OUTDIR"))


def artifacts_root(paths: Iterable[str], reports: str) -> tuple[str, bool] | None:
    """Return the folder above the STAMP and whether a STAMP was named.

    Parameters
    ----------
    paths
        The memo's artifact paths, in order; the first below ``reports`` counts, one with a
        STAMP before all others.
    reports
        The project's reports folder.
    """
    best: tuple[str, bool] | None = None
    for path in paths:
        found = _root_of(spell_stamp(path), reports)
        if found and (best is None or (found[1] and not best[1])):
            best = found
    return best


def _root_of(path: str, reports: str) -> tuple[str, bool] | None:
    parts = PurePosixPath(path.strip().strip("`\"'").removeprefix("./")).parts
    if not parts or parts[0] != reports or ".." in parts:
        return None
    if "$STAMP" in parts:
        kept = list(parts[: parts.index("$STAMP")])
        return ("/".join(kept), True) if len(kept) > 1 else None
    kept = []
    for part in parts:
        if _STAMP_PART.fullmatch(part):
            return ("/".join(kept), True) if len(kept) > 1 else None
        kept.append(part)
    if "." in kept[-1].strip(".") and not path.endswith("/"):
        kept.pop()  # a file: its folder is the root
    return ("/".join(kept), False) if len(kept) > 1 else None
