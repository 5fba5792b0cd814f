"""How the command-line tools start and end: exit codes and signals."""

import signal
import sys
from collections.abc import Sequence
from types import FrameType

import click

from engine.errors import EngineError
from engine.parity.errors import ExitCode


def narrate(line: str) -> None:
    """Say on stderr what goes on, at once: stdout is for the result."""
    click.echo(line, err=True)


def run_command(entry: click.Command, name: str, argv: Sequence[str] | None = None) -> int:
    """Run a click command with this tool family's exit codes: usage is 1, never 2.

    TERM and HUP end the simulators that run at that moment, then the tool.
    """
    previous = {n: signal.signal(n, _stop) for n in (signal.SIGTERM, signal.SIGHUP)}
    try:
        code = entry.main(args=argv, prog_name=name, standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"{name}: {error.format_message()}; see {name} --help", err=True)
        return int(ExitCode.USAGE)
    except EngineError as error:
        click.echo(f"{name}: {error}", err=True)
        return int(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"{name}: interrupted", err=True)
        return 128 + signal.SIGINT
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return int(code or 0)


def _stop(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
