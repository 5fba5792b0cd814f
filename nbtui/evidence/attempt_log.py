"""``attempt_failed.log``: a header, then the failing stage's raw output, byte for byte."""

import shlex
from collections.abc import Iterator

from nbtui.evidence.facts import RunFacts
from nbtui.evidence.safe import open_inside

_RULE = "-" * 72
_BLOCK = 1 << 20


def render(facts: RunFacts) -> Iterator[bytes]:
    """Yield the record of the failed attempt in blocks: a log may be larger than memory.

    The output is not decoded, cut or cleaned: it is the evidence. Look at it with a pager
    that shows control characters.
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
        f"log: {stage.log} (the bytes below)",
        _RULE,
        "",
    ]
    yield "\n".join(header).encode("utf-8", "backslashreplace")
    yield from _raw(facts, stage.log)


def _raw(facts: RunFacts, log: str) -> Iterator[bytes]:
    if not log:
        return
    try:
        with open_inside(facts.bundle, log) as stream:
            yield from iter(lambda: stream.read(_BLOCK), b"")
    except OSError as error:
        yield f"(the log cannot be read: {error.strerror or error})\n".encode()
