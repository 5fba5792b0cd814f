"""The command ``nbtui ledger``: what a run's evidence serves, and the patch that enters it."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbtui.durable import dump_json, sha256_file, write_text
from nbtui.errors import BundleError, ConfigError
from nbtui.evidence.manifest import MANIFEST
from nbtui.evidence.text import figure, one_line, printable
from nbtui.exit_codes import ExitCode
from nbtui.ledger.model import Item, Row, State
from nbtui.ledger.patch import Attempt, attempt_line, make_patch
from nbtui.ledger.read import read_ledger
from nbtui.ledger.serve import Service, done_already, served
from nbtui.memo.model import Memo
from nbtui.memo.parse import parse_memo
from nbtui.project import Project
from nbtui.store import RunState, read


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked for."""

    patch: bool = False
    output: Path | None = None
    as_json: bool = False


def show(project: Project, memo: Memo, bundle: Path | None, wish: Wish) -> int:
    """Print which item and rows a memo (or a run of one) serves; write the patch if asked.

    Raises
    ------
    BundleError
        The run has no verdict yet.
    ConfigError
        The ledger has no item for the memo, or cannot be read.
    """
    settings = project.settings
    ledger = read_ledger(project.root, settings.ledger, settings.plans)
    if bundle is not None:
        memo = parse_memo((bundle / "memo.md").read_bytes(), name=memo.name)
    service = served(memo, ledger)
    if wish.patch or wish.output:
        return _write(project, service, bundle, wish)
    if wish.as_json:
        sys.stdout.write(dump_json(_record(service)).decode())
    else:
        sys.stdout.write("\n".join(map(printable, _lines(service))) + "\n")
        if bundle is not None and service.item is not None:
            line = attempt_line(service.item, attempt_of(read(bundle), project.root))
            sys.stdout.write(f"attempt line: {printable(line)}\n")
    return int(ExitCode.CLEARED)


def _write(project: Project, service: Service, bundle: Path | None, wish: Wish) -> int:
    if service.item is None:
        raise ConfigError(
            "the ledger has no item for this memo",
            where=project.settings.ledger,
            fix="name the item in the memo's Focus, as [ITEM-001]",
        )
    if bundle is None:
        raise BundleError("there is no run yet", fix="nbtui --batch starts one")
    attempt = attempt_of(read(bundle), project.root)
    text = make_patch(project.root, service.item, service.rows, attempt)
    if not text:
        sys.stderr.write(f"{bundle.name} is in the ledger already\n")
        return int(ExitCode.NOTHING_TO_DO)
    if wish.output is None:
        sys.stdout.write(text)
        where = "nbtui ledger --patch | git apply"
    else:
        write_text(wish.output, text)
        where = f"git apply {wish.output}"
    sys.stderr.write(f"read it, then: {where}\n")
    return int(ExitCode.CLEARED)


def attempt_of(state: RunState, root: Path) -> Attempt:
    """Return what a finished run tells the ledger.

    Raises
    ------
    BundleError
        It has no verdict yet.
    """
    if state.verdict is None:
        raise BundleError(
            "the run has no verdict yet", where=state.bundle.name, fix="wait, or nbtui attach"
        )
    metrics = tuple(
        f"{g.step_id} {g.gate.metric} {figure(g.value)} ({g.gate.comparison.value} "
        f"{g.gate.threshold:.10g} {'PASS' if g.passed else 'FAIL'})"
        for g in state.gates()
    )
    return Attempt(
        stamp=state.bundle.name,
        date=state.started_t[:10],
        verdict=state.verdict.value,
        reason=one_line(state.reason, 300),
        metrics=metrics,
        artifacts=tuple(_artifacts(state, root)),
        commit=state.facts.get("git_sha", ""),
        follows=_next(state),
        seal=_seal(state.bundle),
    )


def _artifacts(state: RunState, root: Path) -> Iterator[str]:
    real = root.resolve()
    inside = state.bundle.is_relative_to(real)
    name = state.bundle.relative_to(real).as_posix() if inside else state.bundle.name
    yield f"{name}/"
    for path, _ in state.files:
        if path.endswith("_summary.md") or path == "blockers.md":
            yield f"{name}/{path}"


def _seal(bundle: Path) -> str:
    """Return the hash of the bundle's seal; empty while it is not sealed."""
    path = bundle / MANIFEST
    return sha256_file(path) if path.is_file() else ""


def _next(state: RunState) -> str:
    if state.verdict is not None and state.verdict.value == "cleared":
        return "verify the bundle, archive it, unblock what waits for it."
    return "read blockers.md; a decision of the supervisor is needed."


def _lines(service: Service) -> Iterator[str]:
    item = service.item
    if item is None:
        yield "item: none; the memo's Focus names none that the ledger holds"
    else:
        status = item.status or "no status"
        yield f"item: [{item.id}] {item.title} ({status}; {item.path}:{item.first})"
        yield f"next attempt: #{item.next_attempt}"
    for row in service.rows:
        yield f"row: {_row(row)}"
    if not service.rows:
        yield "row: none; the memo cites no plan row"
    for name, source in service.unblocks:
        yield f"would unblock: {name} ({source})"
    for what, source in done_already(service):
        yield f"done already: {what} ({source})"


def _row(row: Row) -> str:
    state = f"[{row.state.value}]" if row.state is not State.OTHER else "[other]"
    return f"{row.id} {state} {one_line(row.text, 160)} ({row.path}:{row.line})"


def _record(service: Service) -> dict[str, object]:
    item: Item | None = service.item
    return {
        "item": None
        if item is None
        else {
            "id": item.id,
            "title": item.title,
            "status": item.status,
            "source": f"{item.path}:{item.first}",
            "next_attempt": item.next_attempt,
        },
        "rows": [
            {"id": r.id, "state": r.state.value, "source": f"{r.path}:{r.line}"}
            for r in service.rows
        ],
        "unblocks": [{"id": n, "source": s} for n, s in service.unblocks],
        "done": [{"what": w, "source": s} for w, s in done_already(service)],
    }
