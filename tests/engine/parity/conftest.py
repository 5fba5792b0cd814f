"""Fake simulators as executables."""

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FAKES = Path(__file__).parent / "fakes"


@pytest.fixture
def fake_program(tmp_path: Path) -> Callable[..., Path]:
    """Return a maker of executables that behave like a simulator with one fault."""

    def make(name: str = "simulator", fault: str = "none") -> Path:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f"#!{sys.executable} -S\n"
            f"import sys\nsys.path.insert(0, {str(FAKES)!r})\n"
            "from fake_nanobragg import run\n"
            f"sys.exit(run(sys.argv[1:], {fault!r}))\n"
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make
