"""The benchmark's end of the live process (:mod:`engine.benchmark.worker`)."""

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.parity import runner
from engine.parity.errors import RunnerError
from engine.parity.signals import held_back

_WHO = "the PyTorch worker"


class WarmProcess:
    """A live worker that is asked to simulate.

    Parameters
    ----------
    process
        The running worker.
    replies
        Read end of its reply pipe.
    stderr
        Its log, for the words of a failure.
    timeout_s
        Longest wait for one answer.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], replies: int, stderr: Path, timeout_s: float
    ) -> None:
        self._process = process
        self._replies = replies
        self._buffer = b""
        self._stderr = stderr
        self._timeout_s = timeout_s

    def ask(self, **request: object) -> dict[str, Any]:
        """Send a request and return the answer.

        Raises
        ------
        RunnerError
            The worker failed, ended, or did not answer in time.
        """
        self.tell(**request)
        return self.answer()

    def tell(self, **request: object) -> None:
        """Send a request, whose answer is to be taken later; see :meth:`ask`."""
        if self._process.stdin is None:
            raise RunnerError("takes no requests", where=_WHO)
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._lost("ended") from error

    def answer(self) -> dict[str, Any]:
        """Return the next answer; see :meth:`ask`."""
        deadline = time.monotonic() + self._timeout_s
        while b"\n" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._replies], [], [], left)[0]:
                raise self._lost(f"gave no answer in {self._timeout_s:g} s")
            chunk = os.read(self._replies, 65536)
            if not chunk:
                raise self._lost("ended")
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        if not message.pop("ok"):
            raise RunnerError(str(message["error"]), where=_WHO, fix=f"read {self._stderr}")
        return message

    def _lost(self, how: str) -> RunnerError:
        last = runner.tail(self._stderr) or "nothing on stderr"
        return RunnerError(f"{how}: {last}", where=_WHO, fix=f"read {self._stderr}")


@contextlib.contextmanager
def warm_process(
    argv: Sequence[str],
    *,
    folder: Path,
    log: Path,
    timeout_s: float,
    environment: Mapping[str, str],
    options: Sequence[str],
    args: Sequence[str],
) -> Iterator[tuple[WarmProcess, dict[str, Any]]]:
    """Start a worker and wait until it is ready; it is gone afterwards.

    Parameters
    ----------
    argv
        The worker's program.
    folder
        Its current folder, empty.
    log
        Receives its stdout and stderr.
    timeout_s
        Longest wait for one answer, the first included.
    environment
        Variables in addition to the inherited ones.
    options
        Device, dtype and threads.
    args
        nanoBragg arguments.

    Yields
    ------
    tuple
        The process and what it said when ready.
    """
    words = [*argv, "--reply", "{reply}", *options, "--", *args]
    process: subprocess.Popen[bytes] | None = None
    replies: int | None = None
    try:
        with held_back():
            process, replies = _start(words, folder, log, {**os.environ, **environment})
        worker = WarmProcess(process, replies, log, timeout_s)
        yield worker, worker.answer()
    finally:
        if process is not None:
            _end(process)
        if replies is not None:
            os.close(replies)


def _start(
    words: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    read_end, write_end = os.pipe()
    argv = [str(write_end) if word == "{reply}" else word for word in words]
    try:
        with log.open("wb") as stream:
            process = subprocess.Popen(
                argv,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=stream,
                stderr=stream,
                pass_fds=(write_end,),
                env=environment,
                start_new_session=True,
            )
    except OSError as error:
        os.close(read_end)
        raise RunnerError(f"cannot be started ({error.strerror})", where=_WHO) from error
    finally:
        os.close(write_end)
    return process, read_end


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the worker: by the end of its requests, else by force, with all it started."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=runner.GRACE_S)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
