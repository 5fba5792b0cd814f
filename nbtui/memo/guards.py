"""Rules that must hold throughout a run, found in the pitfalls and in *If Blocked*."""

import re
from collections.abc import Iterator, Mapping

from nbtui.memo.model import Memo, SectionKey
from nbtui.memo.plan import Guard

_NOT = r"\b(?:do not|don['’]t|never|avoid|no|without|skip|resist|refrain from)\b"
_LOWER = r"\b(?:lower|relax|loosen|weaken|widen|downgrad)\w*\b"
_RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "golden-unchanged",
        (
            (
                r"\bgoldens?\b[^.;]*\b(?:data|datasets?|images?|files?|arrays?|assets?|suites?|masters?"
                r"|frames?|references?|outputs?|fixtures?|checksums?|bundles?|tests?)\b"
            ),
            r"\bgoldens\b",
            r"\bgolden_(?:data|suite)\b",
            rf"{_NOT}[^.;]*\breference (?:data|images?|outputs?)\b",
        ),
    ),
    (
        "reports-untracked",
        (
            r"\b(?:commit|untracked|stage|git add)\b.*\breports/?(?!\w)",
            r"\breports/?(?!\w).*\b(?:untracked|commit)",
            rf"{_NOT}[^.;]*\bcommit\b[^.;]*\b(?:artifacts?|evidence|bundles?|outputs|binaries)\b",
        ),
    ),
    (
        "environment-fixed",
        (
            r"\benv(?:ironment)? var",
            (
                r"\b(?:keep|always|ensure|set|missing|forget\w*|skip|omit\w*|mandatory)\b"
                r".*(?-i:\b[A-Z][A-Z0-9]*_[A-Z0-9_]+)"
            ),
            r"(?-i:\b[A-Z][A-Z0-9]*_[A-Z0-9_]+(?:=\S+)?`?) is mandatory",
        ),
    ),
    ("memory", (r"^(?!.*\bdisk\b).*\d\s*Gi?B\b",)),
    ("new-stamp", (r"\bSTAMP\b", r"\btime-?stamp")),
    (
        "pytest-selector",
        (
            rf"{_NOT}[^.;]*\bpytest\b[^.;]*\s-k\b",
            rf"{_NOT}\s+(?:\w+\s+){{0,3}}selectors?\b",
            r"\bmapped (?:node|selectors?|pytest|tests?)\b[^.;]*\bonly\b",
            r"\b(?:only|stick to|limited? to)\b[^.;]*\bmapped\b",
        ),
    ),
    (
        "no-full-suite",
        (
            rf"(?:{_NOT}|\bout of scope\b)[^.;]*\bfull[- ](?:pytest|test|suite)",
            r"\bfull[- ](?:pytest|test|suite)[^.;]*\bout of scope\b",
            rf"{_NOT}[^.;]*\b(?:whole|entire) (?:test )?suite",
        ),
    ),
    (
        "no-cuda",
        (
            r"\b(?:avoid|no|disable\w*|without|never|skip)\b[^.;]*(?<![.\w])cuda\b(?!\()",
            rf"{_NOT}[^.;]*\btorch\.cuda\b",
            rf"{_NOT}[^.;]*\b(?:use|run|enable)\b[^.;]*\bGPUs?\b",
            r"cpu[- ](?:only|focused)",
            r"\b(?:everything|stay|remains?|runs?)\b[^.;]*\bon (?:the )?cpu\b",
            r"CUDA_VISIBLE_DEVICES=(?:-1|\"\"|'')",
        ),
    ),
    ("logs-exact", (r"\blogs?\b.*\bexact", r"\b(?:preserve|retain)\b.*\blogs?\b")),
    ("provenance", (r"\bgit sha\b", r"\bchecksums?\b", r"\bsha-?256\b")),
    ("no-blind-rerun", (r"\brerunning\b", r"\bdo not rerun\b", rf"{_NOT}[^.;]*\bre-?runs?\b")),
    (
        "thresholds-fixed",
        (
            rf"{_LOWER}.*\b(?:thresholds?|tolerances?)\b",
            rf"\b(?:thresholds?|tolerances?)\b.*(?:{_LOWER}|\bhard stops?\b)",
        ),
    ),
    (
        "code-unchanged",
        (
            (
                rf"{_NOT}[^.;]*\b(?:edit|modify|change|touch|alter|edit\w+|modif\w+|edits)\b[^.;]*"
                r"\b(?:code|simulator|physics|model|source files)\b"
            ),
            r"\bevidence[- ](?:only|mode)\b|\bevidence loop only\b|\bno code\b",
        ),
    ),
    ("protected-assets", (r"\bprotected (?:assets?|files?|evidence|paths?)\b",)),
)
_COMPILED = tuple((name, re.compile("|".join(any_of), re.I)) for name, any_of in _RULES)
HELD: Mapping[str, str] = {
    "golden-unchanged": "the golden image is watched; lint stops commands that would write one",
    "reports-untracked": "watched from start to end",
    "environment-fixed": "every stage is given the plan's environment",
    "memory": "preflight measures it",
    "new-stamp": "every run takes a STAMP of its own",
    "pytest-selector": "lint stops other selectors and nodes",
    "no-full-suite": "lint stops pytest without a node",
    "no-cuda": "lint stops stages on CUDA",
    "logs-exact": "each stage writes its own log; the seal covers it",
    "provenance": "recorded in every bundle",
    "thresholds-fixed": "the strictest threshold holds; no command lowers one",
    "code-unchanged": "commit and work tree are watched from start to end",
    "protected-assets": "the work tree is watched from start to end",
    "interpreter": "preflight looks at it",
}
"""How a guard is held; one that is not here is the operator's."""
DEFAULT_MEMORY_BYTES = 16_000_000_000
"""What a full-frame comparison needs free when the memo does not say."""

