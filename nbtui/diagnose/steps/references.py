"""Is the reference image the recorded one? C's image, golden image, manifest and git's blob."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from nbtui import vcs
from nbtui.diagnose.lab import Lab
from nbtui.diagnose.model import Finding, Line, Outcome, Reference, Side
from nbtui.diagnose.recorded import recorded_hashes
from nbtui.durable import sha256_file
from nbtui.errors import VcsError


def look(lab: Lab) -> Outcome:
    """Hold every image that is named against every hash that is recorded of it."""
    lines: list[Line] = []
    finding: Finding | None = None
    for path in _images(lab):
        digest = sha256_file(path)
        name = lab.named(path)
        lines.append(Line(f"{name}: sha256 {digest}", "computed now"))
        known = tuple(_references(lab, path))
        for reference in known:
            same = reference.sha256 == digest
            word = "the same" if same else f"{reference.sha256}, DIFFERENT"
            lines.append(Line(f"{name}: {reference.label} says {word}", reference.label))
        # Another C library gives other last bits: then the record beside the image agrees.
        if known and all(r.sha256 != digest for r in known):
            finding = finding or _finding(name, path, known[0], digest)
        blob = _blob(lab, path)
        if blob is not None:
            lines.append(Line(blob[0], "git ls-tree HEAD"))
            finding = finding or blob[1]
    if not lines:
        return Outcome(skipped="no stored image")
    if len(lines) == len(tuple(_images(lab))):
        lines.append(Line("nothing else is recorded of these images"))
    lines += list(_golden_against_c(lab))
    return Outcome(tuple(lines), finding)


def _images(lab: Lab) -> Iterator[Path]:
    paths = (lab.case.party(Side.C).image, lab.case.golden)
    yield from dict.fromkeys(p for p in paths if p is not None and p.is_file())


def _references(lab: Lab, path: Path) -> Iterator[Reference]:
    yield from (r for r in lab.case.references if Path(r.image).resolve() == path.resolve())
    yield from recorded_hashes(path, lab.case.root)


def _finding(name: str, path: Path, reference: Reference, digest: str) -> Finding:
    sentence = (
        f"The reference image {name} is not the recorded one: it has sha256 {digest[:16]}..., "
        f"{reference.label} says {reference.sha256[:16]}...: it was altered or made otherwise."
    )
    return Finding("stale reference", sentence, shlex.join(["sha256sum", str(path.resolve())]))


def _blob(lab: Lab, path: Path) -> tuple[str, Finding | None] | None:
    """Return how a tracked image compares with the committed one; ``None`` for others."""
    root = lab.case.root.resolve()
    resolved = path.resolve()
    if not resolved.is_relative_to(root):
        return None
    name = resolved.relative_to(root).as_posix()
    try:
        committed = vcs.blob_at_head(root, name) if vcs.top_level(root) else None
    except VcsError:
        return None
    if committed is None:
        return None
    found = vcs.blob_id(resolved)
    if found == committed:
        return f"{name}: git blob {found}, as committed", None
    sentence = (
        f"The reference image {name} is not the committed one: its git blob is {found[:12]}, "
        f"HEAD has {committed[:12]}."
    )
    command = shlex.join(["git", "-C", str(root), "diff", "--stat", "HEAD", "--", name])
    text = f"{name}: git blob {found}, HEAD has {committed}, DIFFERENT"
    return text, Finding("stale reference", sentence, command)


def _golden_against_c(lab: Lab) -> Iterator[Line]:
    c, golden = lab.case.party(Side.C).image, lab.case.golden
    if c is None or golden is None or c == golden or not (c.is_file() and golden.is_file()):
        return
    word = "is" if sha256_file(c) == sha256_file(golden) else "is NOT"
    yield Line(f"the C side's image {word} the golden one, bit for bit", lab.named(golden))
