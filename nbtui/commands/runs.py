"""The commands about runs: follow, watch, read, list, stop and close them."""

from pathlib import Path

import click

from nbtui.commands.options import (
    bundle_of,
    colour_of,
    json_option,
    print_json,
    root_option,
    stamp_argument,
    start_of,
    wants_json,
)
from nbtui.errors import BundleError
from nbtui.evidence.text import printable
from nbtui.exit_codes import ExitCode


@click.command()
@stamp_argument
@root_option
@json_option
@click.pass_context
def attach(ctx: click.Context, *, stamp: str | None, root: Path | None, as_json: bool) -> int:
    """Follow a run (default: the newest) from its first event; Ctrl-C leaves it running."""
    from nbtui.batch import attach as follow

    bundle = bundle_of(ctx, stamp, root)
    return follow(bundle, as_json=wants_json(ctx, as_json), colour=colour_of(ctx.obj["no_color"]))


@click.command(
    epilog="""\b
Examples:
  nbtui status                      the newest run
  nbtui status 20260131T120000Z     that one
  nbtui status --watch              until it has its verdict; returns the run's exit code
"""
)
@stamp_argument
@root_option
@json_option
@click.option("--watch", is_flag=True, help="Show it again with every change, until its verdict.")
@click.pass_context
def status(
    ctx: click.Context, *, stamp: str | None, root: Path | None, as_json: bool, watch: bool
) -> int:
    """Show where a run is (default: the newest)."""
    from nbtui.listing import state_record, state_text
    from nbtui.run.launch import is_alive
    from nbtui.store import read

    bundle = bundle_of(ctx, stamp, root)
    if watch:
        from nbtui.commands.watching import watch as follow

        return follow(bundle, as_json=wants_json(ctx, as_json))
    state = read(bundle)
    supervised = is_alive(state)
    if wants_json(ctx, as_json):
        print_json(state_record(state, supervised=supervised))
    else:
        click.echo(state_text(state, supervised=supervised))
    return int(ExitCode.CLEARED)


@click.command(
    epilog="""\b
Examples:
  nbtui log                         of the newest run: the stage that failed, else the last one
  nbtui log --step 03 --mark        of the third step, with a mark before what came through stderr
  nbtui log --stderr                only what is known to have come through stderr

\b
Exit codes: 0 printed; 5 --stderr was asked for and nothing of this log is told apart.
"""
)
@stamp_argument
@click.option("--step", metavar="ID", default="", help="The stage, or the beginning of its id.")
@click.option("--stderr", is_flag=True, help="Only what is known to have come through stderr.")
@click.option("--mark", is_flag=True, help="Mark the lines that came through stderr.")
@root_option
@json_option
@click.pass_context
def log(
    ctx: click.Context,
    *,
    stamp: str | None,
    step: str,
    stderr: bool,
    mark: bool,
    root: Path | None,
    as_json: bool,
) -> int:
    """Print the log of a stage (default: of the newest run, the one that failed or the last)."""
    from nbtui.commands.logs import show

    bundle = bundle_of(ctx, stamp, root)
    return show(bundle, step, stderr=stderr, mark=mark, as_json=wants_json(ctx, as_json))


@click.command()
@root_option
@json_option
@click.pass_context
def runs(ctx: click.Context, *, root: Path | None, as_json: bool) -> int:
    """List the runs of this project, the newest first."""
    from nbtui.listing import run_line, state_record
    from nbtui.project import find
    from nbtui.run.catalog import bundles
    from nbtui.store import RunState, read

    project = find(start_of(root or ctx.obj["root"]))
    states: list[RunState] = []
    damaged: list[str] = []
    for bundle in bundles(project.root, project.settings.reports):
        try:
            states.append(read(bundle))
        except BundleError as error:
            damaged.append(str(error))
    if wants_json(ctx, as_json):
        print_json([state_record(state) for state in states])
    else:
        for state in states:
            click.echo(run_line(state))
    for problem in damaged:
        click.echo(printable(problem), err=True)
    if damaged:
        return int(ExitCode.VERIFY_FAILED)
    if not states:
        click.echo("there is no run yet; nbtui --batch starts one", err=True)
    return int(ExitCode.CLEARED)


