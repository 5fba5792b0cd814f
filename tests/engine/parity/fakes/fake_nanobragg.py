"""A stand-in for a simulator: prints nanoBragg's console report, writes a float image.

``FAULT`` (environment-free: written into the wrapper that starts it) selects what goes wrong.
"""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

REPORT = (Path(__file__).parent / "report.txt").read_text(encoding="ascii")


def value(args: list[str], flag: str, default: str) -> str:
    found = [args[i + 1] for i, word in enumerate(args[:-1]) if word == flag]
    return found[-1] if found else default


def pattern(slow: int, fast: int) -> NDArray[np.float32]:
    """Return smooth spots on a slanted lattice, no two equally strong."""
    y, x = np.mgrid[0:slow, 0:fast].astype(np.float64)
    spots = np.cos(0.41 * x + 0.06 * y) * np.cos(0.35 * y - 0.02 * x)
    envelope = np.exp(-(((x - 0.37 * fast) / fast) ** 2) - ((y - 0.61 * slow) / slow) ** 2)
    image: NDArray[np.float32] = (spots**4 * envelope + 1e-6).astype(np.float32)
    return image


def disturbed(image: NDArray[np.float32], fault: str) -> NDArray[np.float32]:
    match fault.split(":"):
        case ["scale", factor]:
            return (image * float(factor)).astype(np.float32)
        case ["nan"]:
            image[3, 5] = np.nan
        case ["transpose"]:
            return np.ascontiguousarray(image.T)
        case ["noise"]:
            noise = np.random.default_rng(1).standard_normal(image.shape)
            return (image * (1 + 1e-7 * noise)).astype(np.float32)
        case ["unrelated"]:
            return np.random.default_rng(2).random(image.shape, dtype=np.float32)
    return image


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
    data = disturbed(pattern(slow, fast), fault).astype("<f4").tobytes()
    target.write_bytes(data[:-4] if fault == "truncated" else data)
    Path("leftover.img").write_bytes(b"written to the current folder")
    return 0
