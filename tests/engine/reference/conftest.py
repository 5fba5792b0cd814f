"""Running the C reference in folders of its own, and C probes linked with its sources."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.reference.build import FLAGS, LIBRARIES, SOURCES
from engine.reference.compiler import find_compiler
from tests.engine.reference.runs import Reference, Run


@pytest.fixture
def reference(reference_binary: Path, tmp_path: Path) -> Reference:
    """Return a function that runs the reference with words, in a fresh folder by default."""

    def run(words: str | list[str], folder: Path | None = None, threads: int | None = None) -> Run:
        if folder is None:
            folder = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
        args = words.split() if isinstance(words, str) else words
        env = dict(os.environ)
        if threads is not None:
            env["OMP_NUM_THREADS"] = str(threads)
        done = subprocess.run(
            [str(reference_binary), *args],
            cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        return Run(done.returncode, done.stdout, done.stderr, folder)

    return run


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Return a function that compiles a C main with the reference's parts and gives its output."""
    compiler = find_compiler()
    parts = [str(path) for path in SOURCES.glob("*.c") if path.name != "main.c"]

    def run(source: str) -> str:
        folder = tmp_path_factory.mktemp("probe")
        program = folder / "probe"
        (folder / "probe.c").write_text(source, encoding="utf-8")
        words = [*compiler.command, *FLAGS, f"-I{SOURCES}", str(folder / "probe.c"), *parts]
        subprocess.run([*words, "-o", str(program), *LIBRARIES], check=True, timeout=120)
        done = subprocess.run(
            [str(program)], capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout

    return run
