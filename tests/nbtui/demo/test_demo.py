"""The demonstration: images that agree or do not, a project of its own, and a real run of it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.parity.metrics import compare_arrays
from engine.parity.sighting import Sighting
from nbtui.demo.program import PIXEL_M, SIZE, image, report
from nbtui.demo.project import environment, make
from nbtui.errors import NbtuiError
from nbtui.exit_codes import ExitCode
from nbtui.images.pairs import find_pairs
from nbtui.run.catalog import bundles
from nbtui.run.prepare import prepare
from nbtui.store import read
from tests.nbtui.faces import NBTUI


def test_the_spots_lie_where_the_report_says() -> None:
    sighting = Sighting.from_console(report())
    picture = image("c", "none")
    picture[SIZE // 2 - 8 : SIZE // 2 + 8, SIZE // 2 - 8 : SIZE // 2 + 8] = 0
    slow, fast = np.unravel_index(int(picture.argmax()), picture.shape)
    sight = sighting.at(float(slow) + 0.5, float(fast) + 0.5)
    assert sight.hkl == pytest.approx([round(n) for n in sight.hkl], abs=0.15)
    assert sight.resolution_A > 24 * PIXEL_M


def test_the_port_agrees_unless_it_has_a_fault() -> None:
    c = image("c", "none")
    good, bad = (compare_arrays(c, image("port", fault)) for fault in ("none", "scale"))
    assert good.correlation is not None
    assert good.correlation > 0.999999
    assert bad.correlation is not None
    assert bad.correlation < 0.99


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(NbtuiError, match="not empty"):
        make(tmp_path, blocked=False)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_the_project_compiles_to_a_plan_without_findings_that_block(tmp_path: Path) -> None:
    make(tmp_path / "demo", blocked=False)
    prepared = prepare(tmp_path / "demo", None, ask=False)
    assert [step.role.value for step in prepared.plan.stages] == ["compare", "summary"]
    assert prepared.blocking == ()


def test_the_operators_own_variables_do_not_speak() -> None:
    assert environment({"NB_C_BIN": "x", "PATH": "y"}) == {"PATH": "y"}


def test_the_stand_in_needs_no_torch() -> None:
    code = "import sys, nbtui.demo.program, nbtui.demo.project; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.slow
def test_a_demonstration_with_a_fault_blocks_and_keeps_its_images(tmp_path: Path) -> None:
    root = tmp_path / "demo"
    env = os.environ | {"NBTUI_LOCK_DIR": str(tmp_path / "locks")}
    done = subprocess.run(
        [NBTUI, "demo", "--blocked", str(root)],
        env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == ExitCode.BLOCKED, done.stderr
    assert str(root) in done.stdout
    (bundle,) = bundles(root)
    state = read(bundle)
    assert state.blocker is not None
    assert state.blocker.kind == "gate"
    (pair,) = find_pairs(bundle)
    assert pair.trouble == ""
    # The comparison speaks of its progress on stderr, and not of the figure that blocks.
    assert state.stages[0].streams.stderr
    assert "through stderr" not in (bundle / "blockers.md").read_text()
