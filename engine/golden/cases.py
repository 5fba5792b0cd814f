"""The file of golden cases, ``golden_data/cases.json``.

``golden_data/<id>/image.bin`` is a case's generated image (float32, little-endian,
slow-major, read-only), ``golden_data/<id>/image.json`` the record of its making.
"""

import json
import math
import os
import tempfile
from pathlib import Path
from typing import Literal

import msgspec

from engine.errors import EngineError

CASES_FILE = Path("golden_data", "cases.json")
SAMPLE_COUNT = 256


class CasesError(EngineError):
    """The file of golden cases is missing, damaged, or lacks a case."""

    exit_code = 2


class GoldenError(EngineError):
    """A golden image cannot be made, or is not what it should be."""

    exit_code = 1


class Fingerprint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an image must agree with where another mathematics library changes last bits.

    Parameters
    ----------
    max, mean, rms, rmsd, sum
        Over all pixels in double precision; photons per pixel. ``rms`` is
        sqrt(mean(x^2)), ``rmsd`` the population standard deviation.
    samples
        Pixels as (slow, fast, value).
    """

    max: float
    mean: float
    rms: float
    rmsd: float
    sum: float
    samples: tuple[tuple[int, int, float], ...]


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One golden case.

    Parameters
    ----------
    id
        Its name, and the name of its folder below ``golden_data``.
    args
        nanoBragg's command line, without output files.
    shape
        Pixels (slow, fast).
    sha256
        Of the raw image as the original program writes it.
    fingerprint
        None only for a case that is being added (``nb-golden fingerprint --write``).
    """

    id: str
    args: tuple[str, ...]
    shape: tuple[int, int]
    sha256: str
    fingerprint: Fingerprint | None = None


class CaseFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file: where the hashes come from, and the cases in their order."""

    schema: Literal[1]
    provenance: dict[str, str]
    cases: tuple[Case, ...]

    def find(self, case_id: str) -> Case:
        """Return the case called ``case_id``, or raise :class:`CasesError` naming those known."""
        for case in self.cases:
            if case.id == case_id:
                return case
        known = ", ".join(case.id for case in self.cases)
        raise CasesError(f"there is no golden case '{case_id}'", fix=f"one of: {known}")

    def select(self, case_ids: tuple[str, ...]) -> tuple[Case, ...]:
        """Return the named cases in the given order, or all of them when none is named."""
        return tuple(self.find(name) for name in case_ids) if case_ids else self.cases


def image_path(root: Path, case_id: str) -> Path:
    """Return where a case's image lies below the project's root."""
    return root / CASES_FILE.parent / case_id / "image.bin"


def sidecar_path(root: Path, case_id: str) -> Path:
    """Return where the record of a case's image lies."""
    return root / CASES_FILE.parent / case_id / "image.json"


def _problem(case: Case) -> str | None:
    """Return what is wrong with a case that has the right types, or None."""
    slow, fast = case.shape
    if not (case.id.isascii() and case.id.replace("_", "").isalnum()):
        return "its id is not made of letters, digits and underscores"
    if slow < 1 or fast < 1:
        return f"its shape {slow} x {fast} has no pixels"
    if len(case.sha256) != 64 or set(case.sha256) - set("0123456789abcdef"):
        return "its sha256 is not 64 lower-case hexadecimal digits"
    if not case.args:
        return "it has no arguments"
    return None if case.fingerprint is None else _fingerprint_problem(case.fingerprint, case.shape)


def _fingerprint_problem(fingerprint: Fingerprint, shape: tuple[int, int]) -> str | None:
    samples = fingerprint.samples
    numbers = [fingerprint.max, fingerprint.mean, fingerprint.rms, fingerprint.rmsd]
    numbers += [fingerprint.sum, *(value for _, _, value in samples)]
    if len(samples) != SAMPLE_COUNT or len({(s, f) for s, f, _ in samples}) != SAMPLE_COUNT:
        return f"its fingerprint does not sample {SAMPLE_COUNT} different pixels"
    if not all(0 <= s < shape[0] and 0 <= f < shape[1] for s, f, _ in samples):
        return "its fingerprint samples a pixel outside the image"
    if not all(math.isfinite(number) for number in numbers):
        return "its fingerprint holds a number that is not finite"
    return None


def load(path: Path) -> CaseFile:
    """Read and check the file of golden cases.

    Raises
    ------
    CasesError
        If it is missing, is no JSON, has other fields or types, names a case twice, or
        a case contradicts itself. The message says which and where.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CasesError(
            f"cannot be read: {error.strerror}",
            where=str(path),
            fix="run in the project's root, or give --root",
        ) from error
    try:
        cases = msgspec.json.decode(data, type=CaseFile)
    except msgspec.DecodeError as error:
        raise CasesError(f"is damaged: {error}", where=str(path), fix=_RESTORE) from error
    seen: set[str] = set()
    for case in cases.cases:
        problem = "its id is used twice" if case.id in seen else _problem(case)
        if problem is not None:
            raise CasesError(f"case '{case.id}': {problem}", where=str(path), fix=_RESTORE)
        seen.add(case.id)
    return cases


_RESTORE = "restore the committed file with git"


def _case_text(case: Case) -> str:
    """Return a case as JSON that reads and diffs well: four samples a line."""
    parts = [f'"{name}": {json.dumps(getattr(case, name))}' for name in Case.__struct_fields__[:4]]
    mark = case.fingerprint
    if mark is not None:
        rows = [json.dumps(sample) for sample in mark.samples]
        lines = [", ".join(rows[i : i + 4]) for i in range(0, len(rows), 4)]
        stats = ", ".join(
            f'"{name}": {getattr(mark, name)!r}' for name in ("max", "mean", "rms", "rmsd", "sum")
        )
        samples = ",\n    ".join(lines)
        parts.append(f'"fingerprint": {{{stats},\n   "samples": [\n    {samples}]}}')
    return "  {" + ",\n   ".join(parts) + "}"


def save(path: Path, cases: CaseFile) -> None:
    """Write the file of golden cases, complete or not at all."""
    provenance = json.dumps(cases.provenance, indent=2).replace("\n", "\n ")
    body = ",\n".join(_case_text(case) for case in cases.cases)
    text = f'{{"schema": {cases.schema},\n "provenance": {provenance},\n "cases": [\n{body}]}}\n'
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".cases-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(0o644)
    Path(name).replace(path)
