"""Variables that the tool owns across steps: STAMP, OUTDIR and what a memo builds on them.

A memo's shell would lose them between commands; here they are text. All spellings of the
run's own folder become ``$OUTDIR``, so that a plan never holds a STAMP.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

_DATE = re.compile(r"\$\(\s*date\b[^()]*\)|`\s*date\b[^`]*`")
_STAMP_FORMS = re.compile(
    r"(?:<(?i:(?:utc[ _-]?)?(?:time)?stamp|ts|yyyymmdd[\w-]*)>|\$\{(?:STAMP|stamp)\}|\$stamp\b"
    r"|\$STAMP\b)(\w?)"
)
_FORMATTED = re.compile(r"\$\(\s*date\b[^()]*\+[^()]*%[^()]*\)")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_STAMP_PART = re.compile(r"<[^<>/]*>|\d{8}T\d{6}Z|[*{].*")
_LAST = re.compile(r"\$([A-Za-z_]\w*)$")
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
    leaf: str = "$STAMP"
    """The folder below ``root`` as the memo names it: ``${STAMP}_validation``."""
    exported: frozenset[str] = frozenset()
    """Variables that every stage finds in its environment, with a value or from outside."""

    def resolve(self, text: str) -> str:
        """Return the text with owned variables filled in and ``$OUTDIR`` where it stands."""
        text = spell_stamp(text)
        for _ in range(_ROUNDS):
            text, before = _VARIABLE.sub(self._value, text), text
            if text == before or len(text) > _LONGEST:
                break
        text = self.place(text)
        if not self.stamped:
            text = re.sub(rf"(?<![\w/.-])(?:\./)?{re.escape(self.root)}(?=/|$)", OUTDIR, text)
        return re.sub(rf"{re.escape(OUTDIR)}/{{2,}}", f"{OUTDIR}/", text)

    def place(self, text: str) -> str:
        """Return the text with ``$OUTDIR`` where the run's own folder is spelled out."""
        leaf = re.escape(self.leaf.replace("${STAMP}", "$STAMP"))
        leaf = leaf.replace(r"\$STAMP", r"\$(?:STAMP(?!\w)|\{STAMP\})")
        return re.sub(rf"(?<![\w/.-])(?:\./)?{re.escape(self.root)}/+{leaf}(?![\w])", OUTDIR, text)

    def _value(self, match: re.Match[str]) -> str:
        name = match[1] or match[2]
        following = match.string[match.end() : match.end() + 1]
        glued = following.isalnum() or following == "_"
        if name in {"STAMP", "OUTDIR"} and name not in self.values:
            return match[0] if glued else f"${name}"
        value = self.values.get(name, match[0])
        if glued and (last := _LAST.search(value)):
            return f"{value[: last.start()]}${{{last[1]}}}"
        return value


def spell_stamp(text: str) -> str:
    """Return the text with every spelling of the STAMP, ``$(date ...)`` too, as ``$STAMP``."""
    return _spelled(_DATE.sub("<STAMP>", text))


def spell_stamp_in_shell(text: str) -> str:
    """Like :func:`spell_stamp`, but a date without a format stays a date."""
    return _spelled(_FORMATTED.sub("<STAMP>", text))


def _spelled(text: str) -> str:
    return _STAMP_FORMS.sub(lambda m: f"${{STAMP}}{m[1]}" if m[1] else "$STAMP", text)


def unknown_variables(text: str) -> tuple[str, ...]:
    """Return the variables in a resolved text that the tool does not own."""
    names = (m[1] or m[2] for m in _VARIABLE.finditer(text))
    return tuple(dict.fromkeys(n for n in names if n not in {"OUTDIR", "STAMP"}))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a memo's artifacts go."""

    root: str
    leaf: str = ""
    """The folder with the STAMP in its name; empty when the memo names none."""


def artifacts_place(paths: Iterable[str], reports: str) -> Place | None:
    """Return the folder above the STAMP, and how the one with the STAMP is called.

    Parameters
    ----------
    paths
        The memo's artifact paths, in order; the first below ``reports`` counts, one with a
        STAMP before all others.
    reports
        The project's reports folder.
    """
    best: Place | None = None
    for path in paths:
        found = _place_of(spell_stamp(path), reports)
        if found and (best is None or (found.leaf and not best.leaf)):
            best = found
    return best


def _place_of(path: str, reports: str) -> Place | None:
    parts = PurePosixPath(path.strip().strip("`\"'").removeprefix("./")).parts
    if not parts or parts[0] != reports or ".." in parts:
        return None
    for n, part in enumerate(parts):
        file = n == len(parts) - 1 and "." in part and not path.endswith("/")
        if _HAS_STAMP.search(part) and not file:
            return Place("/".join(parts[:n]), part) if n > 1 else None
    kept: list[str] = []
    for part in parts:
        if _STAMP_PART.fullmatch(part):
            return Place("/".join(kept), "$STAMP") if len(kept) > 1 else None
        kept.append(part)
    if "." in kept[-1].strip(".") and not path.endswith("/"):
        kept.pop()  # a file: its folder is the root
    return Place("/".join(kept)) if len(kept) > 1 else None


_HAS_STAMP = re.compile(r"\$STAMP\b|\$\{STAMP\}")
