"""A site for each fault; docs/reliability.md tables them all."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.harness.site import Site
from tests.nbtui.run.lab import build
from tests.nursery.client import Nursery


@pytest.fixture
def site(tmp_path: Path, born: Nursery) -> Iterator[Site]:
    place = Site(build(tmp_path / "project", tmp_path), tmp_path, born)
    yield place
    place.end()
    shutil.rmtree(tmp_path, ignore_errors=True)
