"""What every test of the app needs."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _no_collection_meanwhile() -> Iterator[None]:
    """Collect garbage between tests, not in them.

    An app's widgets are many small objects that live as long as the test: looking through them
    time and again took a third of the processor time of these tests.
    """
    gc.disable()
    yield
    gc.enable()
