"""The structure factors that a command line names (spec 4.1, 4.2, 5.7)."""

from pathlib import Path

from engine.arguments import Arguments
from engine.errors import MissingInputError
from engine.structure_factors import DEFAULT_CACHE, StructureFactors

_INTERPOLATE_UP_TO = 2


def resolve_factors(args: Arguments) -> StructureFactors:
    """Return where the amplitudes come from.

    Raises
    ------
    MissingInputError
        When there are none.
    """
    default_F = args.real("default_F", 0.0)
    hkl_file = args.maybe_text("hkl_file")
    corrected = args.flag("corrected", False)
    # Corrected, a cache is only read and written when it is named (Q-FDUMP).
    dump_file = args.maybe_text("dump_file") if corrected else args.text("dump_file", DEFAULT_CACHE)
    cache = dump_file if hkl_file is None and dump_file and _can_open(dump_file) else None
    if hkl_file is None and cache is None and default_F == 0.0:
        raise MissingInputError(
            "no structure factors", where="-hkl, -default_F",
            fix="name a reflection list with -hkl, or give -default_F",
        )  # fmt: skip
    counts = [args.integer(name, 1) for name in ("Na", "Nb", "Nc")]
    chosen = "interpolate" not in args
    interpolate = min(counts) <= _INTERPOLATE_UP_TO if chosen else args.flag("interpolate", False)
    return StructureFactors(
        default_F, hkl_file, cache, dump_file, interpolate=interpolate,
        interpolate_chosen=chosen, corrected=corrected,
    )  # fmt: skip


def _can_open(name: str) -> bool:
    try:
        with Path(name).open("rb"):
            return True
    except (OSError, ValueError):
        return False
