"""Fixes that an operator accepted for a memo, until the memo changes.

They are kept below the reports folder, which git ignores, by the memo's hash. The memo
itself is never edited; each fix stands in the plan as a deviation.
"""

from pathlib import Path

import msgspec

from nbtui.durable import dump_json, write_bytes
from nbtui.errors import ConfigError
from nbtui.memo.lint import Remedy

FOLDER = ".accepted"


class _Accepted(msgspec.Struct, frozen=True):
    """The file: what was accepted for which memo, in order."""

    schema: int
    memo_sha256: str
    fixes: tuple[Remedy, ...]


def load(root: Path, reports: str, memo_sha256: str) -> tuple[Remedy, ...]:
    """Return the fixes accepted for a memo, in the order in which they apply.

    Raises
    ------
    ConfigError
        The file is there and cannot be read as one.
    """
    path = _path(root, reports, memo_sha256)
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Accepted)
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(
            f"the accepted fixes cannot be read ({error})", where=str(path), fix=f"rm {path}"
        ) from error
    return found.fixes if found.memo_sha256 == memo_sha256 else ()


def accept(root: Path, reports: str, memo_sha256: str, fixes: tuple[Remedy, ...]) -> Path:
    """Keep fixes for a memo beside those accepted before; return the file.

    Raises
    ------
    RecordingError
        It cannot be written.
    """
    path = _path(root, reports, memo_sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = (*load(root, reports, memo_sha256), *fixes)
    _write(path, memo_sha256, kept)
    return path


def take_back(root: Path, reports: str, memo_sha256: str, fix: Remedy) -> tuple[Remedy, ...]:
    """Drop one fix and those of the same step that build on it; return what was dropped.

    Raises
    ------
    ConfigError, RecordingError
        The file cannot be read; it cannot be written.
    """
    kept = load(root, reports, memo_sha256)
    at = next((i for i, f in enumerate(kept) if f.key == fix.key), None)
    if at is None:
        return ()
    dropped = tuple(f for f in kept[at:] if f.step_id == fix.step_id)
    left = (*kept[:at], *(f for f in kept[at:] if f.step_id != fix.step_id))
    _write(_path(root, reports, memo_sha256), memo_sha256, left)
    return dropped


def forget(root: Path, reports: str, memo_sha256: str) -> bool:
    """Drop what was accepted for a memo; return whether there was anything."""
    path = _path(root, reports, memo_sha256)
    existed = path.is_file()
    path.unlink(missing_ok=True)
    return existed


def _write(path: Path, memo_sha256: str, fixes: tuple[Remedy, ...]) -> None:
    write_bytes(path, dump_json(_Accepted(schema=1, memo_sha256=memo_sha256, fixes=fixes)))


def _path(root: Path, reports: str, memo_sha256: str) -> Path:
    return root / reports / FOLDER / f"{memo_sha256[:32]}.json"
