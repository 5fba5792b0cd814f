"""Compiled kernels: built once for each variant and machine, and kept for later processes.

torch's ahead-of-time compiler makes a library of a variant (`fused.Variant`). Building it takes
the better part of a minute and a C++ compiler, loading it a hundredth of a second, without the
compiler's own modules. It is built in a process of its own: that one holds the compiler's memory
and settings, and this one only the result.
"""

import hashlib
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs
import torch
from torch import Tensor

from engine.errors import EngineError
from engine.kernel.fused import INPUTS, Variant, axes, constants
from engine.kernel.pixel import Job
from engine.kernel.scene import Scene

BUILD_LIMIT_S = 3600
_MODEL = "model"


class CompileError(EngineError):
    """The kernel cannot be compiled."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A variant ready to run.

    Parameters
    ----------
    run
        Takes the image of a tile and the fused kernel's arguments.
    built_s
        Seconds that building it took just now; 0 when it was found.
    """

    run: Any
    built_s: float


def cache_folder() -> Path:
    """Return where compiled kernels are kept."""
    return platformdirs.user_cache_path("nanobragg") / "kernels"


def compiled(variant: Variant) -> Compiled:
    """Return a compiled variant, built if it was never before.

    Raises
    ------
    CompileError
        When it cannot be built.
    """
    path = cache_folder() / f"{_key(variant)}.pt2"
    built_s = 0.0
    if not path.is_file():
        begin = time.perf_counter()
        _build(variant, path)
        built_s = time.perf_counter() - begin
    return Compiled(_load(path), built_s)


@lru_cache(maxsize=32)
def _load(path: Path) -> Any:
    try:
        return torch._C._aoti.AOTIModelPackageLoader(str(path), _MODEL, False, 1, -1).run
    except (AttributeError, TypeError):
        # The public way, which also imports the compiler.
        from torch._inductor import aoti_load_package  # noqa: PLC0415

        model = aoti_load_package(str(path))
        return lambda tensors: model(*tensors)


def _key(variant: Variant) -> str:
    """Return a name for what a variant compiles to on this machine."""
    digest = hashlib.sha256(variant.to_json().encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    for word in (torch.__version__, sys.version, platform.machine(), _processor()):
        digest.update(word.encode() + b"\0")
    return digest.hexdigest()[:32]


@lru_cache(maxsize=1)
def _processor() -> str:
    """Return what tells processors with different instructions apart."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() + torch.backends.cpu.get_cpu_capability()
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")


def _build(variant: Variant, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".build-") as folder:
            made = Path(folder, "kernel.pt2")
            words = [sys.executable, "-m", "engine.kernel.build", variant.to_json(), str(made)]
            done = subprocess.run(
                words, capture_output=True, text=True, timeout=BUILD_LIMIT_S, check=False
            )
            if done.returncode != 0 or not made.is_file():
                last = done.stderr.strip().splitlines() or ["no message"]
                raise CompileError(
                    f"the kernel cannot be compiled ({last[-1]})", where="--compile",
                    fix="install a C++ compiler, or leave --compile out",
                )  # fmt: skip
            made.replace(path)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CompileError(f"the kernel cannot be compiled ({error})", where="--compile") from error


class Runner:
    """Renders tiles of a scene with compiled kernels.

    Parameters
    ----------
    scene
        What to compute.
    kernels
        By whether structure factors are interpolated.
    """

    def __init__(self, scene: Scene, kernels: dict[bool, Compiled]) -> None:
        self.scene, self.kernels = scene, kernels
        self._constants = constants(scene)

    def takes(self, job: Job) -> bool:
        """Whether a job needs nothing that only the eager kernel does."""
        whole = job.interpolated == 0 or job.interpolated >= self.scene.paths
        return whole and job.first_path is None and (job.interpolated > 0) in self.kernels

    def render(self, job: Job, image: Tensor) -> None:
        """Write the photons of a tile into an image of shape ``[slow, fast]``."""
        tile = job.tile
        part = image[tile.slow, tile.fast]
        out = part if part.is_contiguous() else torch.empty_like(part)
        given = self._constants | axes(self.scene.camera, tile)
        self.kernels[job.interpolated > 0].run([out, *(given[name] for name in INPUTS)])
        if self.scene.mask is not None:
            out.mul_(self.scene.mask[tile.slow, tile.fast])
        if out is not part:
            part.copy_(out)
