"""Which engine the stages import, and whether the commit explains it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nbtui.preflight import installed
from nbtui.preflight.installed import check_installed, imported_from
from nbtui.preflight.model import CheckStatus, Context

MakeContext = Callable[..., Context]


@pytest.fixture
def own(repo: Path) -> Path:
    """Return an engine in the checkout."""
    folder = repo / "engine"
    (folder / "parity").mkdir(parents=True)
    (folder / "kernel.py").write_text("STEPS = 1\n")
    return folder


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path | None], None]:
    """Return a function that sets where the interpreter finds the engine."""
    return lambda path: monkeypatch.setattr(installed, "imported_from", lambda _: path)


def test_this_interpreter_knows_where_its_packages_are(project_root: Path) -> None:
    assert imported_from("engine") == project_root / "engine"
    assert imported_from("no_such_package_here") is None


def test_a_project_without_an_engine_is_not_asked(context: MakeContext) -> None:
    assert list(check_installed(context())) == []


def test_the_checkouts_own_engine(
    context: MakeContext, own: Path, imported: Callable[[Path | None], None]
) -> None:
    imported(own)
    (result,) = check_installed(context())
    assert result.status is CheckStatus.OK


def test_no_engine_in_the_environment_blocks(
    context: MakeContext, own: Path, imported: Callable[[Path | None], None]
) -> None:
    imported(None)
    (result,) = check_installed(context())
    assert result.status is CheckStatus.BLOCK
    assert "pip install --editable" in result.fix


def test_another_checkouts_engine_blocks_when_it_differs_and_is_named_when_not(
    context: MakeContext, own: Path, tmp_path: Path, imported: Callable[[Path | None], None]
) -> None:
    other = tmp_path / "other" / "engine"
    shutil.copytree(own, other)
    (other / "__pycache__").mkdir()
    (other / "__pycache__" / "kernel.pyc").write_bytes(b"x")
    imported(other)
    (same,) = check_installed(context())
    assert same.status is CheckStatus.WARN
    assert str(other) in same.found
    for change in (lambda p: p.write_text("STEPS = 2\n"), Path.unlink):
        change(other / "kernel.py")
        (result,) = check_installed(context())
        assert result.status is CheckStatus.BLOCK
        assert "kernel.py" in result.found
