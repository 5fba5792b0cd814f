"""``ro-crate-metadata.json``: what repositories such as Zenodo or WorkflowHub index.

A Process Run Crate (RO-Crate 1.1): every stage is a ``CreateAction`` with its program, what
it read and what it left. It is written for an archive, never into the bundle: there it would
be a file that nobody sealed. Formats: w3id.org/ro/crate/1.1, w3id.org/ro/wfrun/process.
"""

import json
import mimetypes
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nbtui.evidence.facts import RunFacts, StageFacts
from nbtui.evidence.records import StageOutcome
from nbtui.evidence.text import one_line

METADATA = "ro-crate-metadata.json"
_CRATE = "https://w3id.org/ro/crate/1.1"
_PROCESS = "https://w3id.org/ro/wfrun/process/0.5"
_TERMS = "https://w3id.org/ro/terms/workflow-run#"
_TYPES = {
    ".bin": "application/octet-stream", ".jsonl": "application/jsonl", ".log": "text/plain",
    ".md": "text/markdown", ".py": "text/x-python", ".xml": "application/xml", "": "text/plain",
}  # fmt: skip
_NO_LICENCE = "No licence is stated; ask the operator of the run."


def metadata(
    facts: RunFacts, files: Mapping[str, tuple[int, str]], ended: str, licence: str = ""
) -> bytes:
    """Return the crate's metadata as JSON-LD.

    Parameters
    ----------
    facts
        The run.
    files
        Path in the archive to size in bytes and SHA-256.
    ended
        When the run ended (UTC): the date of the crate.
    licence
        Address of a licence, where one is given.
    """
    graph = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "conformsTo": {"@id": _CRATE},
            "about": {"@id": "./"},
        },
        _root(facts, files, ended, licence),
        {"@id": _PROCESS, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        {"@id": "#operator", "@type": "Person", "name": facts.operator or "unknown"},
        *([{"@id": licence, "@type": "CreativeWork", "name": licence}] if licence else []),
        *_actions(facts, files),
        *(_file(name, size, digest) for name, (size, digest) in files.items()),
    ]
    context = [f"{_CRATE}/context", {"sha256": f"{_TERMS}sha256"}]
    document = {"@context": context, "@graph": graph}
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _root(
    facts: RunFacts, files: Mapping[str, tuple[int, str]], ended: str, licence: str
) -> dict[str, Any]:
    verdict = facts.verdict.value if facts.verdict else "open"
    ran = [s for s in facts.stages if s.outcome is not None]
    return {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": {"@id": _PROCESS},
        "name": f"Parity evidence {facts.stamp}",
        "description": f"{one_line(facts.plan.summary)} Verdict: {verdict}.",
        "datePublished": ended,
        "license": {"@id": licence} if licence else _NO_LICENCE,
        "identifier": facts.stamp,
        "hasPart": [{"@id": name} for name in files],
        "mentions": [{"@id": f"#{s.step.id}"} for s in ran],
    }


def _actions(facts: RunFacts, files: Mapping[str, tuple[int, str]]) -> Iterator[dict[str, Any]]:
    programs: dict[str, str] = {}
    for stage in facts.stages:
        if stage.outcome is None:
            continue
        program = Path(stage.argv[0]).name if stage.argv else "nbtui"
        programs.setdefault(program, f"#program-{program}")
        yield _action(stage, stage.outcome, programs[program], files, facts.stamp)
    for name, identity in programs.items():
        version = facts.version if name == "nbtui" else facts.provenance.get("git_sha", "")
        yield {
            "@id": identity,
            "@type": "SoftwareApplication",
            "name": name,
            "softwareVersion": version or "unknown",
        }


def _action(
    stage: StageFacts,
    outcome: StageOutcome,
    program: str,
    files: Mapping[str, tuple[int, str]],
    stamp: str,
) -> dict[str, Any]:
    metrics = stage.collected.metrics if stage.collected else ()
    left = [outcome.log, *(m.source.partition("#")[0] for m in metrics)]
    result = [n for n in dict.fromkeys(f"{stamp}/{name}" for name in left) if n in files]
    status = "CompletedActionStatus" if stage.passed else "FailedActionStatus"
    action: dict[str, Any] = {
        "@id": f"#{stage.step.id}",
        "@type": "CreateAction",
        "name": one_line(stage.step.title),
        "startTime": outcome.started,
        "endTime": _later(outcome.started, outcome.wall_s),
        "actionStatus": {"@id": f"http://schema.org/{status}"},
        "agent": {"@id": "#operator"},
        "instrument": {"@id": program},
        "object": [{"@id": n} for n in (f"{stamp}/plan.json", f"{stamp}/memo.md") if n in files],
        "result": [{"@id": name} for name in result],
    }
    if not stage.passed:
        problems = stage.collected.problems if stage.collected else ()
        action["error"] = one_line(outcome.failure or "; ".join(problems) or "a gate did not hold")
    return action


def _later(moment: str, seconds: float) -> str:
    try:
        end = datetime.fromisoformat(moment) + timedelta(seconds=seconds)
    except ValueError:
        return moment
    return end.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _file(name: str, size: int, digest: str) -> dict[str, Any]:
    suffix = Path(name).suffix
    kind = _TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
    return {
        "@id": name,
        "@type": "File",
        "name": Path(name).name,
        "contentSize": str(size),
        "encodingFormat": kind,
        "sha256": digest,
    }
