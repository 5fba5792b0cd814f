"""What a start-up imports, seen from inside a fresh interpreter."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "textual", "scipy", "matplotlib", "git", "PIL")


def imported(code: str) -> set[str]:
    """Return the modules a fresh interpreter holds after running ``code``."""
    listing = "\nimport sys\nsys.stderr.write('\\n'.join(sys.modules))\n"
    done = subprocess.run(
        [sys.executable, "-c", code + listing], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def command(*words: str) -> str:
    """Return code that runs the command line and goes on afterwards."""
    return (
        f"import sys\nsys.argv = ['nbtui', *{words!r}]\nfrom nbtui.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
    )


def test_the_version_needs_nothing() -> None:
    found = imported(command("--version"))
    for name in (*HEAVY, "click", "msgspec", "psutil", "numpy", "asyncio", "importlib.metadata"):
        assert name not in found, name


def test_help_needs_click_only() -> None:
    found = imported(command("--help"))
    assert "click" in found
    for name in (*HEAVY, "msgspec", "psutil", "numpy", "asyncio"):
        assert name not in found, name


@pytest.mark.parametrize(
    "module",
    [
        "nbtui.batch",
        "nbtui.run.launch",
        "nbtui.run.supervisor",
        "nbtui.store",
        "nbtui.explaining",
        "nbtui.history.of_project",
    ],
)
def test_viewers_and_supervisor_start_without_the_heavy_parts(module: str) -> None:
    found = imported(f"import {module}")
    for name in (*HEAVY, "numpy", "asyncio"):
        assert name not in found, name


def test_the_app_starts_without_what_only_images_need() -> None:
    found = imported("import nbtui.tui.terminal")
    assert "textual" in found
    for name in ("numpy", "PIL", "scipy", "torch", "nbtui.tui.graphics.sixel"):
        assert name not in found, name


def test_the_first_frame_waits_for_textual_and_what_states_are_made_of() -> None:
    found = imported("import nbtui.tui.terminal")
    for name in (
        "nbtui.memo.compile",
        "nbtui.memo.lint",
        "nbtui.run.launch",
        "nbtui.preflight.registry",
        "nbtui.history.index",
        "nbtui.checklist",
        "nbtui.tui.wiring",
        "markdown_it",
        "psutil",
        "sqlite3",
        "nbtui.tui.screens.checklist",
    ):
        assert name not in found, name


def test_a_diagnosis_needs_numpy_and_never_torch() -> None:
    found = imported("import nbtui.diagnose.examine, nbtui.diagnose.sources")
    assert "numpy" in found
    assert "torch" not in found
    assert "textual" not in found


def test_the_supervisor_never_needs_torch_or_textual_to_rederive(tmp_path: Path) -> None:
    found = imported("import nbtui.run.conduct, engine.parity.metrics, nbtui.evidence.rederive")
    assert "torch" not in found
    assert "textual" not in found
