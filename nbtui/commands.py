"""The commands of ``nbtui``, each a thin layer over the part that does the work."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbtui import __version__
from nbtui.app_commands import APP_COMMANDS
from nbtui.bundle_commands import BUNDLE_COMMANDS
from nbtui.diagnose_commands import DIAGNOSE_COMMANDS
from nbtui.evidence.text import printable
from nbtui.exit_codes import ExitCode
from nbtui.history_commands import HISTORY_COMMANDS
from nbtui.options import (
    CONTEXT,
    SuggestingGroup,
    bundle_of,
    colour_of,
    json_option,
    memo_option,
    plan_option,
    print_json,
    root_option,
    stamp_argument,
    start_of,
    wants_json,
)
from nbtui.run_commands import RUN_COMMANDS
from nbtui.selftest_commands import SELFTEST_COMMANDS

if TYPE_CHECKING:
    from nbtui.run.prepare import Prepared

EXAMPLES = """\b
Examples:
  nbtui                        open the app on ./input.md or the packaged memo
  nbtui plan                   show what would run, and against which thresholds
  nbtui lint                   say what will not work, and what the stages do not share
  nbtui approve                approve exactly this plan, by its hash
  nbtui preflight              check this machine and work tree; nothing is run
  nbtui --batch --yes          run the whole plan without a screen
  nbtui attach                 follow the newest run, from its first event on
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
        if batch or yes or approve or resume:
            raise click.UsageError("--batch, --yes, --approve and --resume go without a command")
        return None
    if not batch and (yes or approve or resume or as_json or plan_file):
        raise click.UsageError("--plan, --yes, --approve, --resume and --json go with --batch")
    if batch:
        from nbtui.batch import Options, run  # noqa: PLC0415

        colour = colour_of(no_color)
        options = Options(start_of(root), memo, plan_file, yes, approve, as_json, colour, resume)
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


@group.command()
@memo_option
@plan_option
@root_option
@json_option
@click.option("--toml", "as_toml", is_flag=True, help="Print a plan file to edit.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file instead of the terminal.",
)
@click.pass_context
def plan(
    ctx: click.Context,
    *,
    memo: Path | None,
    plan_file: Path | None,
    root: Path | None,
    as_json: bool,
    as_toml: bool,
    output: Path | None,
) -> int:
    """Show what the memo compiles to; run nothing."""
    from nbtui.memo.coverage import coverage_line  # noqa: PLC0415
    from nbtui.remembering import recalled  # noqa: PLC0415
    from nbtui.run.forecast import forecasts_of  # noqa: PLC0415

    prepared = _prepared(ctx, memo, root, plan_file)
    forecasts = forecasts_of(prepared)
    before = recalled(prepared, os.environ)
    if as_toml:
        from nbtui.durable import safe_json  # noqa: PLC0415
        from nbtui.memo.planfile import to_toml  # noqa: PLC0415

        text = safe_json(to_toml(prepared.plan).encode()).decode()  # TOML escapes like JSON
    elif wants_json(ctx, as_json):
        from nbtui.durable import dump_json  # noqa: PLC0415

        text = dump_json(
            {
                "digest": f"sha256:{prepared.plan.digest()}",
                "root": str(prepared.project.root),
                "plan": prepared.plan,
                "findings": prepared.findings,
                "history": prepared.history,
                "forecasts": forecasts,
                "earlier_runs": before,
                "coverage": prepared.memo.coverage(),
                "asked": prepared.asked,
            }
        ).decode()
    else:
        from nbtui.listing import (  # noqa: PLC0415
            asked_text,
            earlier_text,
            findings_text,
            plan_text,
        )

        shown = plan_text(prepared.plan, prepared.project.root, os.environ, forecasts)
        said = findings_text(prepared.findings, prepared.plan.memo_name, prepared.history)
        whose = coverage_line(prepared.memo, prepared.plan)
        asked = asked_text(prepared.asked)
        text = printable(f"{shown}\n\n{earlier_text(before)}\n\n{whose}\n\n{said}\n\n{asked}\n")
    if output is None:
        click.echo(text, nl=False)
    else:
        from nbtui.durable import write_text  # noqa: PLC0415

        write_text(output, text)
        click.echo(f"wrote {output}", err=True)
    return int(ExitCode.NOT_STARTED if prepared.blocking else ExitCode.CLEARED)


@group.command()
@click.argument("digest", metavar="[sha256:HASH]", required=False)
@memo_option
@plan_option
@click.option("--yes", is_flag=True, help="Approve without being asked.")
@root_option
@json_option
@click.pass_context
def approve(
    ctx: click.Context,
    *,
    digest: str | None,
    memo: Path | None,
    plan_file: Path | None,
    yes: bool,
    root: Path | None,
    as_json: bool,
) -> int:
    """Show a plan and record its approval by hash; run nothing.

    Afterwards nbtui --batch runs exactly this plan without asking.
    """
    from nbtui.batch import Options  # noqa: PLC0415
    from nbtui.batch import approve as record  # noqa: PLC0415

    start = start_of(root or ctx.obj["root"])
    wanted = memo or ctx.obj["memo"]
    options = Options(start, wanted, plan_file, yes, digest, wants_json(ctx, as_json))
    return record(options, os.environ)


