"""What only a real terminal shows: stray mouse bytes, signals, a lost line, the exit code."""

import io
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from tests.nbtui.images.made import images, write_pair
from tests.nbtui.tui import recorded
from tests.nbtui.tui.test_graphics import KITTY_SAYS, XTERM_SAYS

PATIENCE_S = 120.0
"""Ends a hang; it does not judge a busy machine."""

pytestmark = pytest.mark.timeout(300)

_APP = """
import os, sys
from dataclasses import replace
from pathlib import Path
from nbtui.tui import app, compat, terminal, viewer
from tests.nbtui.tui.apps import Stage

if "--as-released" not in sys.argv:
    compat.tolerate_legacy_mouse_reports()
graphics = terminal.graphics_here(os.environ)
services = Stage().services()
if "--pager" in sys.argv:
    env = {**os.environ, "PAGER": sys.argv[sys.argv.index("--pager") + 1]}
    services = replace(services, view_file=lambda path, edit, line, left: viewer.view_file(
        path, env, left, edit=edit, line=line))
shown = app.NbtuiApp(services, attach=Path(sys.argv[1]), graphics=graphics)
sys.exit(terminal.show(shown))
"""
ROOT = Path(__file__).parents[3]
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"


@contextmanager
def _terminal(
    bundle: Path, *words: str, says: str | None = None, shows: bytes = b"RUNNING"
) -> Iterator["pexpect.spawn[bytes]"]:
    """Start the app on a terminal that answers the app's questions, or does not."""
    environ = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "PAGER"}}
    environ |= {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "PAGER": "cat"}
    environ["COLORTERM"] = "truecolor"
    environ["NBTUI_IMAGES"] = "half-block" if says is None else "auto"
    child = pexpect.spawn(
        sys.executable,
        ["-c", _APP, str(bundle), *words],
        dimensions=(24, 80),
        env=environ,
        cwd=str(bundle),
        timeout=PATIENCE_S,
    )
    try:
        if says:
            child.expect_exact(b"\x1b[c")
            child.send(says.encode())
        child.expect_exact(shows)
        yield child
    finally:
        child.close(force=True)


def _quit(child: "pexpect.spawn[bytes]") -> int:
    child.send(b"q")
    child.expect(pexpect.EOF)
    child.close()
    return int(child.exitstatus if child.exitstatus is not None else -1)


# Left button, column 200, row 10, in the form of 1986: three raw bytes, one of them >= 0x80.
_X10 = b"\x1b[M" + bytes((32, 32 + 200, 32 + 10))


def test_legacy_mouse_bytes_do_not_end_the_app(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    with _terminal(bundle) as child:
        for _ in range(3):
            child.send(_X10)
        child.send(b"2")
        child.expect_exact(b"Checks")
        assert _quit(child) == 0


def test_another_size_is_followed_though_columns_and_lines_are_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    with _terminal(recorded.running(tmp_path).bundle) as child:
        child.setwinsize(40, 140)
        child.expect_exact(b"Gates")  # there is no room for that pane at 80 columns
        assert _quit(child) == 0


def test_the_shim_is_still_needed(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    with _terminal(bundle, "--as-released") as child:
        child.send(_X10)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 70


def test_a_termination_gives_the_terminal_back(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    with _terminal(bundle) as child:
        child.kill(signal.SIGTERM)
        child.expect(pexpect.EOF)
        left = bytes(child.before or b"")
        assert LEAVES_ALTERNATE_SCREEN in left
        assert b"\x1b[?1000l" in left
        child.close()
        assert child.exitstatus == 143


def test_a_lost_line_ends_the_app(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    with _terminal(bundle) as child:
        child.ptyproc.fileobj.close()
        deadline = time.monotonic() + PATIENCE_S
        while child.isalive() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not child.isalive()
        assert child.exitstatus == 129


def test_leaving_a_run_under_way_says_how_to_come_back(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    with _terminal(bundle) as child:
        child.send(b"d")
        child.expect_exact(b"goes on")
        child.expect_exact(f"nbtui attach {bundle.name}".encode())


def test_the_log_opens_in_the_pager_and_the_app_comes_back(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    with _terminal(bundle) as child:
        child.send(b"l")
        child.expect_exact(b"viewed nb_compare.log")
        child.expect_exact(b"RUNNING")
        assert _quit(child) == 0


@pytest.mark.parametrize("how", ["closed", "hung up", "terminated"])
def test_the_app_ends_with_its_terminal_while_a_pager_has_it(tmp_path: Path, how: str) -> None:
    bundle = recorded.running(tmp_path).bundle
    pager = "sh -c 'echo pager $$ .; exec sleep 600'"
    with _terminal(bundle, "--pager", pager) as child:
        child.send(b"l")
        child.expect(rb"pager (\d+) \.")
        pid = int(child.match.group(1))
        code = 129
        if how == "closed":
            child.ptyproc.fileobj.close()
        else:
            number, code = {"hung up": (signal.SIGHUP, 129), "terminated": (signal.SIGTERM, 143)}[
                how
            ]
            child.kill(number)
            child.expect(pexpect.EOF)
            assert bytes(child.before or b"").rindex(LEAVES_ALTERNATE_SCREEN)
        deadline = time.monotonic() + PATIENCE_S
        while child.isalive() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert child.exitstatus == code
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_what_is_typed_to_the_pager_does_not_end_the_app(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    pager = "sh -c 'trap \"echo interrupted; exit\" INT; echo pager; while :; do sleep 0.05; done'"
    with _terminal(bundle, "--pager", pager) as child:
        child.send(b"l")
        child.expect_exact(b"pager\r\n")
        child.sendintr()
        child.expect_exact(b"interrupted")
        child.expect_exact(b"RUNNING")
        assert _quit(child) == 0


def test_a_pager_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    with _terminal(bundle, "--pager", "/no/such/pager") as child:
        child.send(b"l")
        child.expect_exact(b"could not be shown")
        child.send(b"y")
        child.expect_exact(b"Copied the message")


SIXEL_STARTS = b"\x1bP0;1;0q"
KITTY_STARTS = b"\x1b_Ga=T,U=1"


@pytest.mark.parametrize(
    ("says", "starts", "word"),
    [(KITTY_SAYS, KITTY_STARTS, b"kitty"), (XTERM_SAYS, SIXEL_STARTS, b"sixel")],
    ids=["kitty", "sixel"],
)
def test_a_terminal_that_has_graphics_gets_them(
    tmp_path: Path, says: str, starts: bytes, word: bytes
) -> None:
    bundle = recorded.gate_blocked(tmp_path).bundle
    write_pair(bundle, *images())
    with _terminal(bundle, says=says, shows=b"BLOCKED") as child:
        said = child.logfile_read = io.BytesIO()
        child.send(b"i")
        child.expect_exact(starts)
        child.expect_exact(b"\x1b\\")
        assert _quit(child) == 0
        assert word in said.getvalue()


def test_a_terminal_that_never_answers_gets_half_blocks(tmp_path: Path) -> None:
    bundle = recorded.gate_blocked(tmp_path).bundle
    write_pair(bundle, *images())
    with _terminal(bundle, says="", shows=b"BLOCKED") as child:
        said = child.logfile_read = io.BytesIO()
        # What comes after the wait is no key: one of its digits would leave the verdict.
        child.send(KITTY_SAYS.encode())
        child.send(b"i")
        child.expect_exact(b"half blocks")
        child.expect_exact("▀".encode())
        assert _quit(child) == 0
        assert KITTY_STARTS not in said.getvalue()
        assert SIXEL_STARTS not in said.getvalue()
