"""Build the C reference, and record from what, with what, and into what.

The flags are fixed: optimisation without contraction of products and sums is what the
published images were made with (specification 16), so ``CFLAGS`` is not consulted.
"""

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.reference.compiler import Compiler, CompilerError, find_compiler, openmp_works

SOURCES = Path(__file__).parent / "src"
DEFAULT_OUT = Path("build", "reference", "nanoBragg")
FLAGS = ("-std=c99", "-O2", "-ffp-contract=off")
LIBRARIES = ("-lm",)


@dataclass(frozen=True, slots=True)
class Build:
    """A built reference program, as its ``.build.json`` records it.

    Parameters
    ----------
    binary
        The program's path.
    binary_sha256, sources_sha256
        Hashes of the program and of all sources together.
    compiler, compiler_version
        The words that start the compiler, and the first line of its version.
    flags
        All flags, libraries included.
    openmp
        Whether the program uses several threads; its images do not depend on it.
    rebuilt
        False when an up-to-date program was found.
    """

    binary: str
    binary_sha256: str
    sources_sha256: str
    compiler: tuple[str, ...]
    compiler_version: str
    flags: tuple[str, ...]
    openmp: bool
    rebuilt: bool


def sidecar_of(binary: Path) -> Path:
    """Return the path of the record beside a built program."""
    return binary.with_name(binary.name + ".build.json")


def sources_sha256(folder: Path = SOURCES) -> str:
    """Return one hash over the names and contents of all sources in ``folder``."""
    total = hashlib.sha256()
    for path in sorted(folder.glob("*.[ch]")):
        total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _up_to_date(binary: Path, compiler: Compiler, sources: str) -> Build | None:
    try:
        record = json.loads(sidecar_of(binary).read_text(encoding="utf-8"))
        known = (record["sources_sha256"], tuple(record["compiler"]), record["compiler_version"])
        if known != (sources, compiler.command, compiler.version):
            return None
        if not os.access(binary, os.X_OK) or file_sha256(binary) != record["binary_sha256"]:
            return None
        return Build(
            str(binary), record["binary_sha256"], sources, compiler.command, compiler.version,
            tuple(record["flags"]), bool(record["openmp"]), rebuilt=False,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _compile(compiler: Compiler, flags: tuple[str, ...], program: Path, log: Path) -> None:
    """Compile all sources into ``program``; what the compiler says goes to ``log``."""
    sources = [str(path) for path in sorted(SOURCES.glob("*.c"))]
    command = [*compiler.command, *flags, *sources, "-o", str(program), *LIBRARIES]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CompilerError(f"the compiler did not finish: {error}", where=command[0]) from error
    log.write_text(" ".join(command) + "\n" + done.stdout + done.stderr, encoding="utf-8")
    if done.returncode != 0 or not program.is_file():
        first = next((line for line in done.stderr.splitlines() if "error" in line), "no message")
        raise CompilerError(
            f"the compiler refuses the reference's sources ({first.strip()})",
            where=" ".join(compiler.command),
            fix=f"read {log}, or name another compiler in CC",
        )


def _replace(folder: Path, text: str, target: Path) -> None:
    handle, name = tempfile.mkstemp(dir=folder, prefix=".build-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).chmod(0o644)
    Path(name).replace(target)


def build(
    out: Path | None = None,
    *,
    force: bool = False,
    environ: Mapping[str, str] | None = None,
) -> Build:
    """Build the reference program, unless sources and compiler are those of the last build.

    Parameters
    ----------
    out
        Where the program goes, ``build/reference/nanoBragg`` below the working folder by
        default; it appears there complete or not at all.
    force
        Build even when nothing changed.
    environ
        The environment to find the compiler in.

    Raises
    ------
    CompilerError
        If there is no compiler, or it fails; the message names the log.
    """
    binary = (DEFAULT_OUT if out is None else out).absolute()
    compiler = find_compiler(environ)
    sources = sources_sha256()
    known = None if force else _up_to_date(binary, compiler, sources)
    if known is not None:
        return known
    try:
        binary.parent.mkdir(parents=True, exist_ok=True)
        return _build(binary, compiler, sources)
    except OSError as error:
        raise CompilerError(
            f"cannot write the program: {error.strerror}", where=str(binary), fix="use --out"
        ) from error


def _build(binary: Path, compiler: Compiler, sources: str) -> Build:
    openmp = openmp_works(compiler, FLAGS)
    flags = (*FLAGS, "-fopenmp") if openmp else FLAGS
    with tempfile.TemporaryDirectory(dir=binary.parent, prefix=".build-") as folder:
        program = Path(folder, binary.name)
        _compile(compiler, flags, program, binary.with_name("build.log"))
        result = Build(
            str(binary), file_sha256(program), sources, compiler.command, compiler.version,
            (*flags, *LIBRARIES), openmp, rebuilt=True,
        )  # fmt: skip
        program.replace(binary)
    record = {"schema": 1, **asdict(result)}
    del record["rebuilt"], record["binary"]
    _replace(binary.parent, json.dumps(record, indent=1) + "\n", sidecar_of(binary))
    return result
