"""``nbtui`` itself: without a command the app or ``--batch``, else the command that was named."""

import os
import sys
from pathlib import Path

import click

from nbtui import __version__
from nbtui.commands.app import APP_COMMANDS
from nbtui.commands.bundles import BUNDLE_COMMANDS
from nbtui.commands.diagnose import DIAGNOSE_COMMANDS
from nbtui.commands.history import HISTORY_COMMANDS
from nbtui.commands.options import (
    CONTEXT,
    SuggestingGroup,
    colour_of,
    independent_option,
    json_option,
    memo_option,
    plan_option,
    root_option,
    start_of,
)
from nbtui.commands.plans import PLAN_COMMANDS
from nbtui.commands.runs import RUN_COMMANDS
from nbtui.commands.selftest import SELFTEST_COMMANDS
from nbtui.exit_codes import ExitCode

EXAMPLES = """\b
Examples:
  nbtui                        open the app on ./input.md or the packaged memo
  nbtui plan                   show what would run, and against which thresholds
  nbtui lint                   say what will not work, and what the stages do not share
  nbtui approve                approve exactly this plan, by its hash
  nbtui preflight              check this machine and work tree; nothing is run
  nbtui --batch --yes          run the whole plan without a screen
  nbtui attach                 follow the newest run, from its first event on
  nbtui log                    print a stage's log; --stderr: what came through stderr
  nbtui recover                close a run whose supervisor is gone
  nbtui diagnose               find out why a comparison failed
  nbtui history                what earlier runs measured; --trends: by experiment
"""


@click.group(
    cls=SuggestingGroup, invoke_without_command=True, context_settings=CONTEXT, epilog=EXAMPLES
)
@click.option("--batch", is_flag=True, help="Run the plan without a screen.")
@memo_option
@plan_option
@click.option("--yes", is_flag=True, help="Run the commands of the plan without asking.")
@click.option("--approve", metavar="sha256:HASH", help="Run if the plan has this hash.")
@click.option(
    "--resume", metavar="STAMP", help="Take over completed stages of this interrupted run."
)
@independent_option
@json_option
@root_option
@click.option("--debug", is_flag=True, help="Show a traceback when the tool itself fails.")
@click.option("--no-color", "--no-colour", is_flag=True, help="Never colour (also: NO_COLOR).")
@click.version_option(__version__, message="nbtui %(version)s")
@click.pass_context
def group(
    ctx: click.Context,
    *,
    batch: bool,
    memo: Path | None,
    plan_file: Path | None,
    yes: bool,
    approve: str | None,
    resume: str | None,
    independent: tuple[str, ...],
    as_json: bool,
    root: Path | None,
    debug: bool,
    no_color: bool,
) -> int | None:
    """Capture parity evidence: memo, plan, preflight, run, bundle.

    Without a command and with a terminal: the app.
    """
    ctx.obj = {"memo": memo, "root": root, "json": as_json, "no_color": no_color, "debug": debug}
    if ctx.invoked_subcommand is not None:
        if batch or yes or approve or resume or independent:
            raise click.UsageError(
                "--batch, --yes, --approve, --resume and --independent go without a command"
            )
        return None
    if not batch and (yes or approve or resume or independent or as_json or plan_file):
        raise click.UsageError(
            "--plan, --yes, --approve, --resume, --independent and --json go with --batch"
        )
    if batch:
        from nbtui.batch import Options, run

        colour = colour_of(no_color)
        options = Options(
            start_of(root), memo, plan_file, yes, approve, as_json, colour, resume, independent
        )
        return run(options, os.environ)
    in_browser = "TEXTUAL_DRIVER" in os.environ  # nbtui serve: the page is the terminal
    if in_browser or (sys.stdin.isatty() and sys.stdout.isatty()):
        if os.environ.get("TERM") == "dumb":
            raise click.UsageError(
                "the app needs a terminal that moves its cursor (TERM=dumb); "
                "fix: set TERM, or nbtui --batch --yes"
            )
        return _app(start_of(root), memo)
    click.echo(ctx.get_help(), err=True)
    return int(ExitCode.USAGE)


for _command in (
    *PLAN_COMMANDS,
    *RUN_COMMANDS,
    *HISTORY_COMMANDS,
    *BUNDLE_COMMANDS,
    *DIAGNOSE_COMMANDS,
    *SELFTEST_COMMANDS,
    *APP_COMMANDS,
):
    group.add_command(_command)


def _app(start: Path, memo: Path | None) -> int:
    import gc

    gc.disable()  # until the app has drawn: nothing of what it imports is to be collected
    from nbtui.project import find
    from nbtui.tui.terminal import run

    return run(find(start), memo)
