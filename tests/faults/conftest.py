"""A site for each fault; docs/reliability.md tables them all."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.harness.site import Site
from tests.faults.harness.warm import Nursery, nursery
from tests.nbtui.run.lab import build


@pytest.fixture(scope="session")
def born() -> Iterator[Nursery]:
    """Return the interpreter that launchers, supervisors and viewers are forked from."""
    with nursery() as warm:
        yield warm


@pytest.fixture
def site(tmp_path: Path, born: Nursery) -> Iterator[Site]:
    place = Site(build(tmp_path / "project", tmp_path), tmp_path, born)
    yield place
    place.end()
    shutil.rmtree(tmp_path, ignore_errors=True)
