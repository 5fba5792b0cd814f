"""The golden image is the published one, unchanged since it was generated.

Its SHA-256 decides. Where another C library gives other last bits, the image may equal the
published one only numerically: that is accepted, and said, if the file is still the one
that was generated here and its fingerprint agrees.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbtui.memo.cases import CASES
from nbtui.preflight.files import sha256
from nbtui.preflight.fingerprint import Fingerprint, differences
from nbtui.preflight.model import CheckResult, Context
from nbtui.preflight.report import Subject

_GENERATE = "nb-golden generate"


@dataclass(frozen=True, slots=True)
class _Case:
    """What the project publishes of a golden image."""

    name: str
    sha256: str
    shape: tuple[int, int]
    fingerprint: Fingerprint


def check_golden(context: Context) -> Iterator[CheckResult]:
    """Hold the plan's golden image against ``golden_data/cases.json``."""
    name = context.plan.golden_image
    if name is None:
        return
    path = context.root / name
    case = _case(context.root, name)
    expected = f"sha256 {case.sha256}" if case else f"an entry in {CASES}"
    subject = Subject("golden", f"Golden image {Path(name).parent.name}", expected, CASES)
    if not path.is_file():
        yield subject.block(f"{name} does not exist", _GENERATE)
        return
    digest = sha256(path)
    facts = {"path": name, "sha256": digest, "expected_sha256": case.sha256 if case else ""}
    if case is None:
        yield subject.warn(
            f"{name}, sha256 {digest}; no published hash", f"publish its hash in {CASES}", **facts
        )
    elif digest == case.sha256:
        yield subject.ok(f"sha256 {digest}", **facts)
    else:
        yield _other_bits(subject, path, case, facts)
    yield _read_only(path, name)


def _other_bits(subject: Subject, path: Path, case: _Case, facts: Mapping[str, str]) -> CheckResult:
    """Judge an image with another hash: altered, different, or only other last bits."""
    digest = facts["sha256"]
    fix = f"{_GENERATE} --force {case.name}  # if that differs too, the C program is another one"
    recorded = _recorded(path)
    if recorded != digest:
        since = f"generated here with {recorded}" if recorded else "not generated here"
        return subject.block(f"sha256 {digest}, {since}: the file was altered", fix, **facts)
    wrong = differences(path, case.shape, case.fingerprint)
    if wrong:
        return subject.block(f"sha256 {digest}; {'; '.join(wrong[:3])}", fix, **facts)
    return subject.warn(
        f"sha256 {digest}: numerically identical, not bit-identical", "none needed", **facts
    )


def _read_only(path: Path, name: str) -> CheckResult:
    subject = Subject(
        "golden-readonly", "Golden image is read-only", "mode 0444", "docs/preflight.md"
    )
    mode = path.stat().st_mode & 0o777
    if mode & 0o222:
        return subject.warn(f"{name} has mode {mode:04o}", f"chmod a-w {name}")
    return subject.ok(f"mode {mode:04o}")


def _recorded(path: Path) -> str | None:
    """Return the hash that was written beside the image when it was generated."""
    try:
        return str(json.loads(path.with_name("image.json").read_text("utf-8"))["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _case(root: Path, image: str) -> _Case | None:
    """Return the published case an image belongs to: the folder's name is the case's."""
    try:
        document = json.loads((root / CASES).read_text("utf-8"))
        entry = next(c for c in document["cases"] if c["id"] == Path(image).parent.name)
        slow, fast = entry["shape"]
        return _Case(
            name=entry["id"],
            sha256=entry["sha256"],
            shape=(int(slow), int(fast)),
            fingerprint=Fingerprint.from_json(entry["fingerprint"]),
        )
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None
