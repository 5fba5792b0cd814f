"""What tests of every package need: the project's root, the built reference, shared material."""

import os
from collections.abc import Callable, Generator, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.reference.build import DEFAULT_OUT, build
from engine.startup import collector_at_rest

if TYPE_CHECKING:
    from tests.acceptance import Judge, Sides
    from tests.nursery.client import Nursery

ROOT = Path(__file__).parent.parent
STRATEGY = Path("docs/development/testing_strategy.md")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Know pytest-asyncio's setting where that plugin is not installed.

    The environment of ``make evidence`` runs one plain test and has pytest alone; its strict
    configuration would refuse a setting that nobody declared.
    """
    if find_spec("pytest_asyncio") is None:
        parser.addini("asyncio_default_fixture_loop_scope", "pytest-asyncio is not installed")


def pytest_configure() -> None:
    """Let no clock judge a random example, and draw the same ones in every CI run.

    A busy machine is no failure, and a red CI is about the change.
    """
    if find_spec("hypothesis") is None:
        return
    from hypothesis import HealthCheck, settings

    patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("patient", patient)
    settings.register_profile("ci", patient, derandomize=True, print_blob=True)
    settings.load_profile("ci" if os.environ.get("CI") == "true" else "patient")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep what is collected, thousands of tests and PyTorch, from the garbage collector."""
    with collector_at_rest():
        return (yield)


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Return the root of this checkout."""
    return ROOT


@pytest.fixture(scope="session")
def born() -> "Iterator[Nursery]":
    """Return the interpreter that supervisors and command lines are forked from."""
    from tests.nursery.client import nursery

    with nursery() as warm:
        yield warm


@pytest.fixture(scope="session")
def reference_binary() -> Path:
    """Build the C reference once, or find it up to date, and return its path."""
    return Path(build(ROOT / DEFAULT_OUT).binary)


@pytest.fixture(scope="session")
def sides(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Sides":
    """Return what runs a command line through the C program (``NB_C_BIN``) and the engine."""
    # Both programs take a second to import; most tests need neither.
    from tests.acceptance import Sides

    named = os.environ.get("NB_C_BIN")
    program = Path(named) if named else Path(request.getfixturevalue("reference_binary"))
    return Sides(program.absolute(), tmp_path_factory.mktemp("sides"))


@pytest.fixture
def hold(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> "Judge":
    """Return the judge of an acceptance test: its rows are those of the test's own name."""
    from engine.parity import thresholds
    from tests.acceptance import Judge

    # test_at_parallel_001.py::test_size is held to the rows of "AT-PARALLEL-001 size".
    module = request.module.__name__.rpartition(".")[2]
    name = module.removeprefix("test_").upper().replace("_", "-")
    applies_to = f"{name} {request.function.__name__.removeprefix('test_')}"
    rows = thresholds.select(thresholds.load(ROOT / STRATEGY), applies_to)
    return Judge(rows, applies_to, record_property)


@pytest.fixture(scope="session")
def shared_material() -> Path:
    """Return the folder of reference material beside the checkout, or skip."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"the reference material is not beside this checkout ({folder})")
    return folder
