"""The app's budgets, measured from outside on a pseudo-terminal, as an operator meets them.

    python benchmarks/app.py [--bundle PATH] [--rounds N] [--seconds S]

Everything is the installed ``nbtui`` in a process of its own, on a terminal of 120 x 40 that
is read at once, tells its attributes when asked, and to which keys are written. Wall times are
what the budgets speak of; processor times (user and system, of the process and its children)
stand beside them, for a machine that has other work. One JSON object is printed.

help
    ``nbtui --help`` from the start of the process to its end.
first_paint
    ``nbtui`` in a project with a memo and a finished run, from the start of the process until the
    terminal has received the line of modes. Each start is fresh; files are in the page cache.
log
    A stage writes a log at 5,000 lines a second (``lines_per_s`` counts those that came), while
    the app follows it in Run. ``key``: the time from writing ``space`` to the terminal until
    ``PAUSED`` has come back, and from ``2`` until the pane of another mode has; keys are pressed
    at random moments. ``share`` is processor time over wall time, ``rss_mb`` the largest resident
    memory seen (looked at four times a second; shared libraries count in full), both while no key
    is pressed and the log grows.
images
    For each way of drawing: History, the run, then ``i``. ``appears`` ends with the read that has
    the picture's first characters (a frame is one write). ``pan``, for ``shift`` with an arrow
    at full resolution, ends with the last byte before a tenth of a second of silence; that
    silence is not counted. Without ``--bundle`` the pair is made here: 4096 x 4096, spots on
    noise, and what differs is one in a million. With it the bundle's own ``full_frame`` is
    linked. The images are in the page cache: the first of the rounds puts them there.
"""

import argparse
import json
import os
import pty
import random
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path

import numpy as np
import psutil
from one_stage import plan_of, project

from nbtui.run import launch
from nbtui.run.catalog import bundles, is_sealed

NBTUI = str(Path(sys.executable).with_name("nbtui"))
SIZE = (40, 120)
CELL_PX = (8, 16)
LINES_PER_S = 5000
PATIENCE_S = 60.0
ASKED, ATTRIBUTES = b"\x1b[c", b"\x1b[?62;22c"
SILENCE_S = 0.1
EDGE = 4096
WAYS = {"half-block": b"\xe2\x96\x80", "sixel": b"\x1bP0;1;0q", "kitty": b"\x1b_Ga=T"}
SHIFT_RIGHT, SHIFT_LEFT = b"\x1b[1;2C", b"\x1b[1;2D"
STAGE = """\
import sys, time
rate, seconds = int(sys.argv[1]), float(sys.argv[2])
start, written = time.monotonic(), 0
while (now := time.monotonic() - start) < seconds:
    due = int(now * rate) - written
    sys.stdout.write("".join(
        f"pixel {written + n}: intensity {(written + n) * 0.37:.5f} photons\\n" for n in range(due)
    ))
    sys.stdout.flush()
    written += due
    time.sleep(0.01)
"""
MEMO = """\
Summary: A stage that writes much.
Focus: [BENCH-002] what following a log costs
Artifacts: reports/bench/app/$STAMP/
How-To Map:
- Work: `python stage.py 5000 60 | tee "$OUTDIR"/logs/stage.log`.
"""


