"""``nbtui status --watch``: a run's state, shown again whenever it changes."""

import shutil
import sys
import time
from pathlib import Path

import click
import msgspec

from nbtui.exit_codes import ExitCode
from nbtui.listing import state_record, state_text
from nbtui.run.launch import is_alive, step_aside
from nbtui.store import JournalFollower

POLL_S = 0.25
ALIVE_EVERY_S = 0.5


def watch(bundle: Path, *, as_json: bool) -> int:
    """Show a run until it has its verdict or nobody works on it; return its exit code.

    On a terminal the text is drawn in place and follows the samples; elsewhere each event
    gives a new text, with ``as_json`` one JSON record a line. It only reads: nothing is
    recovered, and a signal leaves the run alone.
    """
    step_aside()
    follower = JournalFollower(bundle)
    in_place = sys.stdout.isatty() and not as_json
    shown: object = None
    height = missed = 0
    asked = 0.0
    while True:
        follower.poll()
        state = follower.state
        now = time.monotonic()
        if now - asked >= ALIVE_EVERY_S:
            asked = now
            missed = 0 if state.ended or is_alive(state) else missed + 1
        # Once is no proof: it may be between its start and its first line.
        supervised = missed < 2
        key = (state.events if in_place else state.last_event, state.phase, supervised)
        if key != shown:
            shown = key
            if as_json:
                record = state_record(state, supervised=supervised and not state.ended)
                click.echo(msgspec.json.encode(record, order="sorted").decode())
            else:
                text = state_text(state, supervised=supervised)
                height = _draw(text, height if in_place else 0)
        if state.ended or not supervised:
            return ExitCode.INTERRUPTED if state.exit_code is None else state.exit_code
        time.sleep(POLL_S)


def _draw(text: str, height: int) -> int:
    """Print a text over the one of that height; return the height of this one."""
    if height:
        # Up to where it began, then everything below is cleared.
        click.echo(f"\x1b[{height}A\x1b[J", nl=False)
    columns = max(shutil.get_terminal_size().columns, 1)
    click.echo(text)
    return sum(max(1, -(-len(line) // columns)) for line in text.split("\n"))
