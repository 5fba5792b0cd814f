"""A laboratory for each test: nothing of it touches this checkout or its machine lock."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nbtui.run.lab import Lab, build


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    laboratory = build(tmp_path / "lab", tmp_path)
    yield laboratory
    laboratory.end()
    shutil.rmtree(laboratory.root, ignore_errors=True)
