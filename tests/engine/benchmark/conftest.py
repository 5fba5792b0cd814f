"""A benchmark session of fake programs."""

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.benchmark.cli import Session
from engine.benchmark.rounds import Setting
from engine.parity.runner import Program

FAKES = Path(__file__).parent / "fakes"
SIMULATORS = Path(__file__).parents[1] / "parity" / "fakes"


@pytest.fixture
def session(tmp_path: Path) -> Callable[..., Session]:
    """Return a maker of sessions; each side has one fault, or ``none``."""

    def program(name: str, fault: str) -> Program:
        path = tmp_path / name
        path.write_text(
            f"#!{sys.executable} -S\n"
            f"import sys\nsys.path.insert(0, {str(SIMULATORS)!r})\n"
            "from fake_nanobragg import run\n"
            # The port's own options are not physics.
            "words = [w for w in sys.argv[1:] if not w.startswith('--')]\n"
            f"sys.exit(run(words, {fault!r}))\n"
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return Program((str(path),), "0" * 64)

    def make(
        *, c: str = "none", py: str = "noise", warm: str = "noise", profile: bool = False,
        keep: bool = False, iterations: int = 1, timeout_s: float = 60.0,
        precision: float | None = None,
    ) -> Session:  # fmt: skip
        setting = Setting(
            c=program("c_simulator", c),
            py=program("py_simulator", py),
            worker=Program((sys.executable, "-S", str(FAKES / "fake_worker.py"), warm), "0" * 64),
            folder=tmp_path,
            device="cpu",
            dtype="float32",
            threads=2,
            iterations=iterations,
            seed=7,
            threshold=0.99,
            threshold_source="default",
            timeout_s=timeout_s,
            keep=keep,
            precision=precision,
        )
        return Session(setting, tmp_path / "out", profile=profile)

    return make