class Terminal:
    """A program on a pseudo-terminal, and what it writes with the time it came."""

    def __init__(self, argv: list[str], folder: Path, env: dict[str, str]) -> None:
        self._master, terminal = pty.openpty()
        rows, columns = SIZE
        pixels = (columns * CELL_PX[0], rows * CELL_PX[1])
        ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, *pixels))
        self._came = threading.Condition()
        self._said = bytearray()
        self._last = self.started = time.monotonic()
        self._child = subprocess.Popen(
            argv, cwd=folder, env=env | {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
            stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
        )  # fmt: skip
        os.close(terminal)
        self._process = psutil.Process(self._child.pid)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while part := os.read(self._master, 65536):
                if ASKED in part:  # as every real terminal does
                    os.write(self._master, ATTRIBUTES)
                with self._came:
                    self._said += part
                    self._last = time.monotonic()
                    self._came.notify_all()
        except OSError:
            return

    def press(self, keys: bytes) -> float:
        """Write keys; forget what was said before. Returns the moment."""
        with self._came:
            self._said.clear()
        now = time.monotonic()
        os.write(self._master, keys)
        return now

    def until(self, token: bytes) -> float:
        """Wait until a token has come, and return when the read that completed it ended."""
        deadline = time.monotonic() + PATIENCE_S
        with self._came:
            while token not in self._said:
                if not self._came.wait(max(deadline - time.monotonic(), 0.0)):
                    sys.exit(f"{token!r} did not come; last: {bytes(self._said[-300:])!r}")
            return self._last

    def until_silent(self, token: bytes) -> float:
        """Wait for a token and then for silence; return when the last byte before it came."""
        self.until(token)
        while (quiet := time.monotonic() - self._last) < SILENCE_S:
            time.sleep(SILENCE_S - quiet)
        return self._last

    def cpu_s(self) -> float:
        """Return the processor time so far, of the process and its children, in seconds."""
        family = [self._process, *self._process.children(recursive=True)]
        return sum(sum(p.cpu_times()[:2]) for p in family)

    def rss_mb(self) -> float:
        """Return the resident memory of the process and its children in megabytes."""
        family = [self._process, *self._process.children(recursive=True)]
        return sum(p.memory_info().rss for p in family) / 1e6

    def close(self) -> None:
        """End the program."""
        self._child.kill()
        self._child.wait()
        os.close(self._master)


@contextmanager
def app(folder: Path, env: dict[str, str]) -> Iterator[Terminal]:
    """Run the app while the block lasts."""
    terminal = Terminal([NBTUI], folder, env)
    try:
        yield terminal
    finally:
        terminal.close()


def spread(values: list[float], digits: int = 3) -> dict[str, float]:
    """Return median, lowest and highest, and the 95th percentile of many."""
    ordered = sorted(values)
    told = {
        "median": statistics.median(ordered),
        "lowest": ordered[0],
        "highest": ordered[-1],
    }
    if len(ordered) >= 20:
        told["p95"] = ordered[int(len(ordered) * 0.95)]
    return {name: round(value, digits) for name, value in told.items()} | {"count": len(ordered)}


def measure_help(rounds: int, env: dict[str, str]) -> dict[str, object]:
    """Return what ``nbtui --help`` takes, in seconds."""
    wall, cpu = [], []
    for _ in range(rounds):
        before = _children_cpu_s()
        start = time.monotonic()
        subprocess.run([NBTUI, "--help"], env=env, stdout=subprocess.DEVNULL, check=True)
        wall.append(time.monotonic() - start)
        cpu.append(_children_cpu_s() - before)
    return {"budget_s": 0.12, "wall_s": spread(wall), "cpu_s": spread(cpu)}


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure_first_paint(rounds: int, folder: Path, env: dict[str, str]) -> dict[str, object]:
    """Return the time until the modes are on screen, in seconds."""
    wall, cpu = [], []
    for _ in range(rounds):
        with app(folder, env) as terminal:
            wall.append(terminal.until(b"Preflight") - terminal.started)
            cpu.append(terminal.cpu_s())
    return {"budget_s": 0.7, "wall_s": spread(wall), "cpu_s": spread(cpu)}


def measure_log(seconds: float, folder: Path) -> dict[str, object]:
    """Return what following a log that grows fast costs, and how keys fare meanwhile."""
    env = project(folder, STAGE, MEMO)
    keys = 20
    # Longer than all of it lasts on the slowest machine: it is ended when it has been followed.
    plan = plan_of(
        str(LINES_PER_S), str(seconds + 300), summary="a stage that writes much",
        artifacts_root="reports/bench/app", timeout_s=seconds + 600,
    )  # fmt: skip
    bundle = launch.start_plan(folder, MEMO.encode(), plan, env)
    log = bundle / "logs" / "stage.log"
    with app(folder, env) as terminal:
        terminal.until(b"photons")
        time.sleep(3)  # the notice that the run was found goes away
        rss = []
        before = _lines(log)
        cpu, begin = terminal.cpu_s(), time.monotonic()
        while time.monotonic() - begin < seconds:
            time.sleep(0.25)
            rss.append(terminal.rss_mb())
        lasted = time.monotonic() - begin
        share = (terminal.cpu_s() - cpu) / lasted
        came = _lines(log) - before
        pauses, modes = _reactions(terminal, keys)
    launch.cancel(bundle, force=True)
    while not is_sealed(bundle) or launch.alive(bundle):
        time.sleep(0.1)
    return {
        "lines_per_s": round(came / lasted),
        "share": {"budget": 0.25, "of_one_core": round(share, 3), "over_s": seconds},
        "memory": {"budget_mb": 150, "rss_mb": round(max(rss), 1)},
        "key": {"budget_s": 0.05, "pause_s": spread(pauses), "mode_s": spread(modes)},
    }


def _lines(log: Path) -> int:
    return log.read_bytes().count(b"\n")


def _reactions(terminal: Terminal, count: int) -> tuple[list[float], list[float]]:
    """Return the seconds from a key to its effect: a pause of the log, a change of mode."""
    pauses, modes = [], []
    for _ in range(count):
        _wait_a_moment()
        pressed = terminal.press(b" ")
        pauses.append(terminal.until(b"PAUSED") - pressed)
        terminal.press(b" ")
        _wait_a_moment()
        pressed = terminal.press(b"2")
        modes.append(terminal.until(b"Checks") - pressed)
        terminal.press(b"3")
        terminal.until(b"photons")
    return pauses, modes


def _wait_a_moment() -> None:
    time.sleep(random.uniform(0.1, 0.4))  # noqa: S311 - a moment, not a secret


def with_images(folder: Path, bundle: Path | None) -> None:
    """Give the demonstration's run a pair of images of 4096 x 4096 pixels."""
    run = next(iter(bundles(folder, "reports")))
    target = run / "full_frame"
    shutil.rmtree(target, ignore_errors=True)
    if bundle is not None:
        shutil.copytree(bundle / "full_frame", target, copy_function=os.link)
        return
    target.mkdir()
    noise = np.random.default_rng(1)
    c = noise.gamma(0.3, 0.02, (EDGE, EDGE)).astype("<f4")
    for slow, fast in noise.integers(8, EDGE - 8, (400, 2)):
        y, x = np.mgrid[-6:7, -6:7]
        c[slow - 6 : slow + 7, fast - 6 : fast + 7] += np.exp(-(x * x + y * y) / 6)
    c.tofile(target / "c.bin")
    (c * np.float32(1.000001)).tofile(target / "py.bin")
    summary = {"shape": [EDGE, EDGE], "c": {"image": "c.bin"}, "py": {"image": "py.bin"}}
    (target / "summary.json").write_text(json.dumps(summary))


def measure_images(rounds: int, folder: Path, env: dict[str, str]) -> dict[str, object]:
    """Return the time to a picture and to the next one, for each way of drawing."""
    told: dict[str, object] = {"budget_s": 0.5}
    for way, token in WAYS.items():
        appears, first_cpu, pans, pan_cpu = [], [], [], []
        for _ in range(rounds):
            with app(folder, env | {"NBTUI_IMAGES": way}) as terminal:
                _open_run(terminal)
                cpu, pressed = terminal.cpu_s(), terminal.press(b"i")
                appears.append(terminal.until(token) - pressed)
                first_cpu.append(terminal.cpu_s() - cpu)
                time.sleep(2)  # the other views and the curves are being made
                terminal.press(b"+" * 40 + b"-" * 3)
                terminal.until_silent(b"1:1")
                cpu = terminal.cpu_s()
                keys = [SHIFT_RIGHT] * 8 + [SHIFT_LEFT] * 8
                pans += [_timed(terminal, key, token) for key in keys]
                pan_cpu.append((terminal.cpu_s() - cpu) / len(keys))
        told[way] = {
            "appears_s": spread(appears), "appears_cpu_s": spread(first_cpu),
            "pan_s": spread(pans), "pan_cpu_s": spread(pan_cpu),
        }  # fmt: skip
    return told


def _open_run(terminal: Terminal) -> None:
    terminal.until(b"Preflight")
    terminal.press(b"5")
    terminal.until_silent(b"CLEARED")
    terminal.press(b"\r")
    terminal.until_silent(b"Gates")


def _timed(terminal: Terminal, key: bytes, token: bytes) -> float:
    pressed = terminal.press(key)
    return terminal.until_silent(token) - pressed


def main() -> None:
    """Measure everything and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, help="a bundle whose full_frame/ is shown")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--only", choices=("help", "first_paint", "log", "images"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nbtui-app-", dir=_beside(given.bundle)) as made:
        root = Path(made)
        env = {**os.environ, "NBTUI_CACHE_DIR": str(root / "cache")}
        env |= {"NBTUI_LOCK_DIR": str(root / "locks")}
        env = {n: v for n, v in env.items() if n not in {"NO_COLOR", "NB_C_BIN", "TMUX", "STY"}}
        demo, log = root / "demo", root / "log"
        log.mkdir()
        subprocess.run(
            [NBTUI, "demo", str(demo)], env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        with_images(demo, given.bundle)
        ways: dict[str, Callable[[], dict[str, object]]] = {
            "help": lambda: measure_help(given.rounds * 2, env),
            "first_paint": lambda: measure_first_paint(given.rounds, demo, env),
            "log": lambda: measure_log(given.seconds, log),
            "images": lambda: measure_images(max(given.rounds // 3, 1), demo, env),
        }
        told = {name: way() for name, way in ways.items() if given.only in {None, name}}
    machine = {"cores": os.cpu_count(), "load": [round(n, 1) for n in os.getloadavg()]}
    print(json.dumps({"machine": machine, **told}, indent=2))  # noqa: T201


def _beside(bundle: Path | None) -> Path | None:
    """Return a folder on the bundle's disk: its images are linked, not copied."""
    return bundle.resolve().parent if bundle else None


if __name__ == "__main__":
    main()
