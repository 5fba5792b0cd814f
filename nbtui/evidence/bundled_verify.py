#!/usr/bin/env python3
"""Check a bundle of nbtui with nothing but Python's standard library.

    python3 verify.py [FOLDER] [--json]

Checks form (files only, no links), completeness and hashes (SHA256SUMS), the chain of the
journal (events.jsonl) and that attestation.json speaks of these very files. It does not
compute figures again and knows no signatures: ``nbtui verify`` does. A copy of this file
that came with the bundle says what the bundle's maker wants it to say; take it from a
place you trust. Exit codes: 0 intact, 6 not. Python 3.8 or newer.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SUMS = "SHA256SUMS"
JOURNAL = "events.jsonl"
ATTESTATION = "attestation.json"
ENVELOPES = "attestation.intoto.jsonl"
SSH_SIGNATURE = "attestation.json.sig"
BEYOND = (SUMS, ATTESTATION, ENVELOPES, SSH_SIGNATURE)
"""Files that SHA256SUMS cannot list: they speak of it."""
FIRST = "0" * 64
INTACT, ALTERED, USAGE = 0, 6, 2
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


class Problem(NamedTuple):
    """What is wrong with a file of the bundle."""

    level: str
    file: str
    what: str


def entries(bundle: str) -> tuple[list[str], list[Problem]]:
    """Return every file of a bundle, and what does not belong into one."""
    files: list[str] = []
    problems: list[Problem] = []
    for folder, folders, names in os.walk(bundle):
        for name in sorted([*folders, *names]):
            path = os.path.join(folder, name)  # noqa: PTH118
            relative = os.path.relpath(path, bundle).replace(os.sep, "/")
            info = os.lstat(path)
            if stat.S_ISDIR(info.st_mode):
                continue
            if not stat.S_ISREG(info.st_mode):
                problems.append(Problem("form", relative, _kind(info.st_mode)))
                continue
            if info.st_nlink > 1:
                what = f"has {info.st_nlink} names (hard links): it could be changed elsewhere"
                problems.append(Problem("form", relative, what))
            files.append(relative)
    return sorted(files, key=os.fsencode), problems


def listed(data: bytes) -> tuple[dict[str, str], list[Problem]]:
    """Return name to hash of SHA256SUMS, and its lines that are no such lines."""
    found: dict[str, str] = {}
    problems: list[Problem] = []
    lines = os.fsdecode(data).split("\n")
    if lines.pop():
        problems.append(Problem("form", SUMS, "its last line is cut off"))
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line)
        name = match.group(2) if match else ""
        parts = name.split("/")
        if not match or name.startswith("/") or {"", ".", ".."} & {*parts} or name in found:
            what = f"line {number} is no new line of a hash and a name: {line[:100]!r}"
            problems.append(Problem("form", SUMS, what))
        else:
            found[name] = match.group(1)
    if list(found) != sorted(found, key=os.fsencode):
        problems.append(Problem("form", SUMS, "its lines are not in order"))
    return found, problems


def sha256(path: str) -> str:
    """Return the SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:  # noqa: PTH123
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def seal(bundle: str) -> Iterator[Problem]:
    """Yield what differs from SHA256SUMS: missing, added, changed files, in this order."""
    files, problems = entries(bundle)
    yield from problems
    if SUMS not in files:
        yield Problem("complete", SUMS, "is missing: the bundle was never sealed")
        return
    sums, problems = listed(_read(bundle, SUMS))
    yield from problems
    there = {f for f in files if f not in BEYOND}
    for name in sorted(set(sums) - there):
        yield Problem("complete", name, "is missing; it is listed in SHA256SUMS")
    for name in sorted(there - set(sums)):
        yield Problem("complete", name, "was added; SHA256SUMS does not list it")
    for name in sorted(there & set(sums)):
        found = sha256(os.path.join(bundle, name))  # noqa: PTH118
        if found != sums[name]:
            yield Problem("intact", name, f"was changed: SHA-256 {found}, listed {sums[name]}")


def journal(data: bytes) -> Iterator[Problem]:
    """Yield where the journal's chain is broken."""
    tip, before = FIRST, -1
    event: Any = {}
    lines = data.split(b"\n")
    if lines.pop():
        yield Problem("journal", JOURNAL, f"line {len(lines) + 1} is cut off")
    for number, raw in enumerate(lines, start=1):
        where = f"line {number}"
        try:
            line = json.loads(raw.decode("utf-8"))
            seq, prev, event, mono = line["seq"], line["prev"], line["event"], int(line["mono_ns"])
        except (ValueError, LookupError, TypeError) as error:
            yield Problem("journal", JOURNAL, f"{where} cannot be read ({error})")
            return
        if seq != number - 1:
            yield Problem("journal", JOURNAL, f"{where} has number {seq}: lines lack or moved")
        elif prev != tip:
            yield Problem("journal", JOURNAL, f"{where} does not follow the line before it")
        if isinstance(event, dict) and str(event.get("text")).startswith("closed by recovery"):
            before = -1  # perhaps after a reboot: the monotonic clock began anew
        if mono < before:
            yield Problem("journal", JOURNAL, f"{where} is older than the line before it")
        tip, before = hashlib.sha256(raw).hexdigest(), mono
    if not isinstance(event, dict) or event.get("type") != "run.ended":
        yield Problem("journal", JOURNAL, "does not end with the verdict of the run")