_LONGEST = 4000
"""Characters of a pitfall that are searched; real ones have two hundred."""
_GIGABYTES = re.compile(r"(?:≥|>=|at least|>|)\s*(\d+(?:\.\d+)?)\s*(GB|GiB)\b", re.IGNORECASE)
_OF_MEMORY = re.compile(r"\b(?:free|memory|RAM|available)\b")
_INTERPRETER = re.compile(
    r"\b(?:ensure|check|confirm|verify)\b.*\bpython\b.*\bvenv\b", re.IGNORECASE
)


def find_guards(memo: Memo) -> tuple[Guard, ...]:
    """Return the guards of a memo, one for each rule a pitfall states."""
    found: dict[tuple[str, str], Guard] = {}
    for text, line in _sentences(memo):
        for name, pattern in _COMPILED:
            if pattern.search(text):
                source = memo.source(line)
                found[name, source] = Guard(id=name, text=text, source=source)
    for bullet in memo.bullets(SectionKey.HOW_TO):
        if is_interpreter_check(bullet.text[:_LONGEST]):
            source = memo.source(bullet.lines.first)
            text = bullet.text.rsplit(";", maxsplit=1)[-1].strip()
            found["interpreter", source] = Guard(id="interpreter", text=text, source=source)
    return tuple(found.values())


def is_interpreter_check(text: str) -> bool:
    """Whether the text asks to check that python is the venv's: preflight does that."""
    return _INTERPRETER.search(text) is not None


def memory_bytes(memo: Memo) -> int | None:
    """Return the available memory that a pitfall demands, in bytes."""
    for text, _ in _sentences(memo):
        match = _GIGABYTES.search(text)
        if match and _OF_MEMORY.search(text) and not re.search(r"\bdisk\b", text, re.IGNORECASE):
            unit = 1 << 30 if match[2].lower() == "gib" else 10**9
            return int(float(match[1]) * unit)
    return None


def _sentences(memo: Memo) -> Iterator[tuple[str, int]]:
    for bullet in memo.bullets(SectionKey.PITFALLS):
        yield bullet.text[:_LONGEST], bullet.lines.first
    for section in memo.all(SectionKey.IF_BLOCKED):
        yield section.text[:_LONGEST], section.lines.first
