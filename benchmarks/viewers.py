"""What watching a run costs the stage that is watched.

    python benchmarks/viewers.py [--seconds S] [--cell S]

One stage of fixed work runs through; meanwhile those who watch it are switched on and off.
A round takes every way of watching once, in an order drawn anew, each for half a second
(``--cell``):

``nobody``      the supervisor alone, as in every run; taken twice in each round
``alone``       the supervisor stopped too
``attached``    ``nbtui attach`` follows
``detached``    ``nbtui attach`` came, and was left with Ctrl-C
``app``         the app follows, on a terminal of its own

A viewer that is not wanted is stopped (SIGSTOP): it then takes nothing but memory. The stage
does equal blocks of work, computing and copying, and notes the processor time and the wall
time of each. Ways are compared within their round, so that what the machine does over
minutes cancels: the cost of a way is the mean, over the rounds, of its blocks' mean over that
of the unwatched blocks of the same round, with an interval that holds 95 % (bootstrap over
rounds). ``unwatched_again`` is one half of the unwatched blocks against the other: its true
value is zero, so what it shows is what this measurement cannot tell apart.

Other work on the machine only ever adds to a block. ``lowest_tenth`` therefore compares the
blocks that were hindered least: the tenth percentile of all blocks of a way with that of the
unwatched ones, with the same kind of interval.
"""

import argparse
import json
import math
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
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from one_stage import plan_of, project

from nbtui.run import launch
from nbtui.run.catalog import is_sealed
from nbtui.store import read

NBTUI = str(Path(sys.executable).with_name("nbtui"))
STAGE = """\
import pathlib, sys, time
steps, total = int(sys.argv[1]), 0
source, target = bytearray(4 << 20), bytearray(4 << 20)
while not pathlib.Path("enough").exists():
    begin, used = time.monotonic_ns(), time.process_time_ns()
    for n in range(steps):
        total += n * n & 7
    for _ in range(4):
        target[:] = source
    used, end = time.process_time_ns() - used, time.monotonic_ns()
    print("block", begin, end, used, flush=True)
"""
MEMO = """\
Summary: A stage of fixed work.
Focus: [BENCH-001] what watching costs
Artifacts: reports/bench/viewers/$STAMP/
How-To Map:
- Work: `python stage.py STEPS | tee "$OUTDIR"/logs/stage.log`.
"""
NOBODY, AGAIN, ALONE, ATTACHED, DETACHED, APP = WAYS = (
    "nobody", "nobody again", "alone", "attached", "detached", "app",
)  # fmt: skip
WATCHED = (ALONE, ATTACHED, DETACHED, APP)
BLOCK_S = 0.008
"""Shorter than most of what other machines on the same hardware do to this one."""
CELL_S = 0.5
SETTLE_S = 0.2
"""After a switch: a viewer that goes on first catches up with what it missed."""
STARTED_S = 4.0
"""In which the viewers have started and drawn what there is."""
RESAMPLES = 4000
FEWER_RESAMPLES = 200
LEAST_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """A way of watching, and the time on the monotonic clock in which it was in force."""

    round: int
    way: str
    begin_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the stage's work, in nanoseconds."""

    begin: int
    end: int
    used: int


@dataclass(slots=True)
class Watchers:
    """Who can watch, each a process that is stopped while it is not wanted."""

    root: Path
    env: dict[str, str]
    bundle: Path
    supervisor: psutil.Process
    attached: psutil.Process
    app: psutil.Process

    def rest(self) -> None:
        """Leave the stage to its supervisor."""
        self.attached.suspend()
        self.app.suspend()

    @contextmanager
    def watching(self, way: str) -> Iterator[None]:
        """Watch in one way while the block lasts."""
        if way == DETACHED:
            self._come_and_go()
        wanted = {ATTACHED: self.attached, APP: self.app}.get(way)
        if way == ALONE:
            self.supervisor.suspend()
        elif wanted is not None:
            wanted.resume()
        try:
            yield
        finally:
            if way == ALONE:
                self.supervisor.resume()
            elif wanted is not None:
                wanted.suspend()

    def used_s(self, way: str) -> float:
        """Return the processor time that whoever watches in this way has used so far."""
        times = {ATTACHED: self.attached, APP: self.app}.get(way, self.supervisor).cpu_times()
        return float(times.user + times.system)

    def _come_and_go(self) -> None:
        viewer = attach(self.root, self.env, self.bundle, subprocess.PIPE)
        assert viewer.stdout is not None  # noqa: S101  (a pipe was asked for)
        viewer.stdout.readline()
        viewer.send_signal(signal.SIGINT)
        viewer.stdout.close()
        viewer.wait()


