"""Imports without garbage collection: afterwards it is as it was, but for what it leaves alone."""

import gc
from collections.abc import Iterator

import pytest

from engine.startup import collector_at_rest


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_the_collector_rests_and_leaves_alone_what_was_made() -> None:
    gc.enable()
    before = gc.get_freeze_count()
    with collector_at_rest():
        assert not gc.isenabled()
        made: list[list[int]] = [[] for _ in range(1000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(made)


def test_it_works_again_after_a_failed_import() -> None:
    gc.enable()
    with pytest.raises(ImportError), collector_at_rest():
        raise ImportError
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with collector_at_rest():
        pass
    assert not gc.isenabled()
