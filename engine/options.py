"""The engine's own options: exact words with two dashes, taken out before nanoBragg's flags."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from engine.errors import UsageError

Dtype = Literal["float32", "float64"]


@dataclass(frozen=True, slots=True)
class Options:
    """How to run, as opposed to what to simulate.

    Parameters
    ----------
    device, dtype
        Where and in which precision to compute.
    compile
        Whether to compile the kernel; None for when it pays.
    threads
        Threads torch may use; None leaves its own choice.
    show_config
        Print the effective experiment as JSON instead of simulating it.
    timings
        Where to write the phases' wall times as JSON.
    debug
        Show tracebacks.
    help, version
        Print and leave.
    """

    device: str = "cpu"
    dtype: Dtype = "float32"
    compile: bool | None = None
    threads: int | None = None
    show_config: bool = False
    timings: Path | None = None
    debug: bool = False
    help: bool = False
    version: bool = False


_DTYPES: dict[str, Dtype] = {"float32": "float32", "float64": "float64"}
_WITH_OPERAND = ("--device", "--dtype", "--threads", "--timings")
OPTION_WORDS = (
    *_WITH_OPERAND,
    "--compile",
    "--no-compile",
    "--show-config",
    "--debug",
    "--help",
    "--version",
)


def take_options(words: Sequence[str]) -> tuple[Options, list[str]]:
    """Split a command line into the engine's options and nanoBragg's words.

    Raises
    ------
    UsageError
        When an option lacks its operand or the operand makes no sense.
    """
    options = Options()
    rest: list[str] = []
    remaining = iter(words)
    for full in remaining:
        word, equals, inline = full.partition("=")
        if word in _WITH_OPERAND:
            operand = inline if equals else next(remaining, None)
            if not operand:
                raise UsageError("needs an operand", where=word)
            options = _with(options, word, operand)
        elif full == "--show-config":
            options = replace(options, show_config=True)
        elif full in ("--compile", "--no-compile"):
            options = replace(options, compile=full == "--compile")
        elif full == "--debug":
            options = replace(options, debug=True)
        elif full == "--help":
            options = replace(options, help=True)
        elif full == "--version":
            options = replace(options, version=True)
        else:
            rest.append(full)
    return options, rest


def _with(options: Options, word: str, operand: str) -> Options:
    if word == "--device":
        return replace(options, device=operand)
    if word == "--timings":
        return replace(options, timings=Path(operand))
    if word == "--dtype":
        if operand in _DTYPES:
            return replace(options, dtype=_DTYPES[operand])
        raise UsageError(f"expects float32 or float64, not {operand!r}", where=word)
    if not operand.isdecimal() or int(operand) < 1:
        raise UsageError(f"expects a positive whole number, not {operand!r}", where=word)
    return replace(options, threads=int(operand))
