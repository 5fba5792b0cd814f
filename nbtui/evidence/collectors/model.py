"""What every collector gets and gives, and the rules by which a result file is believed."""

import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbtui.durable import StrictJsonError, load_json
from nbtui.evidence.records import Collected, Metric
from nbtui.memo.plan import Role, Step

MAX_RESULT_BYTES = 64 * 1024 * 1024
CLOCK_SLACK_S = 2.0
"""A file's time may lag the process clock (coarse time stamps, network file systems)."""
TOOL_SLACK_S = 0.01
"""A tool reads the same clock as whoever started it, and writes it in milliseconds."""


@dataclass(frozen=True, slots=True)
class Request:
    """A stage that has ended and whose results are to be read."""

    step: Step
    argv: tuple[str, ...]
    bundle: Path
    log: Path
    started: float
    """When the stage started, seconds since the epoch."""
    c_binary_sha256: str = ""
    golden_sha256: str = ""
    existed_before: bool = False
    """Whether the result file was there before the stage started."""


@dataclass(frozen=True, slots=True)
class Collector:
    """How the results of one role are found and read."""

    role: Role
    locate: Callable[[Sequence[str], Path], Path | None]
    """Return where a command line will put its result file (root for relative paths)."""
    read: Callable[[Request, Path], Collected]


class UnbelievableError(Exception):
    """A result file that is missing, old, elsewhere, damaged or contradicts itself."""


def option(argv: Sequence[str], name: str) -> str | None:
    """Return the value of ``--name VALUE`` or ``--name=VALUE`` before any ``--``."""
    words = list(argv[: argv.index("--")] if "--" in argv else argv)
    for index, word in enumerate(words):
        if word == name and index + 1 < len(words):
            return words[index + 1]
        if word.startswith(f"{name}="):
            return word.removeprefix(f"{name}=")
    return None


def in_outdir(file: str) -> Callable[[Sequence[str], Path], Path | None]:
    """Return a locator for ``<--outdir>/file``."""

    def locate(argv: Sequence[str], root: Path) -> Path | None:
        outdir = option(argv, "--outdir")
        return None if outdir is None else root / outdir / file

    return locate


def relative(path: Path, bundle: Path) -> str:
    """Return a path as the records name it: relative to the bundle where possible."""
    return str(path.relative_to(bundle)) if path.is_relative_to(bundle) else str(path)


def read_fresh(path: Path, request: Request) -> bytes:
    """Return the bytes of a result file this very stage wrote.

    Raises
    ------
    UnbelievableError
        When it is not there, not a regular file inside the bundle, empty, too large, or
        older than the stage.
    """
    name = relative(path, request.bundle)
    try:
        real, info = path.resolve(strict=True), path.lstat()
    except OSError as error:
        raise UnbelievableError(f"no result file {name} ({error.strerror})") from error
    if not stat.S_ISREG(info.st_mode) or not real.is_relative_to(request.bundle.resolve()):
        raise UnbelievableError(f"{name} is not a regular file of this run's folder ({real})")
    if info.st_size == 0:
        raise UnbelievableError(f"{name} is empty")
    if info.st_size > MAX_RESULT_BYTES:
        raise UnbelievableError(f"{name} has {info.st_size} bytes, too many for a result file")
    if request.existed_before:
        raise UnbelievableError(f"{name} was there before the stage started: of another stage")
    if info.st_mtime < request.started - CLOCK_SLACK_S:
        age = request.started - info.st_mtime
        raise UnbelievableError(f"{name} is {age:.0f} s older than the stage: of another run")
    return path.read_bytes()


def read_tool_json(path: Path, request: Request, tool: str) -> dict[str, Any]:
    """Return the strict JSON object a tool of this project wrote.

    Raises
    ------
    UnbelievableError
        When it is no such object, of another schema or another tool.
    """
    name = relative(path, request.bundle)
    try:
        data = load_json(read_fresh(path, request))
    except StrictJsonError as error:
        raise UnbelievableError(f"{name} cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise UnbelievableError(f"{name} holds no JSON object")
    if data.get("schema") != 1 or data.get("tool") != tool:
        found = f"schema {data.get('schema')!r}, tool {data.get('tool')!r}"
        raise UnbelievableError(f"{name} is not the result of {tool}, schema 1 ({found})")
    if (age := _older_by_s(data.get("started"), request)) > TOOL_SLACK_S:
        raise UnbelievableError(
            f"{name} was made by a {tool} that started {age:.2f} s before the stage: of another run"
        )
    return data


def _older_by_s(started: object, request: Request) -> float:
    """Return how long before the stage a tool says it started; a copied file looks new."""
    if not isinstance(started, str):
        return 0.0
    try:
        return request.started - datetime.fromisoformat(started).timestamp()
    except ValueError:
        return 0.0


def tool_error(data: Mapping[str, Any], tool: str) -> str | None:
    """Return why a tool gave up, in its own words; ``None`` when it did not.

    What is missing from the result of a tool that gave up is a consequence, not the reason.
    """
    error = data.get("error")
    if not isinstance(error, str) or not error.strip():
        return None
    return f"{tool} gave up (exit code {data.get('exit_code')}): {error}"


def mapping(value: object) -> Mapping[str, Any]:
    """Return ``value`` when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def strings(value: object) -> dict[str, str]:
    """Return the pairs of a JSON object as strings."""
    return {str(k): str(v) for k, v in mapping(value).items()}


def unbelievable(request: Request, problem: str) -> Collected:
    """Return a collection that holds nothing but the reason it blocks."""
    return Collected(step_id=request.step.id, problems=(problem,))


def believed(
    request: Request,
    metrics: Sequence[Metric],
    problems: Sequence[str],
    *,
    parameter_hash: object,
    parameters: object = None,
) -> Collected:
    """Return what was read, with the problems that were seen on the way."""
    return Collected(
        step_id=request.step.id,
        metrics=tuple(metrics),
        parameter_hash=parameter_hash if isinstance(parameter_hash, str) else None,
        parameters=strings(parameters),
        problems=tuple(problems),
    )
