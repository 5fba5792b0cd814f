"""A laboratory for each test: nothing of it touches this checkout or its machine lock."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from nbtui.run import launch
from tests.nbtui.run.lab import Lab, build
from tests.nursery.client import Nursery


@pytest.fixture
def lab(tmp_path: Path, born: Nursery, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    stand_in = SimpleNamespace(Popen=born.popen, DEVNULL=subprocess.DEVNULL)
    monkeypatch.setitem(vars(launch), "subprocess", stand_in)
    laboratory = build(tmp_path / "lab", tmp_path)
    yield laboratory
    laboratory.end()
    shutil.rmtree(laboratory.root, ignore_errors=True)
