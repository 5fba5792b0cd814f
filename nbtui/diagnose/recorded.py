"""Hashes that are recorded of an image: beside it, in the golden cases, in a list of sums."""

from collections.abc import Iterator
from pathlib import Path

from nbtui.diagnose.model import Reference
from nbtui.durable import StrictJsonError, load_json
from nbtui.evidence.collectors.model import mapping
from nbtui.memo.cases import CASES

_LISTS = ("SHA256SUMS", "sha256sums.txt", "checksums.txt")


def recorded_hashes(image: Path, root: Path) -> Iterator[Reference]:
    """Yield what is recorded of an image.

    Looked at are the record beside it (``image.json`` for ``image.bin``), the project's
    golden cases, and lists of checksums in its folder.
    """
    beside = image.with_suffix(".json")
    digest = mapping(_json(beside)).get("sha256")
    if isinstance(digest, str):
        yield Reference(str(beside), digest, str(image))
    for case in _list(mapping(_json(root / CASES)).get("cases")):
        published = case.get("sha256")
        named = image.resolve().parent == (root / CASES).resolve().parent / str(case.get("id"))
        if named and isinstance(published, str):
            yield Reference(str(root / CASES), published, str(image))
    for name in _LISTS:
        yield from _listed(image.parent / name, image)


def _listed(path: Path, image: Path) -> Iterator[Reference]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for number, line in enumerate(lines, 1):
        digest, _, name = line.partition(" ")
        if name.strip().lstrip("*") == image.name and len(digest) == 64:
            yield Reference(f"{path}:{number}", digest.lower(), str(image))


def _json(path: Path) -> object:
    try:
        return load_json(path.read_bytes())
    except (OSError, StrictJsonError):
        return None


def _list(value: object) -> list[dict[str, object]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []
