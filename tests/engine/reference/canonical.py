"""The specification's 55 small cases (14.4), and the files they read (14.2).

``canonical_cases.json`` holds the hashes of the original program's float image, of its
integer and noise images (first 16 digits), and lines of its report.
"""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("canonical_cases.json").read_text(encoding="utf-8")
)
INPUT_HASHES = {
    "grid8.hkl": "a538d7e1d4a952433359a6a120fdc239fbdeda72dd22578166989477f22e3195",
    "sparse.hkl": "dab3f30070cc62c6144dbf21ed2137a1f74aebba2761029bfa7609b918ea6e78",
    "A.mat": "1d392f9f7b5c596fa6624054c5d63c5eca455f92e6cafa592949524dea5b40f7",
    "src.txt": "903c77011d97145a9ba44d23ceaebc9f3ba48053fce964b68b3247f4177903e7",
    "mask.img": "2bad26435e24ef10ef177c7dde96e53c8e88ed889eea3d25efec4445962fa506",
}
"""SHA-256 of the input files as the specification gives them (14.2)."""


def _grid() -> bytes:
    span = range(-8, 9)
    rows = [
        f"{h} {k} {l} {50 + 40 * math.cos(0.7 * h + 1.1 * k - 0.4 * l):.4f}\n"
        for h in span
        for k in span
        for l in span  # noqa: E741 - the index is called l
    ]
    return "".join(rows).encode()


def _mask() -> bytes:
    header = (
        "{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\n"
        "SIZE1=64;\nSIZE2=48;\nPIXEL_SIZE=0.1;\nDISTANCE=150;\nWAVELENGTH=1.1;\n"
        "BEAM_CENTER_X=2.5;\nBEAM_CENTER_Y=2.0;\nPHI=3;\nOSC_RANGE=1;\nTWOTHETA=10;\n"
        "ORGX=4;\nORGY=5;\n}\f"
    )
    pixels = np.ones((48, 64), "<u2")
    pixels[10:20, 5:30] = 0
    return header.encode().ljust(512) + pixels.tobytes()


def write_inputs(folder: Path) -> None:
    """Write the input files and make sure that they are the specification's."""
    contents = {
        "grid8.hkl": _grid(),
        "sparse.hkl": b"0 0 0 100\n1 0 0 50\n0 1 0 25\n0 0 1 30\n1 1 0 12.5\n2 0 0 200\n"
        b"0 2 0 150\n0 -1 2 77\n",
        "A.mat": b"0.01 0.002 0.001\n-0.0015 0.011 0.0005\n0.0004 -0.0007 0.0125\n",
        "src.txt": b"-10 0 0 1 1e-10\n-10 0.01 0 5 1.01e-10\n-10 0 0.02\n",
        "mask.img": _mask(),
    }
    for name, data in contents.items():
        assert hashlib.sha256(data).hexdigest() == INPUT_HASHES[name]
        (folder / name).write_bytes(data)


def words(case: dict[str, Any], inputs: Path) -> list[str]:
    """Return a case's command line, its input files where `write_inputs` put them."""
    named = [str(inputs / word) if word in INPUT_HASHES else word for word in case["args"]]
    return ["-noprogress", "-seed", "1", *named]
