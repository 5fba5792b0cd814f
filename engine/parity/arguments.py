"""nanoBragg's command line as the parity tools need it: outputs, inputs, silent physics.

The matching rules are the program's own (specification 3.1): most flags match by containing
their keyword, some only as the exact token, operands are not skipped by the scanner, and the
last occurrence wins.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.parity.errors import ImageError, UsageError
from engine.parity.images import sha256_file

_OUTPUT_KEYS = (
    "-floatfile",
    "-floatimage",
    "-intfile",
    "-intimage",
    "-pgmfile",
    "-pgmimage",
    "-noisefile",
    "-noiseimage",
)
_INPUT_KEYS = ("-hkl", "-mat", "-sourcefile", "-img", "-mask", "-dump")
_INPUT_TOKENS = ("-stol", "-4stol", "-Q")
_ENGINE_WITH_OPERAND = ("--device", "--dtype", "--threads", "--timings")
_ENGINE_SWITCHES = ("--show-config", "--debug")


@dataclass(frozen=True, slots=True)
class PreparedArguments:
    """Forwarded arguments made safe to run from an empty folder.

    Attributes
    ----------
    physics
        nanoBragg arguments without output files; input paths absolute.
    engine
        Options only the port understands (``--device cpu``).
    notes
        What was taken out or changed, one sentence each.
    """

    physics: tuple[str, ...]
    engine: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def prepare(args: Sequence[str], folder: Path) -> PreparedArguments:
    """Take the output files out of ``args`` and make its input paths absolute.

    Parameters
    ----------
    args
        Arguments as the user forwarded them.
    folder
        Folder that relative input paths start from.

    Raises
    ------
    UsageError
        An output flag is followed by another flag instead of a file name.
    ImageError
        A named input file does not exist.
    """
    words, engine = _split_engine_options(args)
    kept: list[str] = []
    notes = [f"{' '.join(engine)} went to the port only"] if engine else []
    writes_cache = any("-hkl" in w for w in words if w.startswith("-"))
    skip = False
    for index, word in enumerate(words):
        if skip:
            skip = False
            continue
        operand = words[index + 1] if index + 1 < len(words) else None
        if _is_output(word) or (writes_cache and word.startswith("-") and "-dump" in word):
            notes.append(_removed(word, operand))
            skip = operand is not None
        elif operand is not None and names_input(word):
            kept += [word, _absolute(word, operand, folder)]
            skip = True
        else:
            kept.append(word)
    return PreparedArguments(tuple(kept), engine, tuple(notes))


def without_outputs(args: Sequence[str]) -> tuple[str, ...]:
    """Return ``args`` without output flags, their files and the port's own options.

    What is left says which experiment is simulated; where the image goes does not.
    """
    words, _ = _split_engine_options(args)
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif _is_output(word):
            skip = True
        else:
            kept.append(word)
    return tuple(kept)


def names_input(word: str) -> bool:
    """Whether the token after ``word`` is a file that nanoBragg reads."""
    contains = word.startswith("-") and any(key in word for key in _INPUT_KEYS)
    return contains or word in _INPUT_TOKENS


def names_structure_factors(args: Sequence[str]) -> bool:
    """Whether the arguments name a reflection list or a cache of one."""
    return any(w.startswith("-") and ("-hkl" in w or "-dump" in w) for w in args)


def _split_engine_options(args: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    words: list[str] = []
    engine: list[str] = []
    rest = iter(args)
    for word in rest:
        if word in _ENGINE_WITH_OPERAND:
            engine += [word, next(rest, "")]
        elif word in _ENGINE_SWITCHES:
            engine.append(word)
        else:
            words.append(word)
    return words, tuple(engine)


def _is_output(word: str) -> bool:
    return word.startswith("-") and any(key in word for key in _OUTPUT_KEYS)


def _removed(word: str, operand: str | None) -> str:
    if operand is not None and operand.startswith("-"):
        raise UsageError(
            f"{word} is followed by {operand}, not by a file name",
            where="forwarded arguments",
            fix=f"leave {word} out: the images go to --outdir",
        )
    target = f" {operand}" if operand else ""
    return f"{word}{target} was replaced: nothing is written outside --outdir"


def _absolute(word: str, operand: str, folder: Path) -> str:
    path = folder / Path(operand).expanduser()
    if not path.is_file():
        raise ImageError(
            f"no such file for {word}", where=operand, fix="give the path of an existing file"
        )
    return str(path.resolve())


# Physics that the console report does not tell (specification 3.4 against 12.2), with the
# program's defaults: (name, keyword, exact token, operands, default).
_SILENT: tuple[tuple[str, str, bool, int, str], ...] = (
    ("polarization", "-polar", True, 1, "0"),
    ("dmin_A", "-dmin", False, 1, "0"),
    ("water_um", "-water", False, 1, "0"),
    ("fudge", "-fudge", False, 1, "1"),
    ("mosaic_seed", "-mosaic_seed", False, 1, "12345678"),
)
_SWITCHES: tuple[tuple[str, dict[str, str], str], ...] = (
    ("curved_detector", {"-curved_det": "on"}, "off"),
    ("point_pixel", {"-point_pixel": "on"}, "off"),
    ("divergence_shape", {"-round_div": "round", "-square_div": "square"}, "round"),
    ("corrected", {"-corrected": "on"}, "off"),
    ("exact_cell", {"--exact-cell": "on"}, "off"),
)
_REAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def c_real(text: str) -> float:
    """Return what C's ``atof`` reads: the longest valid prefix, 0 for garbage."""
    match = _REAL.match(text.strip())
    return float(match.group()) if match else 0.0


def silent_physics(args: Sequence[str]) -> dict[str, str]:
    """Return the physics that only the arguments tell, effective defaults included.

    Missetting angles are given only when the arguments name them; their effect is also in
    the cell vectors the report prints. Input files are given by content, not by path.
    """
    words, _ = _split_engine_options(args)
    values = {name: default for name, _, _, _, default in _SILENT}
    values |= {name: default for name, _, default in _SWITCHES}
    for word, operands in _flags(words):
        _read_silent(word, operands, values)
        for name, meanings, _ in _SWITCHES:
            for key, meaning in meanings.items():
                if key in word:
                    values[name] = meaning
        if names_input(word) and operands:
            values[f"file {_input_key(word)}"] = _content(Path(operands[0]))
    if "file -hkl" in values:
        values.pop("file -dump", None)  # then the cache is written, never read (4.2)
    return values


def _input_key(word: str) -> str:
    return next((key for key in _INPUT_KEYS if key in word), word)


def _content(path: Path) -> str:
    return sha256_file(path)[:16] if path.is_file() else "missing"


def _flags(words: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    for index, word in enumerate(words):
        if word.startswith("-"):
            yield word, words[index + 1 :]


def _read_silent(word: str, operands: Sequence[str], values: dict[str, str]) -> None:
    if "-nopolar" in word:
        values["polarization"] = "off"
    if "-misset" in word:
        _read_misset(word, operands, values)
    for name, key, exact, count, _ in _SILENT:
        if (word == key if exact else key in word) and len(operands) >= count:
            values[name] = f"{c_real(operands[0]):.10g}"


def _read_misset(word: str, operands: Sequence[str], values: dict[str, str]) -> None:
    if "-misset_seed" in word and operands:
        values["misset_seed"] = f"{int(c_real(operands[0]))}"
    if operands and "rand" in operands[0]:
        values["misset_deg"] = "random"
    elif len(operands) >= 3:
        values["misset_deg"] = " ".join(f"{c_real(o):.10g}" for o in operands[:3])
