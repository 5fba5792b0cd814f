"""The commands around the app: its keys, a demonstration, and the browser."""

import os
import shlex
import sys
from pathlib import Path

import click

from nbtui.commands.options import json_option, root_option, start_of, wants_json
from nbtui.exit_codes import ExitCode


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
    from nbtui.tui import keymap
    from nbtui.tui.actions import PLACES, actions_for, key_names, place_label

    if press:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise click.UsageError("--press needs a terminal")
        from nbtui.tui.pressed import PressedApp

        PressedApp().run(inline=True)
        return int(ExitCode.CLEARED)
    own = keymap.load(os.environ)
    rows = [
        (place_label(place), " ".join(key_names(action, own)), action.id, action.title)
        for place in PLACES
        for action in actions_for(place)
    ]
    if wants_json(ctx, as_json):
        from nbtui.durable import dump_json

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
    import tempfile

    from nbtui.demo.project import environment, make

    root = folder or Path(tempfile.mkdtemp(prefix="nbtui-demo-"))
    make(root, blocked=blocked)
    env = environment(os.environ)
    click.echo(f"the demonstration is in {root}; remove the folder when you have seen enough")
    if sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        from nbtui.project import find
        from nbtui.run import launch
        from nbtui.run.prepare import prepare
        from nbtui.tui.terminal import run as show

        return show(find(root), None, attach=launch.start(prepare(root, None), env))
    from nbtui.batch import Options, run

    return run(Options(root, yes=True), env)


@click.command(
    epilog="""\b
Examples:
  nbtui serve               the app in the browser, at http://127.0.0.1:8000
  nbtui serve --port 8123
"""
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="Where to listen.",
)
@click.option(
    "--memo",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Memo to read, as without serve.",
)
@root_option
@click.pass_context
def serve(ctx: click.Context, *, port: int, memo: Path | None, root: Path | None) -> int:
    """Serve the app to a browser on this machine, and to no other (needs ``nbtui[web]``).

    Every page is an app of its own; a run goes on when its page is closed.
    """
    from nbtui.errors import ConfigError

    try:
        from textual_serve.server import Server
    except ModuleNotFoundError as error:
        raise ConfigError(
            "serving to a browser needs one more package", fix="pip install 'nbtui[web]'"
        ) from error
    words = [sys.executable, "-m", "nbtui", "--root", str(start_of(root or ctx.obj["root"]))]
    words += ["--memo", str(memo.resolve())] if memo else []
    Server(shlex.join(words), host=LOCALHOST, port=port, title="nbtui").serve()
    return int(ExitCode.CLEARED)


LOCALHOST = "127.0.0.1"
"""The only address: who reaches the page can start what the memo says."""
APP_COMMANDS = (keys, demo, serve)
