"""A live process that simulates on request: what a long-running PyTorch program sees.

It answers on a pipe of its own, one JSON object a line; its stdout stays free for whatever
the engine prints. Requests come on stdin, one JSON object a line, until end of file.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError, UsageError
from engine.startup import collector_at_rest

if TYPE_CHECKING:
    from torch import Tensor

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class Worker:
    """The experiment, ready to run again and again.

    Parameters
    ----------
    args
        nanoBragg arguments.
    device, dtype, threads
        Where and how to compute.
    """

    def __init__(
        self, args: Sequence[str], device: str, dtype: str, threads: int, *, compiled: bool
    ) -> None:
        # Imported here, so that the time they take can be told.
        begin = time.perf_counter()
        with collector_at_rest():
            import torch  # noqa: PLC0415

            from engine.experiment import Experiment  # noqa: PLC0415
            from engine.simulator import simulate  # noqa: PLC0415

        self.import_s = time.perf_counter() - begin
        try:
            torch.empty(0, device=device)
        except (RuntimeError, AssertionError) as error:
            reason = str(error).splitlines()[0]
            raise UsageError(
                f"this device is not available: {reason}", where=f"--device {device}"
            ) from error
        torch.set_num_threads(threads)
        self._torch = torch
        self._experiment = Experiment.from_args(list(args))
        self._device = device
        self._dtype = torch.float64 if dtype == "float64" else torch.float32
        self._simulate = simulate
        self._compile = compiled or None
        self.compile_s = 0.0
        if compiled:
            from engine.simulator import render  # noqa: PLC0415

            # Once, untimed by the rounds: what compiling takes is reported apart.
            table = self._experiment.structure_factors.load()
            first = render(self._experiment, table, device=device, dtype=self._dtype, compile=True)
            self.compile_s = first.compile_s
        self._image: Tensor | None = None

    def ready(self) -> dict[str, object]:
        """Return the versions in use and what the import took."""
        return {
            "torch": self._torch.__version__,
            "import_s": self.import_s,
            "compiled": bool(self._compile),
            "compile_s": self.compile_s,
            "torch_threads": self._torch.get_num_threads(),
        }

    def simulate(self) -> dict[str, object]:
        """Simulate once; the time is the call's alone, with the device synchronised."""
        self._synchronise()
        begin = time.perf_counter()
        image = self._simulate(
            self._experiment, device=self._device, dtype=self._dtype, compile=self._compile
        )
        self._synchronise()
        seconds = time.perf_counter() - begin
        self._image = image
        return {"seconds": seconds}

    def write(self, path: str) -> dict[str, object]:
        """Write the last image as float32; the time includes the copy from the device."""
        if self._image is None:
            raise RuntimeError("nothing was simulated yet")
        begin = time.perf_counter()
        self._image.to(device="cpu", dtype=self._torch.float32).numpy().astype("<f4").tofile(path)
        return {
            "seconds": time.perf_counter() - begin,
            "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT,
        }

    def profile(self, path: str) -> dict[str, object]:
        """Simulate once more under the profiler and leave a Chrome trace; never timed.

        The profiler follows the thread that starts it: one thread shows every operation.
        """
        from torch.profiler import ProfilerActivity, profile  # noqa: PLC0415

        activities = [ProfilerActivity.CPU]
        if self._device != "cpu":
            activities.append(ProfilerActivity.CUDA)
        threads = self._torch.get_num_threads()
        self._torch.set_num_threads(1)
        try:
            with profile(activities=activities) as recorded:
                self._simulate(
                    self._experiment, device=self._device, dtype=self._dtype,
                    compile=self._compile,
                )  # fmt: skip
                self._synchronise()
        finally:
            self._torch.set_num_threads(threads)
        recorded.export_chrome_trace(path)
        return {"bytes": Path(path).stat().st_size}

    def _synchronise(self) -> None:
        if self._device != "cpu":
            self._torch.cuda.synchronize()


def _said(error: Exception) -> str:
    """Return an error in one line; those that are meant for people speak for themselves."""
    return str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"


def serve(
    worker: Worker, requests: Sequence[str] | Any, answer: Callable[[Mapping[str, object]], None]
) -> None:
    """Answer requests until there are no more."""
    actions: Mapping[str, Callable[..., dict[str, object]]] = {
        "simulate": worker.simulate,
        "write": worker.write,
        "profile": worker.profile,
    }
    for line in requests:
        request = json.loads(line)
        try:
            answer({"ok": True, **actions[request.pop("do")](**request)})
        except Exception as error:
            # Whatever it is, the other side must know.
            answer({"ok": False, "error": _said(error)})


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point: options of the benchmark, then ``--`` and nanoBragg arguments."""
    parser = argparse.ArgumentParser(prog="engine.benchmark.worker")
    parser.add_argument("--reply", type=int, required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compile", action="store_true", dest="compiled")
    words = list(sys.argv[1:] if argv is None else argv)
    split = words.index("--")
    options = parser.parse_args(words[:split])
    with os.fdopen(options.reply, "w", buffering=1) as pipe:

        def answer(message: Mapping[str, object]) -> None:
            pipe.write(json.dumps(message) + "\n")

        try:
            worker = Worker(
                words[split + 1 :], options.device, options.dtype, options.threads,
                compiled=options.compiled,
            )  # fmt: skip
        except Exception as error:
            # Whatever it is, the other side must know.
            answer({"ok": False, "error": _said(error)})
            return 1
        answer({"ok": True, **worker.ready()})
        serve(worker, sys.stdin, answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
