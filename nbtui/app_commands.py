"""The commands around the app: its keys, and a demonstration."""

import os
import sys
from pathlib import Path

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


@click.command(
    epilog="""\b
Examples:
  nbtui demo                      a small run to look at, in a temporary folder
  nbtui demo --blocked ./demo     the same with a fault in the port: it blocks at its gate

\b
Exit codes: those of the run; 2 when the folder is in use.
"""
)
@click.argument(
    "folder", required=False, type=click.Path(path_type=Path, file_okay=False, resolve_path=True)
)
@click.option("--blocked", is_flag=True, help="Give the port a fault.")
def demo(*, folder: Path | None, blocked: bool) -> int:
    """Run a small demonstration: real tools, stand-in programs, synthetic images, no torch.

    With a terminal the app shows the run as it goes; without one its events are printed.
    """
    import tempfile  # noqa: PLC0415

    from nbtui.demo.project import environment, make  # noqa: PLC0415

    root = folder or Path(tempfile.mkdtemp(prefix="nbtui-demo-"))
    make(root, blocked=blocked)
    env = environment(os.environ)
    click.echo(f"the demonstration is in {root}; remove the folder when you have seen enough")
    if sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        from nbtui.project import find  # noqa: PLC0415
        from nbtui.run import launch  # noqa: PLC0415
        from nbtui.run.prepare import prepare  # noqa: PLC0415
        from nbtui.tui.terminal import run as show  # noqa: PLC0415

        return show(find(root), None, attach=launch.start(prepare(root, None), env))
    from nbtui.batch import Options, run  # noqa: PLC0415

    return run(Options(root, yes=True), env)


APP_COMMANDS = (keys, demo)
