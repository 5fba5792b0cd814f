"""A small project of its own with one golden case, and programs that compute it or do not."""

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.golden import fingerprint
from engine.golden.cases import CASES_FILE, Case, CaseFile, save

ARGS = (
    *("-cell", "70", "80", "90", "75", "85", "95", "-N", "4", "-default_F", "100"),
    *("-lambda", "1.3", "-detpixels_f", "40", "-detpixels_s", "24", "-pixel", "0.4"),
)


@pytest.fixture(scope="session")
def small_case(reference_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Return a case of 24 x 40 pixels with the hash and fingerprint of what the reference makes."""
    folder = tmp_path_factory.mktemp("small")
    words = [str(reference_binary), "-floatfile", "f.bin", "-nonoise", "-nopgm", *ARGS]
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    data = (folder / "f.bin").read_bytes()
    image = np.frombuffer(data, "<f4").reshape(24, 40)
    digest = hashlib.sha256(data).hexdigest()
    return Case("small", ARGS, (24, 40), digest, fingerprint.of(image))


@pytest.fixture
def root(small_case: Case, tmp_path: Path) -> Path:
    """Return a project's root that knows the small case and has no image yet."""
    (tmp_path / "golden_data").mkdir()
    save(tmp_path / CASES_FILE, CaseFile(1, {"program": "the reference"}, (small_case,)))
    return tmp_path


@pytest.fixture
def altered_program(reference_binary: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Return a maker of programs that run the reference and then change its image ``x``."""

    def make(change: str) -> Path:
        path = tmp_path / "altered"
        path.write_text(
            f'#!/bin/sh\n"{reference_binary}" "$@" || exit $?\npython3 - <<"EOF"\n'
            "import array\nx = array.array('f')\n"
            "x.frombytes(open('float.bin', 'rb').read())\n"
            f"{change}\nopen('float.bin', 'wb').write(x.tobytes())\nEOF\n",
            encoding="utf-8",
        )
        path.chmod(0o755)
        return path

    return make
