"""``nbtui log``: the log of a stage, or what of it came through stderr."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click

from nbtui.commands.options import print_json
from nbtui.errors import BundleError
from nbtui.evidence.safe import open_inside
from nbtui.evidence.streams import Stream, Told
from nbtui.evidence.text import printable
from nbtui.exit_codes import ExitCode
from nbtui.store import RunState, StageState, read

_PIECE = 1 << 20
"""Bytes of a line that are held at once."""
_MARK = "▎"


def show(bundle: Path, step: str, *, stderr: bool, mark: bool, as_json: bool) -> int:
    """Print the log of a stage; return 5 where ``stderr`` is asked for and nothing is told apart.

    To a file or a pipe go the very bytes, to a terminal text that cannot steer it.

    Parameters
    ----------
    bundle
        The run.
    step
        The stage's id or the beginning of it; empty for the one that failed, else the last one.
    stderr
        Print only what is known to have come through stderr.
    mark
        Put a mark before each line that did.
    as_json
        Print what is known of the log instead of the log.

    Raises
    ------
    BundleError
        There is no log, or it cannot be read.
    click.UsageError
        There is no such stage.
    """
    stage = _stage(read(bundle), step)
    told = stage.streams
    known = False
    try:
        with open_inside(bundle, stage.log) as log:
            if as_json:
                print_json(_record(bundle, stage, log))
            else:
                known = bool(told.spans) or not log.seek(0, os.SEEK_END)
                log.seek(0)
                _write(_stderr(log, told) if stderr else _marked(log, told) if mark else _all(log))
    except BrokenPipeError:
        raise  # nobody reads on: it is not the log that fails
    except OSError as error:
        text = f"the log cannot be read: {error.strerror or error}"
        raise BundleError(text, where=str(bundle / stage.log)) from error
    if as_json or not (stderr or mark):
        return int(ExitCode.CLEARED)
    click.echo(_remark(stage), err=True)
    return int(ExitCode.CLEARED if known or not stderr else ExitCode.NOTHING_TO_DO)


def _stage(state: RunState, step: str) -> StageState:
    logged = [s for s in state.stages if s.log]
    if step:
        logged = [s for s in logged if s.step_id == step] or [
            s for s in logged if s.step_id.startswith(step)
        ]
    failing = state.blocker.where if state.blocker is not None and not step else ""
    chosen = [s for s in logged if s.step_id == failing] or logged[-1:]
    if chosen and not (step and len(logged) > 1):
        return chosen[0]
    known = ", ".join(s.step_id for s in state.stages if s.log)
    if step and known:
        raise click.UsageError(f"no one stage {step} with a log; --step one of {known}")
    raise BundleError("no stage has a log", where=state.bundle.name, fix="nbtui status")


def _record(bundle: Path, stage: StageState, log: BinaryIO) -> dict[str, object]:
    return {
        "stamp": bundle.name,
        "step": stage.step_id,
        "log": stage.log,
        "bytes": log.seek(0, os.SEEK_END),
        "spans": stage.streams.spans,
        "why_not": stage.streams.why_not,
    }


def _remark(stage: StageState) -> str:
    told = stage.streams
    if told.why_not:
        return printable(f"stdout and stderr are not told apart: {told.why_not}")
    if not told.spans:
        return f"nothing of {stage.log} is recorded as having come through stderr"
    count = {s: sum(p.end - p.start for p in told.spans if p.stream is s) for s in Stream}
    return f"{stage.log}: " + ", ".join(f"{n} bytes {s.value}" for s, n in count.items())


def _all(log: BinaryIO) -> Iterator[bytes]:
    yield from iter(lambda: log.readline(_PIECE), b"")


def _stderr(log: BinaryIO, told: Told) -> Iterator[bytes]:
    for span in told.stderr:
        log.seek(span.start)
        left = span.end - span.start
        while left and (data := log.readline(min(left, _PIECE))):
            left -= len(data)
            yield data


def _marked(log: BinaryIO, told: Told) -> Iterator[bytes]:
    start, begins = 0, True
    for piece in _all(log):
        if begins:
            whole = len(piece) < _PIECE or piece.endswith(b"\n")
            marked = whole and told.is_stderr(start, start + len(piece))
            yield f"{_MARK if marked else ' '} ".encode()
        start, begins = start + len(piece), piece.endswith(b"\n")
        yield piece


def _write(pieces: Iterator[bytes]) -> None:
    safe = sys.stdout.isatty()
    for piece in pieces:
        text = printable(piece.decode("utf-8", "backslashreplace")).encode() if safe else piece
        sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()
