"""The command line: ``nbtui`` and its commands.

Nothing heavy is imported before a command needs it: ``--version`` needs nothing at all,
``--help`` needs click.
"""

import sys
from typing import TYPE_CHECKING, NoReturn

from nbtui import __version__
from nbtui.exit_codes import ExitCode

if TYPE_CHECKING:
    import click


def main() -> NoReturn:
    """Run the command line and exit with a code of :class:`~nbtui.exit_codes.ExitCode`."""
    words = sys.argv[1:]
    if words == ["--version"]:
        sys.stdout.write(f"nbtui {__version__}\n")
        sys.exit(ExitCode.CLEARED)
    from nbtui.commands.root import group  # noqa: PLC0415  (--version shall not wait for click)

    sys.exit(_run(group, debug="--debug" in words))


def _run(group: "click.Group", *, debug: bool) -> int:
    import click  # noqa: PLC0415

    from nbtui.errors import NbtuiError  # noqa: PLC0415

    try:
        result = group.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except click.Abort:
        return ExitCode.SIGINT
    except NbtuiError as error:
        _say(f"nbtui: {error}")
        return error.exit_code
    except BrokenPipeError:
        _drop_stdout()
        return ExitCode.CLEARED
    except Exception as error:
        if debug:
            raise
        return _bug(error)
    return result if isinstance(result, int) else ExitCode.CLEARED


def _bug(error: Exception) -> int:
    """Say in one line that the tool failed, and keep the traceback in a file."""
    import tempfile  # noqa: PLC0415
    import traceback  # noqa: PLC0415

    with tempfile.NamedTemporaryFile(
        "w", prefix="nbtui-bug-", suffix=".txt", delete=False, encoding="utf-8"
    ) as report:
        report.write(f"nbtui {__version__}, Python {sys.version}\nargv: {sys.argv}\n\n")
        report.write("".join(traceback.format_exception(error)))
    _say(
        f"nbtui: a bug: {type(error).__name__}: {' '.join(str(error).split())}; "
        f"report: {report.name} (or run again with --debug)"
    )
    return ExitCode.BUG


def _say(text: str) -> None:
    from nbtui.evidence.text import printable  # noqa: PLC0415  (only after a failure)

    try:
        sys.stderr.write(f"{printable(text)}\n")
    except OSError:
        return


def _drop_stdout() -> None:
    """Leave nothing for the interpreter to flush into a closed pipe."""
    import os  # noqa: PLC0415

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
