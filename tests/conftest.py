"""What tests of every package need: the project's root, the built reference, shared material."""

from pathlib import Path

import pytest

from engine.reference.build import DEFAULT_OUT, build

ROOT = Path(__file__).parent.parent


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
