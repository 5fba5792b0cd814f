"""``nbtui sign-off``: what would be waived, and the decision of a named person."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import msgspec

from nbtui import ssh
from nbtui.durable import dump_json
from nbtui.evidence.records import Waiver
from nbtui.evidence.text import one_line, printable
from nbtui.exit_codes import ExitCode
from nbtui.project import Project
from nbtui.run import sign_offs, signatures
from nbtui.run.clock import SYSTEM, iso_ms
from nbtui.store import read


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked for."""

    by: str
    reason: str
    names: tuple[str, ...] = ()
    """What is waived, each ``NAME`` or ``NAME=THRESHOLD``; everything that blocked when empty."""
    key: Path | None = None
    as_json: bool = False


def sign(project: Project, bundle: Path, wish: Wish) -> int:
    """Record a sign-off of a blocked run, or show what it would waive; return the exit code.

    Raises
    ------
    SignOffError
        There is nothing to sign, it cannot be waived, or the key cannot sign.
    RecordingError
        It cannot be written.
    """
    waives = sign_offs.proposals(bundle, read(bundle), wish.names)
    if not wish.by and not wish.reason:
        _show(bundle, waives, as_json=wish.as_json)
        return int(ExitCode.WAITING)
    composed = sign_offs.compose(
        bundle, waives, by=wish.by, reason=wish.reason, at=iso_ms(SYSTEM.now())
    )
    path = sign_offs.keep(project.root, project.settings.reports, composed, wish.key)
    signature = "signed" if ssh.beside(path).is_file() else signatures.UNSIGNED
    if wish.as_json:
        record = {"sign_off": composed, "file": str(path), "signature": signature}
        click.echo(dump_json(record).decode(), nl=False)
    else:
        for waiver in waives:
            click.echo(printable(f"waived: {_words(waiver)}"))
        click.echo(printable(f"by {composed.by}, {composed.at}, {signature}: {composed.reason}"))
        click.echo(printable(f"wrote {path}"), err=True)
        click.echo("next: run the same plan again (nbtui --batch)", err=True)
    return int(ExitCode.CLEARED)


def _show(bundle: Path, waives: Sequence[Waiver], *, as_json: bool) -> None:
    if as_json:
        record = {"stamp": bundle.name, "waiting_for": msgspec.to_builtins(tuple(waives))}
        click.echo(dump_json(record).decode(), nl=False)
        return
    for waiver in waives:
        click.echo(printable(f"would be waived: {_words(waiver)}"))
    click.echo(
        f'waiting for: nbtui sign-off {bundle.name} --as NAME --reason "why this is acceptable"',
        err=True,
    )


def _words(waiver: Waiver) -> str:
    place = f" at {waiver.step_id}" if waiver.step_id else ""
    lowered = f"; lowered to {waiver.threshold:.10g}" if waiver.threshold is not None else ""
    return f"{waiver.kind} {waiver.id}{place}: {one_line(waiver.was)}{lowered}"
