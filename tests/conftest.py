"""What tests of every package need: the project's root, the built reference, shared material."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from engine.reference.build import DEFAULT_OUT, build

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Know pytest-asyncio's setting where that plugin is not installed.

    The environment of ``make evidence`` runs one plain test and has pytest alone; its strict
    configuration would refuse a setting that nobody declared.
    """
    if find_spec("pytest_asyncio") is None:
        parser.addini("asyncio_default_fixture_loop_scope", "pytest-asyncio is not installed")


def pytest_configure() -> None:
    """Draw the same random examples in every CI run: a red CI is then about the change."""
    if os.environ.get("CI") == "true" and find_spec("hypothesis") is not None:
        from hypothesis import settings

        settings.register_profile("ci", derandomize=True, print_blob=True)
        settings.load_profile("ci")


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Return the root of this checkout."""
    return ROOT


@pytest.fixture(scope="session")
def reference_binary() -> Path:
    """Build the C reference once, or find it up to date, and return its path."""
    return Path(build(ROOT / DEFAULT_OUT).binary)


@pytest.fixture(scope="session")
def shared_material() -> Path:
    """Return the folder of reference material beside the checkout, or skip."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"the reference material is not beside this checkout ({folder})")
    return folder
