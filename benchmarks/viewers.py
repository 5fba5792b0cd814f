"""What watching a run costs the stage that is watched.

    python benchmarks/viewers.py [--rounds N] [--seconds S]

A stage of fixed work is run again and again: with nobody watching, with ``nbtui attach``,
with ``nbtui attach`` that is left half-way, and with the app on a terminal of its own. The
orders are drawn anew in each round. The stage's work is a hundred equal blocks; compared is
the processor time that the stage's own process used for a block, which other programs on
the machine disturb less than its wall time: the median and the lowest tenth over the blocks
of all rounds, against those of the unwatched runs.
"""

import argparse
import json
import os
import pty
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nbtui.memo.plan import Command, LineSpan, Plan, Role, Step, StepKind
from nbtui.run import launch
from nbtui.run.catalog import is_sealed
from nbtui.store import read

NBTUI = str(Path(sys.executable).with_name("nbtui"))
STAGE = """\
import sys, time
steps = int(sys.argv[1])
times, total, wall = [], 0, time.perf_counter()
for block in range(100):
    begin = time.process_time()
    for n in range(steps):
        total += n * n & 7
    times.append(time.process_time() - begin)
    print(f"block {block}: {total}", flush=True)
print(time.perf_counter() - wall, *times)
"""
MEMO = """\
Summary: A stage of fixed work.
Focus: [BENCH-001] what watching costs
Artifacts: reports/bench/viewers/$STAMP/
How-To Map:
- Work: `python stage.py STEPS | tee "$OUTDIR"/logs/stage.log`.
"""
WAYS = ("nobody", "attached", "detached", "app")


def plan_of(steps: int) -> Plan:
    """Return the plan of one stage of so much work."""
    stage = Step(
        id="01-work",
        title="work",
        kind=StepKind.RUNNABLE,
        role=Role.COMMAND,
        lines=LineSpan(1, 1),
        memo_text="work",
        command=Command(
            argv=(sys.executable, "-S", "stage.py", str(steps)), log="$OUTDIR/logs/stage.log"
        ),
    )
    return Plan(
        memo_name="input.md",
        memo_sha256="0" * 64,
        summary="a stage of fixed work",
        focus="",
        artifacts_root="reports/bench/viewers",
        steps=(stage,),
        min_available_memory_bytes=0,
    )


@contextmanager
def viewer(way: str, root: Path, env: dict[str, str], bundle: Path) -> Iterator[None]:
    """Watch a run in one of the ways while the block lasts."""
    if way == "nobody":
        yield
        return
    if way == "app":
        with on_a_terminal([NBTUI], root, env):
            yield
        return
    watching = subprocess.Popen(
        [NBTUI, "attach", bundle.name], cwd=root, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    if way == "detached":
        threading.Timer(1.0, lambda: watching.send_signal(signal.SIGINT)).start()
    try:
        yield
    finally:
        watching.kill()
        watching.wait()


@contextmanager
def on_a_terminal(argv: list[str], root: Path, env: dict[str, str]) -> Iterator[None]:
    """Run a program on a pseudo-terminal whose output somebody reads."""
    master, terminal = pty.openpty()
    shown = subprocess.Popen(
        argv, cwd=root, env=env | {"TERM": "xterm-256color"}, stdin=terminal, stdout=terminal,
        stderr=terminal, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    thread = threading.Thread(target=_drain, args=(master,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        shown.kill()
        shown.wait()
        thread.join()
        os.close(master)


def _drain(master: int) -> None:
    try:
        while os.read(master, 65536):
            pass
    except OSError:
        return


def measure(way: str, root: Path, env: dict[str, str], plan: Plan) -> tuple[float, list[float]]:
    """Return the wall seconds of one watched stage, and the processor seconds of its blocks."""
    bundle = launch.start_plan(root, MEMO.encode(), plan, env)
    with viewer(way, root, env, bundle):
        while not is_sealed(bundle):
            time.sleep(0.5)
    while launch.alive(bundle):  # it holds the machine lock until it is gone
        time.sleep(0.1)
    state = read(bundle)
    if state.exit_code != 0:
        sys.exit(f"{state.reason}: {state.blocker}")
    log = (bundle / "logs" / "stage.log").read_text()
    wall_s, *blocks = map(float, log.splitlines()[-1].split())
    return wall_s, blocks


def project(root: Path) -> dict[str, str]:
    """Make a project in a folder; return the environment of its runs."""
    (root / "stage.py").write_text(STAGE)
    (root / "input.md").write_text(MEMO)
    (root / ".gitignore").write_text("reports/\nlocks/\n")
    env = {**os.environ, "NBTUI_LOCK_DIR": str(root / "locks"), "VIRTUAL_ENV": sys.prefix}
    run: Callable[..., object] = subprocess.run
    for words in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=b", "-c", "user.email=b@example.invalid", "commit", "-qm", "start"],
    ):
        run(["git", *words], cwd=root, check=True)
    return env


def steps_for(seconds: float) -> int:
    """Return how many steps a block takes so that the stage lasts about so long."""
    begin = time.process_time()
    total = 0
    for n in range(1_000_000):
        total += n * n & 7
    return int(seconds / (time.process_time() - begin) * 1e4)


def main() -> None:
    """Measure all ways and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=3.0)
    given = parser.parse_args()
    found: dict[str, list[tuple[float, list[float]]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory(prefix="nbtui-viewers-") as folder:
        root = Path(folder)
        env = project(root)
        plan = plan_of(steps_for(given.seconds))
        for _ in range(given.rounds):
            for way in random.sample(WAYS, len(WAYS)):
                found[way].append(measure(way, root, env, plan))
    print(json.dumps(summary(found), indent=2))  # noqa: T201


def summary(found: dict[str, list[tuple[float, list[float]]]]) -> dict[str, object]:
    """Return for each way the time of a block, and what it is more than unwatched."""
    told: dict[str, object] = {"rounds": len(found["nobody"])}
    base = _blocks(found["nobody"])
    for way, rounds in found.items():
        median, low = _blocks(rounds)
        told[way] = {
            "wall_s": round(statistics.median(w for w, _ in rounds), 3),
            "block_ms": round(1e3 * median, 3),
            "block_ms_lowest_tenth": round(1e3 * low, 3),
            "percent_more": round(100 * (median / base[0] - 1), 2),
            "percent_more_lowest_tenth": round(100 * (low / base[1] - 1), 2),
        }
    return told


def _blocks(rounds: list[tuple[float, list[float]]]) -> tuple[float, float]:
    """Return median and lowest tenth of the blocks of all rounds."""
    blocks = sorted(b for _, each in rounds for b in each)
    return statistics.median(blocks), blocks[len(blocks) // 10]


if __name__ == "__main__":
    main()