def tip_of(data: bytes) -> str:
    """Return the hash of the journal's last line."""
    whole = data[: data.rfind(b"\n")] if b"\n" in data else b""
    return hashlib.sha256(whole.rpartition(b"\n")[2]).hexdigest() if whole else FIRST


def attested(bundle: str) -> Iterator[Problem]:
    """Yield where attestation.json speaks of other files than those that are here."""
    try:
        statement = json.loads(_read(bundle, ATTESTATION).decode("utf-8"))
        subjects = {s["name"]: s["digest"].get("sha256") for s in statement["subject"]}
        stamp = statement["predicate"]["nbtui_stamp"]
        tip = statement["predicate"]["nbtui_journalTip"]
    except OSError:
        if _announced(bundle):
            what = "is missing: the journal says that there is one"
            yield Problem("attestation", ATTESTATION, what)
        return
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        yield Problem("attestation", ATTESTATION, f"is no statement about a run ({error})")
        return
    for name in (SUMS, JOURNAL):
        try:
            found = hashlib.sha256(_read(bundle, name)).hexdigest()
        except OSError:
            continue  # said already: it is missing
        if subjects.get(name) != found:
            what = f"was changed: SHA-256 {found}, {ATTESTATION} names {subjects.get(name)}"
            yield Problem("attestation", name, what)
    try:
        data = _read(bundle, JOURNAL)
        ran = json.loads(data.split(b"\n", 1)[0].decode("utf-8"))["event"]["stamp"]
    except (OSError, ValueError, LookupError, TypeError):
        return  # said already: there is no journal, or it does not begin a run
    if stamp != ran:
        yield Problem("attestation", ATTESTATION, f"speaks of run {stamp}, this is run {ran}")
    if tip != tip_of(data):
        what = f"does not name the journal's last line, but {tip}"
        yield Problem("attestation", ATTESTATION, what)


def _announced(bundle: str) -> bool:
    """Whether the journal's first line says that the seal brings an attestation."""
    try:
        first = json.loads(_read(bundle, JOURNAL).split(b"\n", 1)[0].decode("utf-8"))
        return bool(first["event"].get("attests"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False


def check(bundle: str) -> list[Problem]:
    """Return everything that is wrong with a bundle, as far as hashes tell."""
    problems = list(seal(bundle))
    try:
        problems += journal(_read(bundle, JOURNAL))
    except OSError as error:
        problems.append(Problem("journal", JOURNAL, f"cannot be read ({error.strerror})"))
    return problems + list(attested(bundle))


def main(argv: list[str]) -> int:
    """Check the folder named, or the one this file lies in; print what was found."""
    as_json, words = "--json" in argv, [w for w in argv if w != "--json"]
    if len(words) > 1 or any(w.startswith("-") for w in words):
        sys.stderr.write("usage: python3 verify.py [FOLDER] [--json]\n")
        return USAGE
    own = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120
    bundle = words[0] if words else own
    if not os.path.isdir(bundle):  # noqa: PTH112
        sys.stderr.write(f"verify.py: no such folder: {bundle}\n")
        return USAGE
    problems = check(bundle)
    if as_json:
        record: Mapping[str, Any] = {
            "bundle": bundle,
            "intact": not problems,
            "problems": [p._asdict() for p in problems],
        }
        sys.stdout.write(json.dumps(record, indent=2, sort_keys=True) + "\n")
    else:
        for problem in problems:
            sys.stdout.write(f"{problem.level}: {problem.file} {problem.what}\n")
        word = "NOT intact" if problems else "intact: form, files, hashes, journal, attestation"
        sys.stdout.write(f"{word}\nnot checked here: figures, thresholds, signatures\n")
    return ALTERED if problems else INTACT


def _read(bundle: str, name: str) -> bytes:
    with open(os.path.join(bundle, name), "rb") as stream:  # noqa: PTH118, PTH123
        return stream.read()


def _kind(mode: int) -> str:
    return "is a symbolic link" if stat.S_ISLNK(mode) else "is neither a file nor a folder"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
