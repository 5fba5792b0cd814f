"""Result files: strict JSON that appears whole or not at all."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from engine.formats.atomic import write_atomically


def utc_now() -> str:
    """Return the time as ISO 8601 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_json(path: Path, data: Mapping[str, object]) -> None:
    """Write ``data`` as strict JSON: what is NaN or infinite becomes ``null``.

    Raises
    ------
    FileError
        The file cannot be written.
    """
    write_atomically(path, [_text(_strict(data)).encode() + b"\n"])


def _text(value: object, indent: str = "") -> str:
    """Return JSON indented by two; a list of numbers stays on one line, or a map fills pages."""
    inner = f"{indent}  "
    if isinstance(value, dict) and value:
        pairs = (f"{_plain(key)}: {_text(item, inner)}" for key, item in value.items())
        return "{\n" + inner + f",\n{inner}".join(pairs) + f"\n{indent}}}"
    if isinstance(value, list) and not all(isinstance(v, int | float | None) for v in value):
        return f"[\n{inner}" + f",\n{inner}".join(_text(v, inner) for v in value) + f"\n{indent}]"
    return _plain(value)


def _plain(value: object) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def _strict(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _strict(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_strict(item) for item in value]
    return value
