"""Make golden images with the C program, and publish only what is right.

The program runs in an empty folder: nanoBragg silently reads a structure-factor cache,
``Fdump.bin``, that lies where it is started (specification 4.2), and a golden image was
once made from such a file.
"""

import hashlib
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from engine.golden import verify
from engine.golden.cases import CASES_FILE, Case, GoldenError, image_path, load, sidecar_path

DEFAULT_PROGRAM = Path("build", "reference", "nanoBragg")
TIMEOUT_S = 1800.0
_IMAGE = "float.bin"
_QUIET = ("-floatfile", _IMAGE, "-nonoise", "-nopgm", "-noprogress")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case.

    Parameters
    ----------
    case
        The case's id.
    status
        As :class:`engine.golden.verify.Verdict` has it.
    path
        The image.
    kept
        Whether a valid image was there already and stayed.
    detail
        What differs from the published bits, if anything.
    """

    case: str
    status: verify.Status
    path: Path
    kept: bool
    detail: str = ""


def find_program(root: Path, program: Path | None = None) -> Path:
    """Return the C program as an absolute path.

    Raises
    ------
    GoldenError
        If it does not exist or is not executable.
    """
    path = root / DEFAULT_PROGRAM if program is None else program
    path = path.absolute()
    if not path.is_file() or not os.access(path, os.X_OK):
        problem = "is not executable" if path.exists() else "does not exist"
        raise GoldenError(
            f"the C program {problem}", where=str(path), fix="run: nb-golden build-reference"
        )
    return path


def run_program(program: Path, case: Case) -> bytes:
    """Return the raw image that a C program makes of a case, run in an empty folder.

    The words that name outputs come before the case's own: ``-misset_seed`` and
    ``-curved_det`` look at what follows them (specification 3.1, 3.2).

    Raises
    ------
    GoldenError
        If the program fails, does not end, or writes no image.
    """
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        try:
            done = subprocess.run(
                [str(program), *_QUIET, *case.args],
                cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                errors="replace", timeout=TIMEOUT_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise GoldenError(f"did not end within {TIMEOUT_S:g} s", where=case.id) from error
        except OSError as error:
            raise GoldenError(f"cannot be started: {error}", where=str(program)) from error
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
            raise GoldenError(
                f"the C program ended with {done.returncode} and said: {said}", where=case.id
            )
        try:
            return Path(folder, _IMAGE).read_bytes()
        except OSError as error:
            raise GoldenError("the C program wrote no image", where=case.id) from error


def _publish(path: Path, data: bytes, mode: int) -> None:
    """Put a file in place, complete and on disk, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _record(case: Case, data: bytes, program: Path) -> bytes:
    record = {
        "schema": 1,
        "shape": list(case.shape),
        "dtype": "<f4",
        "sha256": hashlib.sha256(data).hexdigest(),
        "args": list(case.args),
        "generated_by": {
            "path": str(program),
            "sha256": hashlib.sha256(program.read_bytes()).hexdigest(),
        },
    }
    return (json.dumps(record, indent=1) + "\n").encode()


def generate(
    case: Case, root: Path, *, program: Path | None = None, force: bool = False
) -> Outcome:
    """Make the image of a case unless a valid one is there.

    Parameters
    ----------
    case
        What to make.
    root
        The project's root, which holds ``golden_data``.
    program
        The C program; ``build/reference/nanoBragg`` below the root by default.
    force
        Make it anew even if a valid image, or an altered one, is there.

    Raises
    ------
    GoldenError
        If the image there was altered (and ``force`` is off), or the program computes
        something else; nothing is published then.
    """
    found = verify.verify(case, root)
    path = image_path(root, case.id)
    if not force and found.valid:
        return Outcome(case.id, found.status, path, kept=True, detail=found.detail)
    if not force and found.status != "missing":
        raise GoldenError(
            f"is not the golden image any more: {found.detail}",
            where=str(path),
            fix=f"find out what changed it, then: nb-golden generate {case.id} --force",
        )
    binary = find_program(root, program)
    data = run_program(binary, case)
    status, detail = verify.judge(case, data)
    if status == "MISMATCH":
        raise GoldenError(
            f"{binary} computes something else, nothing was published: {detail}",
            where=case.id,
            fix="check the program, its flags and cases.json",
        )
    try:
        _publish(path, data, 0o444)
        _publish(sidecar_path(root, case.id), _record(case, data, binary), 0o644)
    except OSError as error:
        raise GoldenError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return Outcome(case.id, status, path, kept=False, detail=detail)


def ensure(case_id: str, root: Path, *, program: Path | None = None) -> Path:
    """Return the path of a valid golden image, making it first if it is missing.

    Raises
    ------
    CasesError
        If the case is unknown or the file of cases is damaged.
    GoldenError
        As :func:`generate`.
    """
    case = load(root / CASES_FILE).find(case_id)
    return generate(case, root, program=program).path