@group.command()
@memo_option
@root_option
@json_option
@click.option("--fix", is_flag=True, help="Accept every mechanical fix; each is a deviation.")
@click.option("--unfix", is_flag=True, help="Take back the fixes accepted for this memo.")
@click.pass_context
def lint(
    ctx: click.Context,
    *,
    memo: Path | None,
    root: Path | None,
    as_json: bool,
    fix: bool,
    unfix: bool,
) -> int:
    """Say what will not work, before anything runs; exits 3 when something blocks."""
    from nbtui.linting import Wish, run  # noqa: PLC0415

    if fix and unfix:
        raise click.UsageError("--fix and --unfix exclude each other")
    wish = Wish.FIX if fix else (Wish.UNFIX if unfix else Wish.LOOK)
    start = start_of(root or ctx.obj["root"])
    return run(start, memo or ctx.obj["memo"], wish, as_json=wants_json(ctx, as_json))


@group.command()
@memo_option
@root_option
@json_option
@click.pass_context
def preflight(ctx: click.Context, *, memo: Path | None, root: Path | None, as_json: bool) -> int:
    """Check what must hold before a run; exits 3 when something blocks."""
    from nbtui.listing import check_line  # noqa: PLC0415
    from nbtui.preflight.model import CheckStatus, Context  # noqa: PLC0415
    from nbtui.preflight.registry import run_all  # noqa: PLC0415

    prepared = _prepared(ctx, memo, root, ask=False)
    context = Context(
        root=prepared.project.root,
        plan=prepared.plan,
        env=os.environ,
        settings=prepared.project.settings,
    )
    results = []
    for result in run_all(context):
        results.append(result)
        if not wants_json(ctx, as_json):
            click.echo(check_line(result))
    if wants_json(ctx, as_json):
        print_json({"checks": results})
    blocked = sum(r.status is CheckStatus.BLOCK for r in results)
    click.echo(f"{len(results)} checks, {blocked} block", err=True)
    return int(ExitCode.NOT_STARTED if blocked else ExitCode.CLEARED)


@group.command()
@memo_option
@click.option("--stamp", help="Fill it in from the journal of this run.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "html", "text"]),
    default="md",
    show_default=True,
    help="How it is written.",
)
@click.option("--interactive", is_flag=True, help="Lead through the steps and record a run.")
@root_option
@json_option
@click.pass_context
def checklist(
    ctx: click.Context,
    *,
    memo: Path | None,
    stamp: str | None,
    form: str,
    interactive: bool,
    root: Path | None,
    as_json: bool,
) -> int:
    """Print the plan as a checklist to work through by hand, or be led through it."""
    if interactive:
        if stamp is not None:
            raise click.UsageError("--interactive makes a run of its own; leave --stamp out")
        from nbtui.checklist.interactive import lead  # noqa: PLC0415

        return lead(start_of(root or ctx.obj["root"]), memo or ctx.obj["memo"])
    from nbtui.checklist import FORMATS, make_sheet  # noqa: PLC0415

    if stamp is not None:
        from nbtui.checklist.filled import sheet_of_run  # noqa: PLC0415

        sheet = sheet_of_run(bundle_of(ctx, stamp, root), os.environ)
    else:
        prepared = _prepared(ctx, memo, root, ask=False)
        sheet = make_sheet(prepared.plan, prepared.memo, prepared.project.root, os.environ)
    if wants_json(ctx, as_json):
        print_json(sheet)
    else:
        click.echo(printable(FORMATS[form](sheet)))
    return int(ExitCode.CLEARED)


@group.command()
@stamp_argument
@memo_option
@click.option("--patch", is_flag=True, help="Print the patch that enters the run; git apply it.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the patch here."
)
@root_option
@json_option
@click.pass_context
def ledger(
    ctx: click.Context,
    *,
    stamp: str | None,
    memo: Path | None,
    patch: bool,
    output: Path | None,
    root: Path | None,
    as_json: bool,
) -> int:
    """Show which item the evidence serves and what waits for it; nothing is edited."""
    from nbtui.bookkeeping import Wish, show  # noqa: PLC0415
    from nbtui.memo.source import load  # noqa: PLC0415
    from nbtui.project import find  # noqa: PLC0415

    project = find(start_of(root or ctx.obj["root"]))
    text = load(project.root, memo or ctx.obj["memo"])
    wanted = stamp is not None or patch or output is not None
    bundle = bundle_of(ctx, stamp, root) if wanted else None
    return show(project, text, bundle, Wish(patch, output, wants_json(ctx, as_json)))


_ALL = (
    *RUN_COMMANDS,
    *HISTORY_COMMANDS,
    *BUNDLE_COMMANDS,
    *DIAGNOSE_COMMANDS,
    *SELFTEST_COMMANDS,
    *APP_COMMANDS,
)
for _command in _ALL:
    group.add_command(_command)


def _app(start: Path, memo: Path | None) -> int:
    from nbtui.project import find  # noqa: PLC0415
    from nbtui.tui.terminal import run  # noqa: PLC0415

    return run(find(start), memo)


def _prepared(
    ctx: click.Context,
    memo: Path | None,
    root: Path | None,
    plan_file: Path | None = None,
    *,
    ask: bool = True,
) -> "Prepared":
    from nbtui.run.prepare import prepare  # noqa: PLC0415

    start = start_of(root or ctx.obj["root"])
    return prepare(start, memo or ctx.obj["memo"], plan_file=plan_file, ask=ask)