def attach(
    root: Path, env: dict[str, str], bundle: Path, stdout: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    """Start ``nbtui attach``."""
    return subprocess.Popen(
        [NBTUI, "attach", bundle.name], cwd=root, env=env, stdin=subprocess.DEVNULL,
        stdout=stdout, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[psutil.Process]:
    """Give a process, and end it afterwards."""
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


@contextmanager
def on_a_terminal(root: Path, env: dict[str, str]) -> Iterator[tuple[psutil.Process, list[int]]]:
    """Run the app on a pseudo-terminal that somebody reads; give it and the bytes it drew."""
    master, terminal = pty.openpty()
    shown = subprocess.Popen(
        [NBTUI], cwd=root, env=env | {"TERM": "xterm-256color"}, stdin=terminal, stdout=terminal,
        stderr=terminal, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    drawn = [0]
    thread = threading.Thread(target=_drain, args=(master, drawn), daemon=True)
    thread.start()
    try:
        with ended(shown) as process:
            yield process, drawn
    finally:
        thread.join()
        os.close(master)


def _drain(master: int, drawn: list[int]) -> None:
    try:
        while data := os.read(master, 65536):
            drawn[0] += len(data)
    except OSError:
        return


def steps_of_a_block() -> int:
    """Return how many steps a block takes so that it lasts about as long as it should."""
    begin = time.process_time()
    total = 0
    for n in range(1_000_000):
        total += n * n & 7
    return int(BLOCK_S * 0.75 / (time.process_time() - begin) * 1e6)


def measure(
    root: Path, seconds: float, cell_s: float
) -> tuple[list[Cell], list[Block], dict[str, object]]:
    """Run one stage and switch its viewers; return when who watched, and its blocks."""
    env = project(root, STAGE, MEMO)
    plan = plan_of(
        str(steps_of_a_block()), summary="a stage of fixed work",
        artifacts_root="reports/bench/viewers", timeout_s=2 * seconds + 60,
    )  # fmt: skip
    bundle = launch.start_plan(root, MEMO.encode(), plan, env)
    log = bundle / "logs" / "stage.log"
    while not (log.exists() and log.stat().st_size):
        time.sleep(0.05)
    started = read(bundle).started
    assert started is not None  # noqa: S101  (its stage has written)
    supervisor = psutil.Process(started.supervisor_pid)
    cells: list[Cell] = []
    used_s = dict.fromkeys(WAYS, 0.0)
    with ExitStack() as stack:
        attached = stack.enter_context(ended(attach(root, env, bundle)))
        app, drawn = stack.enter_context(on_a_terminal(root, env))
        time.sleep(STARTED_S)
        watchers = Watchers(root, env, bundle, supervisor, attached, app)
        watchers.rest()
        before, begin, rounds = drawn[0], time.monotonic(), 0
        while time.monotonic() - begin < seconds:
            for way in random.sample(WAYS, len(WAYS)):
                with watchers.watching(way):
                    time.sleep(SETTLE_S)
                    at, used = time.monotonic_ns(), watchers.used_s(way)
                    time.sleep(cell_s)
                    used_s[way] += watchers.used_s(way) - used
                    cells.append(Cell(rounds, way, at, time.monotonic_ns()))
            rounds += 1
        bytes_drawn = drawn[0] - before
        (root / "enough").touch()
        while not is_sealed(bundle):
            time.sleep(0.2)
    state = read(bundle)
    if state.exit_code != 0:
        sys.exit(f"{state.reason}: {state.blocker}")
    lines = [line.split() for line in log.read_text().splitlines()]
    watched_s = rounds * cell_s
    facts: dict[str, object] = {
        "rounds": rounds,
        "load_at_end": os.getloadavg()[0],
        "used_percent_of_a_core": {
            "supervisor": round(100 * used_s[NOBODY] / watched_s, 2),
            ATTACHED: round(100 * used_s[ATTACHED] / watched_s, 2),
            APP: round(100 * used_s[APP] / watched_s, 2),
        },
        "app_drew_bytes_per_s": round(bytes_drawn / (watched_s + rounds * SETTLE_S)),
    }
    return cells, [Block(*map(int, words[1:])) for words in lines if words[0] == "block"], facts


def summary(cells: Sequence[Cell], blocks: Sequence[Block]) -> dict[str, object]:
    """Return what each way costs in per cent of the unwatched blocks of its rounds."""
    told: dict[str, object] = {"blocks": len(blocks)}
    for name, cost in (("processor", lambda b: b.used), ("wall", lambda b: b.end - b.begin)):
        table = _table(cells, blocks, cost)
        base = (table[NOBODY] + table[AGAIN]) / 2
        ways = {way: table[way] / base for way in WATCHED}
        ways["unwatched_again"] = table[AGAIN] / table[NOBODY]
        if np.isfinite(sum(ways.values())).sum() < LEAST_ROUNDS:
            sys.exit("too few rounds: the machine is too busy, or --seconds too short")
        told[f"{name}_ms_of_a_block"] = round(1e-6 * float(np.nanmedian(base)), 3)
        least = _lowest_tenth(cells, blocks, cost)
        told[f"{name}_percent_more"] = {
            way: _told(ratio) | {"lowest_tenth": least[way][0], "lowest_tenth_95": least[way][1:]}
            for way, ratio in ways.items()
        }
    return told


def _table(
    cells: Sequence[Cell], blocks: Sequence[Block], cost: Callable[[Block], int]
) -> dict[str, np.ndarray]:
    """Return the mean cost of the blocks that lie in each way's cell, a row for each round."""
    rounds = 1 + max(c.round for c in cells)
    table = {way: np.full(rounds, math.nan) for way in WAYS}
    for cell in cells:
        inside = _inside(cell, blocks, cost)
        if inside:
            table[cell.way][cell.round] = statistics.fmean(inside)
    return table


def _inside(cell: Cell, blocks: Sequence[Block], cost: Callable[[Block], int]) -> list[int]:
    return [cost(b) for b in blocks if cell.begin_ns <= b.begin and b.end <= cell.end_ns]


def _lowest_tenth(
    cells: Sequence[Cell], blocks: Sequence[Block], cost: Callable[[Block], int]
) -> dict[str, list[float]]:
    """Return for each way what its least hindered blocks cost more, and the interval."""
    costs: dict[str, list[list[int]]] = {way: [] for way in WAYS}
    for cell in cells:
        costs[cell.way].append(_inside(cell, blocks, cost))
    rng = np.random.default_rng(1)

    def tenth(ways: Sequence[str], drawn: Sequence[int] | None = None) -> float:
        rounds = range(len(costs[NOBODY])) if drawn is None else drawn
        chosen = [costs[way][n] for way in ways for n in rounds]
        return float(np.percentile(np.concatenate(chosen), 10))

    told = {}
    for name, way, base in (
        *((way, (way,), (NOBODY, AGAIN)) for way in WATCHED),
        ("unwatched_again", (AGAIN,), (NOBODY,)),
    ):
        found = [100 * (tenth(way) / tenth(base) - 1)]
        for _ in range(FEWER_RESAMPLES):
            drawn = rng.integers(0, len(costs[NOBODY]), len(costs[NOBODY])).tolist()
            found.append(100 * (tenth(way, drawn) / tenth(base, drawn) - 1))
        low, high = np.percentile(found[1:], [2.5, 97.5])
        told[name] = [round(found[0], 3), round(float(low), 3), round(float(high), 3)]
    return told


def _told(ratios: np.ndarray) -> dict[str, float | list[float]]:
    """Return mean and median of the rounds' differences, each with its 95 % interval."""
    percent = 100 * (ratios[np.isfinite(ratios)] - 1)
    drawn = np.random.default_rng(1).choice(percent, (RESAMPLES, percent.size))
    told: dict[str, float | list[float]] = {}
    for name, of in (("mean", np.mean), ("median", np.median)):
        low, high = np.percentile(of(drawn, axis=1), [2.5, 97.5])
        told[name] = round(float(of(percent)), 3)
        told[f"{name}_95"] = [round(float(low), 3), round(float(high), 3)]
    return told


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300.0, help="how long it may take")
    parser.add_argument("--cell", type=float, default=CELL_S, help="seconds for a way at a time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nbtui-viewers-") as folder:
        cells, blocks, facts = measure(Path(folder), given.seconds, given.cell)
    print(json.dumps(facts | summary(cells, blocks), indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
