"""Find a C compiler and what it can do, without believing its name."""

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError

_NAMES = ("cc", "gcc", "clang")
_PROBE = """\
#include <omp.h>
int main(void) {
  int i, total = 0;
#pragma omp parallel for reduction(+ : total)
  for (i = 0; i < 100; i++) total += omp_get_max_threads() > 0;
  return total == 100 ? 0 : 1;
}
"""


class CompilerError(EngineError):
    """There is no usable C compiler, or it refuses the reference's sources."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Compiler:
    """A C compiler that answered.

    Parameters
    ----------
    command
        The words that start it.
    version
        The first line of its ``--version``.
    """

    command: tuple[str, ...]
    version: str


def _version(command: tuple[str, ...]) -> str | None:
    try:
        answer = subprocess.run(
            [*command, "--version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = answer.stdout.splitlines() or answer.stderr.splitlines()
    return lines[0].strip() if answer.returncode == 0 and lines else None


def _candidates(path: str | None) -> list[tuple[str, ...]]:
    places = [shutil.which(name, path=path) for name in _NAMES]
    found: list[tuple[str, ...]] = [(place,) for place in places if place]
    if importlib.util.find_spec("ziglang") is not None:
        found.append((sys.executable, "-m", "ziglang", "cc"))
    return found


def find_compiler(environ: Mapping[str, str] | None = None) -> Compiler:
    """Return the C compiler to use: ``$CC``, cc, gcc, clang, or the one of ziglang.

    Parameters
    ----------
    environ
        The environment to read ``CC`` and ``PATH`` from; the process's own by default.

    Raises
    ------
    CompilerError
        If ``$CC`` names something that does not run, or no compiler is found at all.
    """
    env = os.environ if environ is None else environ
    wanted = tuple(shlex.split(env.get("CC", "")))
    if wanted:
        version = _version(wanted)
        if version is None:
            raise CompilerError(
                f"'{env['CC']}' does not run", where="CC", fix="unset CC or name a C compiler"
            )
        return Compiler(wanted, version)
    for command in _candidates(env.get("PATH")):
        version = _version(command)
        if version is not None:
            return Compiler(command, version)
    raise CompilerError(
        "no C compiler found (looked for $CC, cc, gcc, clang and ziglang)",
        fix="install gcc or clang, or: pip install 'nbtui[cc]'",
    )


def openmp_works(compiler: Compiler, flags: tuple[str, ...]) -> bool:
    """Return whether a program with OpenMP compiles and runs; a header alone proves nothing."""
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "probe.c"), Path(folder, "probe")
        source.write_text(_PROBE, encoding="utf-8")
        command = [*compiler.command, *flags, "-fopenmp", str(source), "-o", str(program)]
        try:
            for step in (command, [str(program)]):
                subprocess.run(step, capture_output=True, timeout=120, check=True)
        except (OSError, subprocess.SubprocessError):
            return False
    return True
