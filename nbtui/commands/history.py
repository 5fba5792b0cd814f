"""The commands about earlier runs: list them, hold two beside each other, see what is covered."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbtui.commands.options import json_option, root_option, start_of, wants_json

if TYPE_CHECKING:
    from nbtui.project import Project

VERDICTS = ("cleared", "blocked", "cancelled", "interrupted", "open", "damaged")
ORDERS = ("stamp", "verdict", "wall", "correlation", "initiative")


@click.command(
    epilog="""\b
Examples:
  nbtui history                             every run, the newest first
  nbtui history --verdict blocked --text N  blocked runs whose focus or reason says so
  nbtui history --parameters 93e86b         the runs of one experiment
  nbtui history --trends                    one line an experiment: last pass, last failure
"""
)
@click.option("--verdict", type=click.Choice(VERDICTS), help="Runs that ended so.")
@click.option("--initiative", default="", help="Part of <initiative>/<phase>.")
@click.option("--since", default="", metavar="STAMP", help="From this STAMP (or its beginning) on.")
@click.option("--until", default="", metavar="STAMP", help="Up to this STAMP, or its beginning.")
@click.option("--plan", default="", metavar="HASH", help="Runs of this plan.")
@click.option("--parameters", default="", metavar="HASH", help="Runs of this experiment.")
@click.option("--commit", default="", metavar="ID", help="Runs at this commit.")
@click.option("--text", default="", help="A word of the focus, the memo's name or the reason.")
@click.option("--sort", type=click.Choice(ORDERS), default="stamp", show_default=True)
@click.option("--reverse", is_flag=True, help="The other way round.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--trends", "by_experiment", is_flag=True, help="One line an experiment and role.")
@root_option
@json_option
@click.pass_context
def history(
    ctx: click.Context,
    *,
    verdict: str | None,
    initiative: str,
    since: str,
    until: str,
    plan: str,
    parameters: str,
    commit: str,
    text: str,
    sort: str,
    reverse: bool,
    limit: int | None,
    by_experiment: bool,
    root: Path | None,
    as_json: bool,
) -> int:
    """List earlier runs with their verdict, figures and experiment."""
    from nbtui.commands.remembering import show_history
    from nbtui.history.query import Order, Query

    query = Query(
        verdict=verdict,
        initiative=initiative,
        since=since,
        until=until,
        plan=plan,
        parameters=parameters,
        commit=commit,
        text=text,
        order=Order(sort),
        reverse=reverse,
        limit=limit,
    )
    return show_history(
        _project(ctx, root),
        os.environ,
        query,
        by_experiment=by_experiment,
        as_json=wants_json(ctx, as_json),
    )


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--all", "everything", is_flag=True, help="Show what is the same too.")
@root_option
@json_option
@click.pass_context
def compare(
    ctx: click.Context, *, a: str, b: str, everything: bool, root: Path | None, as_json: bool
) -> int:
    """Show what differs between two runs (STAMPs): plan, code, environment, figures, time."""
    from nbtui.commands.remembering import show_comparison

    return show_comparison(
        _project(ctx, root),
        os.environ,
        (a, b),
        everything=everything,
        as_json=wants_json(ctx, as_json),
    )


@click.command()
@click.option("--tests", "pattern", metavar="GLOB", help="Default: tests/test_at_*.py.")
@root_option
@json_option
@click.pass_context
def coverage(ctx: click.Context, *, pattern: str | None, root: Path | None, as_json: bool) -> int:
    """Show which acceptance tests have fresh, stale or no evidence."""
    from nbtui.commands.remembering import show_coverage

    return show_coverage(_project(ctx, root), os.environ, pattern, as_json=wants_json(ctx, as_json))


def _project(ctx: click.Context, root: Path | None) -> "Project":
    from nbtui.project import find

    return find(start_of(root or ctx.obj["root"]))


HISTORY_COMMANDS = (history, compare, coverage)
