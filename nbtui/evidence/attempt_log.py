"""``attempt_failed.log``: a header, then the failing stage's raw output, byte for byte."""

import os
import shlex
from collections.abc import Iterator

from nbtui.evidence.facts import RunFacts
from nbtui.evidence.safe import open_inside

_RULE = "-" * 72
_BLOCK = 1 << 20


def render(facts: RunFacts, most: int | None = None) -> Iterator[bytes]:
    """Yield the record of the failed attempt in blocks: a log may be larger than memory.

    The output is not decoded or cleaned: it is the evidence. Look at it with a pager that
    shows control characters.

    Parameters
    ----------
    facts
        The run.
    most
        Only the last so many bytes of the output, where a copy of all of it finds no room.
    """
    stage = facts.failing
    header = [
        f"run: {facts.stamp}",
        f"reason: {facts.blocker.reason if facts.blocker else 'unknown'}",
    ]
    if stage is None:
        header.append("no stage was started: nothing was run")
        yield "\n".join([*header, _RULE, ""]).encode("utf-8", "backslashreplace")
        return
    outcome = stage.outcome
    header += [
        f"stage: {stage.step.id}",
        f"argv: {shlex.join(stage.argv)}",
        f"cwd: {stage.cwd}",
        *(f"env: {name}={value}" for name, value in sorted(stage.env.items())),
        f"started: {outcome.started if outcome else 'unknown'}",
        f"wall_s: {outcome.wall_s if outcome else 'unknown'}",
        f"exit: {outcome.exit_code if outcome else 'unknown'}",
        f"signal: {outcome.signal if outcome else 'unknown'}",
        f"log: {stage.log} ({'the' if most is None else f'its last {most}'} bytes below)",
        _RULE,
        "",
    ]
    yield "\n".join(header).encode("utf-8", "backslashreplace")
    yield from _raw(facts, stage.log, most)


def _raw(facts: RunFacts, log: str, most: int | None) -> Iterator[bytes]:
    if not log:
        return
    try:
        with open_inside(facts.bundle, log) as stream:
            if most is not None:
                stream.seek(max(stream.seek(0, os.SEEK_END) - most, 0))
            yield from iter(lambda: stream.read(_BLOCK), b"")
    except OSError as error:
        yield f"(the log cannot be read: {error.strerror or error})\n".encode()
