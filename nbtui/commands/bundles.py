"""The commands about bundles: verify, sign, export."""

from pathlib import Path

import click

from nbtui.commands.options import bundle_of, json_option, print_json, root_option, wants_json
from nbtui.exit_codes import ExitCode

bundle_argument = click.argument("bundle", metavar="[STAMP|FOLDER]", required=False)


@click.command(
    epilog="""\b
Examples:
  nbtui verify                                  the newest run
  nbtui verify 20260131T120000Z                 that one
  nbtui verify /media/usb/20260131T120000Z      a bundle from anywhere, offline
  nbtui verify --require cleared --key lab.pub --require-signature

\b
Exit codes: 0 intact, and every figure derived again, whatever the verdict;
6 altered, incomplete or not derivable (or a required signature lacks);
1 sound, but the verdict is not the one that --require names.
"""
)
@bundle_argument
@click.option(
    "--require",
    type=click.Choice(["cleared", "cleared-or-waived", "blocked", "cancelled", "interrupted"]),
    help="Also demand this verdict; cleared with a waiver is another one than cleared.",
)
@click.option(
    "--key",
    "keys",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="Trust this Ed25519 public key (PEM) or allowed_signers file; may be repeated.",
)
@click.option("--require-signature", is_flag=True, help="Demand a signature by a trusted key.")
@root_option
@json_option
@click.pass_context
def verify(
    ctx: click.Context,
    *,
    bundle: str | None,
    require: str | None,
    keys: tuple[Path, ...],
    require_signature: bool,
    root: Path | None,
    as_json: bool,
) -> int:
    """Check a bundle (default: the newest) and derive its figures again; nothing is changed."""
    from nbtui.verify.face import run
    from nbtui.verify.keys import Trusted

    return run(
        _folder(ctx, bundle, root),
        require=require,
        signed=require_signature,
        trusted=Trusted.of(keys),
        as_json=wants_json(ctx, as_json),
    )


@click.command(
    epilog="""\b
Examples:
  nbtui sign --key ~/.ssh/id_ed25519      with an SSH key (ssh-keygen -Y sign)
  nbtui sign --key lab.pem                with an Ed25519 key (needs nbtui[sign])
"""
)
@bundle_argument
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help="Private key: an SSH key, or Ed25519 in PEM.",
)
@click.option("--ask-passphrase", is_flag=True, help="Ask for the passphrase of a PEM key.")
@root_option
@json_option
@click.pass_context
def sign(
    ctx: click.Context,
    *,
    bundle: str | None,
    key: Path,
    ask_passphrase: bool,
    root: Path | None,
    as_json: bool,
) -> int:
    """Sign a sealed bundle (default: the newest): its attestation, and so all of it."""
    from nbtui.verify.face import sign as add

    said = click.prompt("Passphrase", hide_input=True, err=True) if ask_passphrase else None
    target = add(_folder(ctx, bundle, root), key, said.encode() if said else None)
    if wants_json(ctx, as_json):
        print_json({"bundle": str(target.parent), "signature": target.name})
    else:
        click.echo(f"signed {target.parent.name}: {target.name}")
    return int(ExitCode.CLEARED)


@click.command(
    epilog="""\b
Examples:
  nbtui export                           the newest run as ./STAMP.tar
  nbtui export 20260131T120000Z -o e.tar --licence https://spdx.org/licenses/CC-BY-4.0
"""
)
@bundle_argument
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The archive. Default: STAMP.tar in the current folder.",
)
@click.option("--licence", metavar="URL", default="", help="Licence to name in the metadata.")
@root_option
@json_option
@click.pass_context
def export(
    ctx: click.Context,
    *,
    bundle: str | None,
    output: Path | None,
    licence: str,
    root: Path | None,
    as_json: bool,
) -> int:
    """Pack an intact bundle (default: the newest) and RO-Crate metadata into one tar archive."""
    from nbtui.export.archive import export as pack

    folder = _folder(ctx, bundle, root)
    done = pack(folder, output or Path(f"{folder.name}.tar"), licence)
    if wants_json(ctx, as_json):
        print_json(
            {
                "archive": str(done.path),
                "sha256": done.sha256,
                "bytes": done.size,
                "files": done.files,
            }
        )
    else:
        click.echo(f"{done.sha256}  {done.path}")
    return int(ExitCode.CLEARED)


def _folder(ctx: click.Context, bundle: str | None, root: Path | None) -> Path:
    """Return a folder as it is named, however damaged; else the run of a STAMP."""
    if bundle is not None and Path(bundle).is_dir():
        return Path(bundle).resolve()
    return bundle_of(ctx, bundle, root)


BUNDLE_COMMANDS = (verify, sign, export)
