"""The app in a real terminal: signals, what is said on leaving, and the exit code."""

import asyncio
import contextlib
import os
import shlex
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from nbtui.exit_codes import ExitCode
from nbtui.project import Project
from nbtui.tui import afterwards, compat, keymap, themes
from nbtui.tui.app import NbtuiApp
from nbtui.tui.aside import step_aside
from nbtui.tui.graphics.asking import Answers, ask
from nbtui.tui.graphics.choice import Graphics, choose, real_cell

ENDED_BY = {signal.SIGTERM: ExitCode.SIGTERM, signal.SIGHUP: ExitCode.HANGUP}


def run(project: Project, memo_path: Path | None, attach: Path | None = None) -> int:
    """Run the app in this terminal and return the exit code.

    Parameters
    ----------
    project
        The project whose evidence is captured.
    memo_path
        The memo; ``None`` for ``input.md`` or the packaged one.
    attach
        The bundle of a run to show.

    Returns
    -------
    int
        The verdict's exit code when a run was followed to its end here, 0 after looking
        and leaving, 70 when the app itself broke.
    """
    environ = dict(os.environ)
    compat.tolerate_legacy_mouse_reports()
    services = afterwards.real(project, memo_path, environ)
    step_aside()
    theme, keys = themes.first_theme(environ), keymap.load(environ)
    graphics = graphics_here(environ)
    return show(NbtuiApp(services, attach=attach, theme_name=theme, keymap=keys, graphics=graphics))


def graphics_here(environ: Mapping[str, str]) -> Graphics:
    """Return how pictures are drawn in this terminal; asks it, and waits for 0.3 s at most.

    Raises
    ------
    ConfigError
        ``NBTUI_IMAGES`` has a value that is none.
    """
    keyboard, screen = 0, 1
    there = os.isatty(keyboard) and os.isatty(screen)
    size = real_cell(screen) if there else None
    found = choose(environ, lambda: ask(keyboard, screen) if there else Answers(), size)
    if found.late and there:
        compat.overhear_late_answers()
    return found


def show(app: NbtuiApp) -> int:
    """Run the app in this terminal and return the exit code.

    SIGTERM and SIGHUP end the app but not before the terminal is given back; Textual alone
    would leave it in the alternate screen with mouse reports on. A run goes on either way,
    and how to look at it again is said on stderr.
    """
    if os.environ.get("SSH_CONNECTION") and "TEXTUAL_ANIMATIONS" not in os.environ:
        app.animation_level = "none"
    compat.outlive_a_lost_terminal()
    compat.ask_the_terminal_for_its_size()
    result = asyncio.run(_until_left(app))
    # The app always leaves with a code; after a crash of its own Textual returns with none.
    broken = result is None
    bundle = app.left_running or (app.model.bundle if broken and app.model.active else None)
    if bundle is not None:
        nbtui = _nbtui_for(app.model.ground.root)
        _say(
            f"Run {bundle.name} goes on; {nbtui} shows it, {nbtui} attach {bundle.name} prints it\n"
        )
    _drop_what_a_lost_terminal_left()
    return int(ExitCode.BUG) if broken else int(result or 0)


def _nbtui_for(root: str) -> str:
    """Return how nbtui is called from here for the project: it looks for one from here upwards."""
    here = Path.cwd()
    if not root or Path(root) in {here, *here.parents}:
        return "nbtui"
    return f"nbtui --root {shlex.quote(root)}"


def _say(text: str) -> None:
    """Write to the terminal, past any buffer: the rest of one that is lost would fail at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.write(sys.stderr.fileno(), text.encode())


def _drop_what_a_lost_terminal_left() -> None:
    """Leave nothing in a buffer that the interpreter could not flush: its code is 120 then."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is None:
            continue
        try:
            stream.flush()
        except (OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)


async def _until_left(app: NbtuiApp) -> int | None:
    loop = asyncio.get_running_loop()
    for number, code in ENDED_BY.items():
        loop.add_signal_handler(number, app.end, code)
    return await app.run_async()
