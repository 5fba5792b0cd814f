"""``nbtui recover``: closing runs that nobody works on any more, and saying what came of it."""

from collections.abc import Sequence
from pathlib import Path

import click

from nbtui.durable import dump_json
from nbtui.errors import BundleError, NbtuiError
from nbtui.evidence.text import one_line, printable
from nbtui.exit_codes import ExitCode
from nbtui.listing import state_record
from nbtui.run import recover
from nbtui.run.catalog import is_sealed
from nbtui.run.launch import is_alive
from nbtui.store import RunState, read


def close(bundles: Sequence[Path], *, as_json: bool) -> int:
    """Close the runs among ``bundles`` that are open and unattended; return the exit code.

    Parameters
    ----------
    bundles
        One run, or all runs of a project.
    as_json
        Print a record of each closed run.

    Raises
    ------
    NbtuiError
        A single run cannot be closed. Of several, the others are closed first.
    """
    closed: list[RunState] = []
    failed: list[NbtuiError] = []
    for bundle in bundles:
        try:
            if (state := _close(bundle)) is not None:
                closed.append(state)
        except NbtuiError as error:
            failed.append(error)
    if as_json:
        records = [state_record(s, supervised=False) for s in closed]
        click.echo(dump_json({"closed": records}).decode(), nl=False)
    for state in closed:
        if not as_json:
            click.echo(_line(state))
    for problem in failed[:-1]:
        click.echo(printable(f"nbtui: {problem}"), err=True)
    if failed:
        raise failed[-1]
    if closed:
        return int(ExitCode.CLEARED)
    if len(bundles) == 1:
        (bundle,) = bundles
        why = "is sealed" if is_sealed(bundle) else "is still worked on: nbtui attach shows it"
        click.echo(f"nothing to close: {bundle.name} {why}", err=True)
    else:
        click.echo("nothing to close", err=True)
    return int(ExitCode.NOTHING_TO_DO)


def _close(bundle: Path) -> RunState | None:
    """Close one run; ``None`` when it needs no closing."""
    if is_sealed(bundle):
        return None
    try:
        before = read(bundle)
    except BundleError:
        # The journal is damaged: recovery says so, and refuses.
        before = RunState(bundle=bundle)
    if is_alive(before):
        return None
    return recover.recover(bundle)


def _line(state: RunState) -> str:
    word = state.verdict.value if state.verdict else "open"
    return printable(
        f"closed {state.bundle.name} as {word}: {one_line(state.reason, 200)}\n"
        f"bundle: {state.bundle}"
    )