@click.command()
@stamp_argument
@root_option
@click.option("--force", is_flag=True, help="End the stage at once, without grace.")
@json_option
@click.pass_context
def cancel(
    ctx: click.Context, *, stamp: str | None, root: Path | None, force: bool, as_json: bool
) -> int:
    """Stop a run (default: the newest); its bundle is sealed as cancelled."""
    from nbtui.run.launch import cancel as stop

    bundle = bundle_of(ctx, stamp, root)
    asked = stop(bundle, force=force)
    if wants_json(ctx, as_json):
        print_json({"stamp": bundle.name, "asked": asked, "force": force})
    if not asked:
        click.echo(f"{bundle.name} is not running", err=True)
        return int(ExitCode.NOTHING_TO_DO)
    click.echo(f"asked {bundle.name} to stop; nbtui attach {bundle.name} shows it", err=True)
    return int(ExitCode.CLEARED)


@click.command(
    epilog="""\b
Examples:
  nbtui recover                     the newest run
  nbtui recover 20260131T120000Z    that one
  nbtui recover --all               every run that was never closed

\b
Exit codes: 0 closed; 5 nothing to close (sealed, or its supervisor works);
6 the journal is damaged: such a bundle is not sealed.
"""
)
@stamp_argument
@click.option("--all", "every", is_flag=True, help="Close every run that nobody works on.")
@root_option
@json_option
@click.pass_context
def recover(
    ctx: click.Context, *, stamp: str | None, every: bool, root: Path | None, as_json: bool
) -> int:
    """Close a run whose supervisor is gone (default: the newest).

    What it left running is ended, what it recorded is kept, its verdict is interrupted;
    blocker report and seal are written.
    """
    from nbtui.commands.recovery import close

    if every and stamp is not None:
        raise click.UsageError("--all goes without a STAMP")
    if every:
        from nbtui.project import find
        from nbtui.run.catalog import bundles

        project = find(start_of(root or ctx.obj["root"]))
        found = bundles(project.root, project.settings.reports)
    else:
        found = (bundle_of(ctx, stamp, root),)
    return close(found, as_json=wants_json(ctx, as_json))


@click.command(
    name="sign-off",
    epilog="""\b
Examples:
  nbtui sign-off                     show what the newest run's block would need; exits 7
  nbtui sign-off --as "Ada Lovelace" --reason "known rounding, see item 12"
  nbtui sign-off 20260131T120000Z --as Ada --reason "..." --gate correlation=0.998
  nbtui sign-off --as ada@example.org --reason "..." --ssh-key ~/.ssh/id_ed25519

\b
Exit codes: 0 recorded; 7 waiting for a name and a reason, or this cannot be waived.
""",
)
@stamp_argument
@click.option("--as", "by", metavar="NAME", default="", help="Who decides; in allowed_signers.")
@click.option("--reason", metavar="TEXT", default="", help="Why it is acceptable.")
@click.option(
    "--gate",
    "gates",
    metavar="NAME[=THRESHOLD]",
    multiple=True,
    help="Waive this only; lower it to THRESHOLD instead of the measured value.",
)
@click.option(
    "--ssh-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Sign with this private key (ssh-keygen -Y sign).",
)
@root_option
@json_option
@click.pass_context
def sign_off(
    ctx: click.Context,
    *,
    stamp: str | None,
    by: str,
    reason: str,
    gates: tuple[str, ...],
    ssh_key: Path | None,
    root: Path | None,
    as_json: bool,
) -> int:
    """Sign, by name and with a reason, that a plan may go on over what blocked its run.

    Nothing else lowers a threshold. The next run of exactly this plan records the sign-off;
    its verdict and its summary say "cleared with waiver".
    """
    from nbtui.commands.signing import Wish, sign
    from nbtui.project import find

    bundle = bundle_of(ctx, stamp, root)
    project = find(start_of(root or ctx.obj["root"]))
    wish = Wish(by, reason, gates, ssh_key, wants_json(ctx, as_json))
    return sign(project, bundle, wish)


RUN_COMMANDS = (attach, status, log, runs, cancel, recover, sign_off)
