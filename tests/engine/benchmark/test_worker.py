"""The live process with the real engine, on a small detector."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.benchmark.warm import warm_process
from engine.parity.errors import RunnerError

SMALL = ("-cell", "100", "100", "100", "90", "90", "90", "-N", "5", "-default_F", "100",
         "-lambda", "1", "-distance", "100", "-detpixels", "32")  # fmt: skip
OPTIONS = ("--device", "cpu", "--dtype", "float32", "--threads", "1")
WORKER = (sys.executable, "-m", "engine.benchmark.worker")


def test_it_simulates_again_writes_and_profiles(tmp_path: Path) -> None:
    with warm_process(
        WORKER, folder=tmp_path, log=tmp_path / "log", timeout_s=120, environment={},
        options=OPTIONS, args=SMALL,
    ) as (worker, ready):  # fmt: skip
        assert ready["torch_threads"] == 1
        assert ready["import_s"] > 0
        times = [worker.ask(do="simulate")["seconds"] for _ in range(2)]
        assert min(times) > 0
        worker.ask(do="write", path=str(tmp_path / "image"))
        worker.ask(do="profile", path=str(tmp_path / "trace.json"))
        with pytest.raises(RunnerError, match="KeyError"):
            worker.ask(do="dance")
    image = np.fromfile(tmp_path / "image", "<f4")
    assert image.size == 32 * 32
    assert image.max() > 1
    trace = json.loads((tmp_path / "trace.json").read_text())
    assert any(e.get("cat") == "cpu_op" for e in trace["traceEvents"])


def test_it_says_why_it_cannot_start(tmp_path: Path) -> None:
    words = "-hkl, -default_F: no structure factors"
    with (
        pytest.raises(RunnerError, match=words) as caught,
        warm_process(
            WORKER, folder=tmp_path, log=tmp_path / "log", timeout_s=120, environment={},
            options=OPTIONS, args=("-lambda", "1"),
        ),
    ):  # fmt: skip
        pass
    assert str(caught.value).startswith(f"the PyTorch worker: {words}")
