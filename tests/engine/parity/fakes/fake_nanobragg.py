"""A stand-in for a simulator: prints nanoBragg's console report, writes a float image.

``FAULT`` (environment-free: written into the wrapper that starts it) selects what goes wrong.
It needs the standard library alone: tests start it some hundred times.
"""

import math
import os
import random
import signal
import sys
import time
from array import array
from pathlib import Path

Image = list[list[float]]
"""Rows of pixels."""
REPORT = (Path(__file__).parent / "report.txt").read_text(encoding="ascii")


def value(args: list[str], flag: str, default: str) -> str:
    found = [args[i + 1] for i, word in enumerate(args[:-1]) if word == flag]
    return found[-1] if found else default


def pattern(slow: int, fast: int) -> Image:
    """Return smooth spots on a slanted lattice, no two equally strong."""

    def pixel(y: int, x: int) -> float:
        spots = math.cos(0.41 * x + 0.06 * y) * math.cos(0.35 * y - 0.02 * x)
        envelope = math.exp(-(((x - 0.37 * fast) / fast) ** 2) - ((y - 0.61 * slow) / slow) ** 2)
        return spots**4 * envelope + 1e-6

    return [[pixel(y, x) for x in range(fast)] for y in range(slow)]


def disturbed(image: Image, fault: str) -> Image:
    match fault.split(":"):
        case ["scale", factor]:
            return [[v * float(factor) for v in row] for row in image]
        case ["nan"]:
            image[3][5] = math.nan
        case ["transpose"]:
            return [list(column) for column in zip(*image, strict=True)]
        case ["noise"]:
            noise = random.Random(1)  # noqa: S311 - a pattern, no secret
            return [[v * (1 + 1e-7 * noise.gauss()) for v in row] for row in image]
        case ["unrelated"]:
            other = random.Random(2)  # noqa: S311 - as above
            return [[other.random() for _ in row] for row in image]
    return image


def as_bytes(image: Image) -> bytes:
    """Return the pixels as a float image holds them."""
    return b"".join(array("f", row).tobytes() for row in image)


def run(args: list[str], fault: str) -> int:
    slow = int(value(args, "-detpixels_s", value(args, "-detpixels", "64")))
    fast = int(value(args, "-detpixels_f", value(args, "-detpixels", "64")))
    cells = value(args, "-N", "5" if fault == "default-N" else "1")
    if fault.startswith("grid:"):
        slow = fast = int(fault.removeprefix("grid:"))
    if fault == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if fault == "hang":
        time.sleep(600)
    if fault == "exit":
        sys.stderr.write("usage: nothing to simulate\n")
        return 9
    hkls = 173166 if fault == "fdump" or Path("Fdump.bin").exists() else 0
    wave = float(value(args, "-lambda", "1")) / 1e10
    if hkls:
        sys.stdout.write("reading Fs from Fdump.bin\n")
    if fault != "silent":
        size, size_s = fast * 5e-05, slow * 5e-05
        text = REPORT.format(
            hkls=hkls, cells=cells, wave=f"{wave:g}", size=size, size_s=size_s, fast=fast, slow=slow
        )
        sys.stdout.write(text)
    target = Path(value(args, "-floatfile", "floatimage.bin"))
    if fault == "no-image":
        return 0
    data = as_bytes(disturbed(pattern(slow, fast), fault))
    target.write_bytes(data[:-4] if fault == "truncated" else data)
    Path("leftover.img").write_bytes(b"written to the current folder")
    return 0
