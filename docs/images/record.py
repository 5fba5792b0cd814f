"""Record ``demo.cast``: a whole demonstration in the app, as asciinema plays it.

Run it from the repository's root, in the development environment::

    python docs/images/record.py
    asciinema play docs/images/demo.cast

The run is real; only the folder of this machine's environment is written as another one.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pexpect

CAST = Path(__file__).with_name("demo.cast")
SIZE = (24, 80)
"""Lines and columns."""
PATIENCE_S = 120
LONGEST_PAUSE_S = 1.5
"""Waiting is cut to this in the recording."""
PAUSE_S = 1.2
KEYS = (
    ("CLEARED", "4"), ("Outcome", "i"), ("full_frame", "v"), ("port", "v"), ("difference", "o"),
    ("○", "w"), ("h k l", "\x1b"), ("Outcome", "5"), ("Runs", "6"), ("Signature", "q"),
)  # fmt: skip
"""What is waited for on the screen, and the key that is pressed then."""


def record(folder: Path) -> list[tuple[float, str]]:
    """Return what the terminal was sent, with times in seconds."""
    env = {n: v for n, v in os.environ.items() if not n.startswith("NB_")}
    env |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    env["NBTUI_IMAGES"] = "half-block"  # a question recorded is asked again wherever it is played
    words = ["-m", "nbtui", "demo", str(folder)]
    child = pexpect.spawn(sys.executable, words, dimensions=SIZE, env=env, timeout=PATIENCE_S)
    heard: list[tuple[float, str]] = []
    begun = time.monotonic()

    def listen(seconds: float, wanted: str = "") -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                data = child.read_nonblocking(65536, timeout=0.1).decode("utf-8", "replace")
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                return
            heard.append((time.monotonic() - begun, data))
            if wanted and wanted in data:
                return

    for wanted, key in KEYS:
        listen(PATIENCE_S if wanted == "CLEARED" else 10 * PAUSE_S, wanted)
        listen(PAUSE_S)
        child.send(key)
    listen(PAUSE_S)
    child.close(force=True)
    return heard


def paced(heard: list[tuple[float, str]]) -> list[list[object]]:
    """Return asciicast events; pauses are cut, this machine's environment is renamed."""
    lines: list[list[object]] = []
    now = last = 0.0
    for moment, text in heard:
        now += min(moment - last, LONGEST_PAUSE_S)
        last = moment
        lines.append([round(now, 3), "o", text.replace(sys.prefix, "/home/ada/.venv")])
    return lines


def main() -> None:
    """Write the recording."""
    folder = Path(tempfile.gettempdir()) / "nbtui-demo"
    shutil.rmtree(folder, ignore_errors=True)
    events = paced(record(folder))
    shutil.rmtree(folder, ignore_errors=True)
    head = {"version": 2, "width": SIZE[1], "height": SIZE[0], "title": "nbtui demo"}
    CAST.write_text("\n".join(json.dumps(line) for line in (head, *events)) + "\n")


if __name__ == "__main__":
    main()
