"""The operator's pager or editor: started in the app's terminal, ended when the app has to end.

It shares the app's process group, so that ``^Z`` stops both and the shell's ``fg`` brings both
back.
"""

import contextlib
import shlex
import shutil
import signal
import subprocess
import termios
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event

_LESS_PROMPT = "-Ps?f%f, .q goes back to nbtui"
_TAKE_A_LINE = frozenset(
    {"less", "more", "most", "nano", "vi", "vim", "nvim", "emacs", "joe", "kak"}
)
_LOOKS_EVERY_S = 0.05
_GRACE_S = 2.0
"""What an editor has to save what was typed, once it was told to end."""


def view_file(
    path: Path, env: Mapping[str, str], left: Event, *, edit: bool, line: int = 0
) -> None:
    """Show a file in ``$PAGER`` (or ``$EDITOR``) and wait until it is closed.

    Parameters
    ----------
    path, env
        The file, and the operator's environment.
    left
        Ends the program when it is set.
    edit
        Whether it may be changed.
    line
        Where to begin (from 1), for the programs that are known to understand ``+N``.

    Raises
    ------
    OSError
        When neither the program named nor a usual one exists.
    """
    names = ("VISUAL", "EDITOR") if edit else ("PAGER",)
    usual = ("nano", "vi") if edit else ("less", "more")
    wanted = next((env[n] for n in names if env.get(n)), "")
    program = wanted or next((u for u in usual if shutil.which(u)), usual[-1])
    words = shlex.split(program)
    at = [f"+{line}"] if line and Path(words[0]).name in _TAKE_A_LINE else []
    # BusyBox has a less too, which ends with a complaint about options it does not know.
    itself = Path(shutil.which(words[0]) or words[0]).resolve().name
    way_back = [_LESS_PROMPT] if itself == "less" else []
    with _line_as_before(), subprocess.Popen([*words, *way_back, *at, str(path)], env=env) as shown:
        while not _ended_within(_LOOKS_EVERY_S, shown):
            if left.is_set():
                _end(shown)


def _end(shown: subprocess.Popen[bytes]) -> None:
    shown.terminate()
    shown.send_signal(signal.SIGCONT)
    if not _ended_within(_GRACE_S, shown):
        shown.kill()


def _ended_within(seconds: float, shown: subprocess.Popen[bytes]) -> bool:
    try:
        shown.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


@contextlib.contextmanager
def _line_as_before() -> Iterator[None]:
    """Give the line the modes it had: who is killed cannot."""
    keyboard = 0
    modes = None
    with contextlib.suppress(termios.error):
        modes = termios.tcgetattr(keyboard)
    try:
        yield
    finally:
        if modes is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(keyboard, termios.TCSANOW, modes)
