"""What a bundle keeps of the world around it: the documents that its thresholds come from."""

from pathlib import Path

from nbtui.durable import sha256_file, write_bytes
from nbtui.evidence.sources import FOLDER, MOST_BYTES, cited_files, fact_name
from nbtui.memo.plan import Plan
from nbtui.run.events import FileWritten
from nbtui.run.recorder import Recorder

LINT = "lint.json"


def sources(root: Path, plan: Plan, bundle: Path) -> dict[str, str]:
    """Copy every document a gate cites into the bundle; return their hashes as facts.

    A document that lies outside the root, or is too large for one, is left where it is.

    Raises
    ------
    RecordingError
        When a copy cannot be written.
    """
    facts: dict[str, str] = {}
    for name in cited_files(plan):
        path = (root / name).resolve()
        try:
            if not path.is_relative_to(root.resolve()) or path.stat().st_size > MOST_BYTES:
                continue
            data = path.read_bytes()
        except OSError:
            continue
        copy = bundle / FOLDER / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(copy, data)
        facts[fact_name(name)] = sha256_file(copy)
    return facts


def announce(recorder: Recorder) -> None:
    """Record what was put into the bundle before the run began, so that the journal knows it."""
    path = recorder.bundle / LINT
    if path.is_file():
        event = FileWritten(path=LINT, what="lint findings", sha256=sha256_file(path))
        recorder.emit(event)
