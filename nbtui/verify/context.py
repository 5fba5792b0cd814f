"""Whether the records of a bundle agree with each other, and what happened around the run."""

from collections.abc import Iterator
from pathlib import Path

from nbtui.durable import StrictJsonError, load_json, sha256_file
from nbtui.errors import NbtuiError
from nbtui.evidence import sanity
from nbtui.evidence.records import Verdict
from nbtui.evidence.views import verifier
from nbtui.run.catalog import PLAN, bundles
from nbtui.run.events import FileWritten
from nbtui.store import read
from nbtui.verify.model import Case, Finding, Level, bad, note, ok

_LEVEL = Level.CONTEXT


def check(case: Case) -> Iterator[Finding]:
    """Yield what plan, memo, golden hash, guards, verdict and written files say of each other."""
    yield from _plan(case)
    yield from _written(case)
    yield from _golden(case)
    yield from _verdict(case)
    yield from _verifier(case)
    yield from _attempts(case)


def _plan(case: Case) -> Iterator[Finding]:
    pairs = (
        (PLAN, case.facts.plan_sha256, "the plan the journal names"),
        ("memo.md", case.facts.plan.memo_sha256, "the memo the plan was compiled from"),
    )
    for name, digest, what in pairs:
        path = case.bundle / name
        same = path.is_file() and sha256_file(path) == digest
        yield ok(_LEVEL, f"is {what}", name) if same else bad(_LEVEL, f"is not {what}", name)


def _written(case: Case) -> Iterator[Finding]:
    """Hold logs, and files that the supervisor wrote, against the hashes in the journal."""
    last = {
        e.path: e.sha256
        for line in case.chain.lines
        if isinstance(e := line.event, FileWritten) and e.sha256
    }
    last = {n: d for n, d in last.items() if not (case.bundle / f"{n}.withdrawn").is_file()}
    last |= {
        s.outcome.log: s.outcome.log_sha256
        for s in case.facts.stages
        if s.outcome is not None and s.outcome.log_sha256
    }
    wrong = [n for n, digest in last.items() if _hash(case.bundle / n) != digest]
    yield from (bad(_LEVEL, "is not the file that the journal speaks of", n) for n in wrong)
    if last and not wrong:
        yield ok(_LEVEL, f"{len(last)} logs and records are the files that the journal speaks of")
    elif not last:
        yield note(_LEVEL, "the journal holds no hashes of files: an earlier nbtui wrote it")


def _golden(case: Case) -> Iterator[Finding]:
    known = case.facts.provenance
    digest = known.get("golden_sha256")
    if not digest:
        return
    said: list[tuple[str, str]] = [
        ("events.jsonl, guard golden-image", guard.found.removeprefix("sha256 "))
        for guard in case.facts.guards
        # One that broke blocked the run for this very difference.
        if guard.guard == "golden-image" and guard.ok
    ]
    said += [
        ("preflight.json, check golden", check.facts["sha256"])
        for check in case.facts.checks
        if check.id == "golden" and check.facts.get("sha256")
    ]
    recorded = _json(case.bundle / "environment.json").get("provenance")
    if isinstance(recorded, dict) and "golden_sha256" in recorded:
        said.append(("environment.json", str(recorded["golden_sha256"])))
    wrong = [(where, found) for where, found in said if found != digest]
    for where, found in wrong:
        yield bad(_LEVEL, f"golden image {found}; provenance has {digest}", where.split(",")[0])
    if not wrong:
        name = known.get("golden", "golden image")
        yield ok(_LEVEL, f"{name} has one hash in all {len(said) + 1} records: {digest}")


def _verdict(case: Case) -> Iterator[Finding]:
    facts = case.facts
    reasons = [f"stage {s.step.id} did not pass" for s in facts.stages if not s.passed]
    reasons += [f"guard {g.guard} changed" for g in facts.guards if not g.ok]
    waived = {w.id for w in case.state.waived if w.kind == "check"}
    reasons += [f"check {c.id} blocks" for c in facts.blocking_checks() if c.id not in waived]
    figures = [s.collected for s in facts.stages if s.collected is not None]
    reasons += [reason for collected in figures if (reason := sanity.absurd(collected))]
    if facts.blocker is not None:
        reasons.append(f"it was blocked: {facts.blocker.reason}")
    if facts.verdict is Verdict.CLEARED and reasons:
        yield bad(_LEVEL, f"cleared, although {'; '.join(reasons)}", "events.jsonl")
    elif facts.verdict is Verdict.CLEARED:
        yield ok(_LEVEL, "the journal's stages, gates and guards give the verdict: cleared")
    else:
        word = facts.verdict.value if facts.verdict else "none"
        yield note(_LEVEL, f"verdict {word}: {'; '.join(reasons[-1:]) or 'no reason recorded'}")


def _verifier(case: Case) -> Iterator[Finding]:
    path = case.bundle / "verify.py"
    if path.is_file() and path.read_bytes() != verifier():
        text = "is not this nbtui's; do not trust what it prints (another version, or altered)"
        yield note(_LEVEL, text, "verify.py")


def _attempts(case: Case) -> Iterator[Finding]:
    """Count the other runs of the same plan: evidence is all of them, not the lucky one."""
    if case.project is None:
        yield note(_LEVEL, "other runs of the same plan: not looked for, no project here")
        return
    digest, own = case.facts.plan_sha256, case.facts.stamp
    others = [
        b for b in bundles(case.bundle.parent, ".") if b.name != own and _hash(b / PLAN) == digest
    ]
    words = []
    for other in sorted(others, key=lambda b: b.name):
        try:
            state = read(other)
            words.append(f"{other.name} {state.verdict.value if state.verdict else 'open'}")
        except NbtuiError:
            words.append(f"{other.name} unreadable")
    told = ", ".join(words[-8:]) or "none beside it"
    yield note(_LEVEL, f"other runs of the same plan ({len(words)}): {told}")


def _json(path: Path) -> dict[str, object]:
    try:
        document = load_json(path.read_bytes())
    except (OSError, StrictJsonError):
        return {}
    return document if isinstance(document, dict) else {}


def _hash(path: Path) -> str:
    try:
        return sha256_file(path)
    except OSError:
        return ""
