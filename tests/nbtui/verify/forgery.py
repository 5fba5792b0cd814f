"""Ways to damage or forge a bundle, and what a careful forger does afterwards."""

import hashlib
import json
import os
from pathlib import Path


def flip(path: Path, at: int = -1) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(bytes(data))


def replace(path: Path, old: str, new: str) -> None:
    """Change the first occurrence of a text."""
    text = path.read_text("utf-8")
    assert old in text, f"{path.name} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")


def lines(path: Path) -> list[bytes]:
    """Return the lines of a journal without newlines."""
    return path.read_bytes().splitlines()


def write_lines(path: Path, raw: list[bytes]) -> None:
    """Write a journal's lines as they are."""
    path.write_bytes(b"\n".join(raw) + b"\n")


def rechain(path: Path) -> None:
    """Give a changed journal a whole chain again: numbers and hashes."""
    tip, out = "0" * 64, []
    for number, raw in enumerate(lines(path)):
        line = json.loads(raw)
        line |= {"seq": number, "prev": tip}
        text = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        out.append(text.encode())
        tip = hashlib.sha256(out[-1]).hexdigest()
    write_lines(path, out)


def reseal(bundle: Path) -> None:
    """Do what a forger does: write SHA256SUMS anew, and let the attestation name it."""
    beyond = {"SHA256SUMS", "attestation.json", "attestation.intoto.jsonl", "attestation.json.sig"}
    names = sorted(str(p.relative_to(bundle)) for p in bundle.rglob("*") if p.is_file())
    listed = "".join(
        f"{hashlib.sha256((bundle / n).read_bytes()).hexdigest()}  {n}\n"
        for n in sorted(names, key=os.fsencode)
        if n not in beyond
    )
    (bundle / "SHA256SUMS").write_text(listed)
    path = bundle / "attestation.json"
    statement = json.loads(path.read_text("utf-8"))
    for subject in statement["subject"]:
        if (bundle / subject["name"]).is_file():
            digest = hashlib.sha256((bundle / subject["name"]).read_bytes()).hexdigest()
            subject["digest"]["sha256"] = digest
    last = lines(bundle / "events.jsonl")[-1]
    statement["predicate"]["nbtui_journalTip"] = hashlib.sha256(last).hexdigest()
    text = json.dumps(statement, sort_keys=True, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", "utf-8")
