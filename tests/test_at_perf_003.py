"""AT-PERF-003: memory is the image and a few tiles, whatever the number of steps."""

import json
import subprocess
import sys
from pathlib import Path

from tests.acceptance import Judge

# A process of its own: the peak of this one belongs to other tests.
CHILD = """
import json, pathlib, re, resource
import torch
from engine.experiment import Experiment
from engine.simulator import simulate

LINE = "-cell 70 80 90 85 95 100 -N 5 -default_F 100 -lambda 1 -distance 500 -pixel 0.05"
STATUS = pathlib.Path("/proc/self/status")

def peak(flags):
    simulate(Experiment.from_args(f"{LINE} {flags}".split()))
    if STATUS.exists():
        # Linux passes ru_maxrss on from the parent; this peak is the process's own.
        return int(re.search(r"VmHWM:\\s+(\\d+) kB", STATUS.read_text())[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

torch.set_num_threads(2)
print(json.dumps([
    peak("-detpixels 512 -oversample 1"),
    peak("-detpixels 512 -phi 1 -osc 1 -phisteps 20 -oversample 2"),
    peak("-detpixels 4096 -oversample 1"),
]))
"""
MB = 1e6


def test_peak(hold: Judge, project_root: Path) -> None:
    """Above a process that has simulated once: steps cost nothing, pixels little."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD], cwd=project_root, capture_output=True, text=True,
        timeout=300, check=True,
    )  # fmt: skip
    base, many_steps, large = json.loads(done.stdout)
    hold(
        many_steps_mb=(many_steps - base) / MB,
        canonical_mb=(large - base) / MB,
    )
