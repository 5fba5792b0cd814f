"""The commands around the app: its keys."""

import os
import sys

import click

from nbtui.exit_codes import ExitCode
from nbtui.options import json_option, wants_json


@click.command(
    epilog="""\b
Examples:
  nbtui keys            every action with its id and its keys, as they are in force
  nbtui keys --press    tell what each key is called that this terminal sends
"""
)
@click.option("--press", is_flag=True, help="Show the name of every key that is pressed.")
@json_option
@click.pass_context
def keys(ctx: click.Context, *, press: bool, as_json: bool) -> int:
    """Show the app's keys; ``$NBTUI_KEYS`` or ``~/.config/nbtui/keys.toml`` changes them."""
    from nbtui.tui import keymap  # noqa: PLC0415
    from nbtui.tui.actions import PLACES, actions_for, key_names, place_label  # noqa: PLC0415

    if press:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise click.UsageError("--press needs a terminal")
        from nbtui.tui.pressed import PressedApp  # noqa: PLC0415

        PressedApp().run(inline=True)
        return int(ExitCode.CLEARED)
    own = keymap.load(os.environ)
    rows = [
        (place_label(place), " ".join(key_names(action, own)), action.id, action.title)
        for place in PLACES
        for action in actions_for(place)
    ]
    if wants_json(ctx, as_json):
        from nbtui.durable import dump_json  # noqa: PLC0415

        names = ("where", "keys", "id", "title")
        sys.stdout.write(dump_json([dict(zip(names, r, strict=True)) for r in rows]).decode())
        return int(ExitCode.CLEARED)
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    for row in rows:
        line = "  ".join(cell.ljust(widths[n]) for n, cell in enumerate(row))
        click.echo(line.rstrip())
    click.echo(f"\nkey file: {keymap.file_of(os.environ)} (sets: {', '.join(keymap.SETS)})")
    return int(ExitCode.CLEARED)


APP_COMMANDS = (keys,)
