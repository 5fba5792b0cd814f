"""What others reuse stays light: the measures need NumPy, never PyTorch or click."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "click", "scipy", "PIL")


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("engine.parity", ()),
        ("engine.parity.metrics", ()),
        ("engine.parity.images", ()),
        ("engine.parity.parameters", ()),
        ("engine.parity.thresholds", ()),
        ("engine.parity.figures", ()),
        ("engine.parity.compare", ()),
        ("engine.parity.peaks", ()),
        ("engine.parity.cli", ("click",)),
        ("engine.benchmark.cli", ("click",)),
    ],
)
def test_importing_pulls_in_nothing_heavy(module: str, allowed: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(list(allowed))
