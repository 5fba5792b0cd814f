"""The commands about a plan: show, lint, check and approve it, print it, hold it to the ledger."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbtui.commands.options import (
    bundle_of,
    independent_option,
    json_option,
    memo_option,
    plan_option,
    print_json,
    root_option,
    stamp_argument,
    start_of,
    wants_json,
)
from nbtui.evidence.text import printable
from nbtui.exit_codes import ExitCode

if TYPE_CHECKING:
    from nbtui.run.prepare import Prepared


@click.command()
@memo_option
@plan_option
@independent_option
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
    independent: tuple[str, ...],
    root: Path | None,
    as_json: bool,
    as_toml: bool,
    output: Path | None,
) -> int:
    """Show what the memo compiles to; run nothing."""
    from nbtui.commands import planning

    prepared = _prepared(ctx, memo, root, plan_file, independent)
    written = (
        planning.toml if as_toml else (planning.json if wants_json(ctx, as_json) else planning.text)
    )
    text = written(prepared)
    if output is None:
        click.echo(text, nl=False)
    else:
        from nbtui.durable import write_text

        write_text(output, text)
        click.echo(f"wrote {output}", err=True)
    return int(ExitCode.NOT_STARTED if prepared.blocking else ExitCode.CLEARED)


@click.command()
@click.argument("digest", metavar="[sha256:HASH]", required=False)
@memo_option
@plan_option
@independent_option
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
    independent: tuple[str, ...],
    yes: bool,
    root: Path | None,
    as_json: bool,
) -> int:
    """Show a plan and record its approval by hash; run nothing.

    Afterwards nbtui --batch runs exactly this plan without asking.
    """
    from nbtui.batch import Options
    from nbtui.batch import approve as record

    start = start_of(root or ctx.obj["root"])
    wanted = memo or ctx.obj["memo"]
    as_json = wants_json(ctx, as_json)
    options = Options(start, wanted, plan_file, yes, digest, as_json, independent=independent)
    return record(options, os.environ)


@click.command()
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
    from nbtui.commands.linting import Wish, run

    if fix and unfix:
        raise click.UsageError("--fix and --unfix exclude each other")
    wish = Wish.FIX if fix else (Wish.UNFIX if unfix else Wish.LOOK)
    start = start_of(root or ctx.obj["root"])
    return run(start, memo or ctx.obj["memo"], wish, as_json=wants_json(ctx, as_json))


@click.command()
@memo_option
@root_option
@json_option
@click.pass_context
def preflight(ctx: click.Context, *, memo: Path | None, root: Path | None, as_json: bool) -> int:
    """Check what must hold before a run; exits 3 when something blocks."""
    from nbtui.listing import check_line
    from nbtui.preflight.model import CheckStatus, Context
    from nbtui.preflight.registry import run_all

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


@click.command()
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
        from nbtui.checklist.interactive import lead

        return lead(start_of(root or ctx.obj["root"]), memo or ctx.obj["memo"])
    from nbtui.checklist import FORMATS, make_sheet

    if stamp is not None:
        from nbtui.checklist.filled import sheet_of_run

        sheet = sheet_of_run(bundle_of(ctx, stamp, root), os.environ)
    else:
        prepared = _prepared(ctx, memo, root, ask=False)
        sheet = make_sheet(prepared.plan, prepared.memo, prepared.project.root, os.environ)
    if wants_json(ctx, as_json):
        print_json(sheet)
    else:
        click.echo(printable(FORMATS[form](sheet)))
    return int(ExitCode.CLEARED)


@click.command()
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
    from nbtui.commands.bookkeeping import Wish, show
    from nbtui.memo.source import load
    from nbtui.project import find

    project = find(start_of(root or ctx.obj["root"]))
    text = load(project.root, memo or ctx.obj["memo"])
    wanted = stamp is not None or patch or output is not None
    bundle = bundle_of(ctx, stamp, root) if wanted else None
    return show(project, text, bundle, Wish(patch, output, wants_json(ctx, as_json)))


def _prepared(
    ctx: click.Context,
    memo: Path | None,
    root: Path | None,
    plan_file: Path | None = None,
    independent: tuple[str, ...] = (),
    *,
    ask: bool = True,
) -> "Prepared":
    from nbtui.run.prepare import prepare

    start = start_of(root or ctx.obj["root"])
    return prepare(
        start, memo or ctx.obj["memo"], plan_file=plan_file, independent=independent, ask=ask
    )


PLAN_COMMANDS = (plan, approve, lint, preflight, checklist, ledger)
