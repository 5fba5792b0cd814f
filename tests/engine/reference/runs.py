"""What a run of the C reference left behind."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Run:
    """One finished run of the reference, and the folder it wrote to."""

    exit_code: int
    stdout: str
    stderr: str
    folder: Path

    def data(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def sha256(self, name: str = "floatimage.bin") -> str:
        return hashlib.sha256(self.data(name)).hexdigest()

    def image(self) -> NDArray[np.float32]:
        return np.frombuffer(self.data("floatimage.bin"), "<f4")


Reference = Callable[..., Run]
"""Takes the words of a command line, and optionally the folder and the number of threads."""
