"""The command that explains a difference."""

import os
import shlex
from pathlib import Path

import click

from nbtui.commands.options import bundle_of, json_option, root_option, start_of, wants_json

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(
    context_settings={"ignore_unknown_options": False},
    epilog="""\b
Examples:
  nbtui diagnose                            what blocked the newest run
  nbtui diagnose 20260131T120000Z --quick   from what that run stored; nothing is run
  nbtui diagnose --c ./nanoBragg --py 'python -m engine' -- -cell 100 -N 5 -default_F 100
  nbtui diagnose --c old.bin --py new.bin --shape 2048 1536
  nbtui diagnose --since pass               since which commit, from where it last passed on
""",
)
@click.argument("words", metavar="[STAMP|BUNDLE] [-- NANOBRAGG ARGUMENTS]", nargs=-1)
@click.option(
    "--c", "c", multiple=True, metavar="IMAGE|PROGRAM", help="The C side; image, program or both."
)
@click.option("--py", "py", multiple=True, metavar="IMAGE|PROGRAM", help="The port, likewise.")
@click.option("--args", "text", default="", help="nanoBragg arguments of both sides, in one word.")
@click.option("--c-folder", type=_FOLDER, help="Where the C side is run by hand. Default: here.")
@click.option("--py-folder", type=_FOLDER, help="Where the port is run by hand. Default: here.")
@click.option("--c-console", type=_FILE, help="What the C side printed when it made its image.")
@click.option("--py-console", type=_FILE, help="What the port printed when it made its image.")
@click.option("--golden", type=_FILE, help="The golden image of this experiment.")
@click.option("--shape", type=int, nargs=2, metavar="SLOW FAST", help="Pixels, if no report says.")
@click.option("--quick", is_flag=True, help="Of a run: read what is stored, run nothing.")
@click.option(
    "--since",
    default="",
    metavar="COMMIT|pass",
    help="Search the commits since this one, or since the last pass: since which do they differ?",
)
@root_option
@json_option
@click.pass_context
def diagnose(
    ctx: click.Context,
    *,
    words: tuple[str, ...],
    c: tuple[str, ...],
    py: tuple[str, ...],
    text: str,
    c_folder: Path | None,
    py_folder: Path | None,
    c_console: Path | None,
    py_console: Path | None,
    golden: Path | None,
    shape: tuple[int, int] | None,
    quick: bool,
    since: str,
    root: Path | None,
    as_json: bool,
) -> int:
    """Find out why two images differ, the cheapest questions first; end with one sentence.

    Exits 0 when it is explained or nothing differs, 1 when it is not explained.
    """
    from nbtui.commands.diagnosing import show_bundle, show_sides
    from nbtui.diagnose.options import Asked, AskedSide
    from nbtui.project import find

    project = find(start_of(root or ctx.obj["root"]))
    if mistake := _mistake(words, text, two=(bool(c), bool(py)), quick=quick, since=since):
        raise click.UsageError(mistake)
    if not c:
        bundle = bundle_of(ctx, words[0] if words else None, root)
        return show_bundle(
            project,
            bundle,
            os.environ,
            run_programs=not quick,
            since=since,
            as_json=wants_json(ctx, as_json),
        )
    asked = Asked(
        AskedSide(c, c_folder, c_console),
        AskedSide(py, py_folder, py_console),
        (*shlex.split(text), *words),
        shape,
        golden,
        since,
    )
    return show_sides(project, asked, Path.cwd(), as_json=wants_json(ctx, as_json))


def _mistake(
    words: tuple[str, ...], text: str, *, two: tuple[bool, bool], quick: bool, since: str
) -> str:
    """Return what does not go together on the command line; empty when all does."""
    if two[0] != two[1]:
        return "--c and --py go together: it takes two sides"
    if quick and since:
        return "--since runs programs, --quick runs nothing"
    if not any(two):
        return "nanoBragg arguments go with --c and --py" if text or len(words) > 1 else ""
    if since == "pass":
        return "--since pass goes with a run; of two sides name a commit"
    if quick:
        return "--quick goes with a run; of two images nothing is run anyway"
    return ""


DIAGNOSE_COMMANDS = (diagnose,)
