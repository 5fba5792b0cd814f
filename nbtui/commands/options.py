"""What the commands of ``nbtui`` share: their options, and how they find project and run."""

import os
import sys
from pathlib import Path
from typing import Any

import click

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

memo_option = click.option(
    "--memo",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Memo to read. Default: input.md in the root, else the packaged memo.",
)
plan_option = click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An edited plan of that memo (from nbtui plan --toml).",
)
independent_option = click.option(
    "--independent",
    metavar="STEP",
    multiple=True,
    help="Run this stage after a block too, for information only.",
)
root_option = click.option(
    "--root",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where the project is. Default: the current folder and upwards.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
stamp_argument = click.argument("stamp", required=False)


class SuggestingGroup(click.Group):
    """A group that names the nearest command when one does not exist."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; on a miss say which one may have been meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib  # only after a mistake

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not near:
                raise
            text = f"{error.format_message()} Did you mean {near[0]!r}?"
            raise click.UsageError(text, ctx) from error


def bundle_of(ctx: click.Context, stamp: str | None, root: Path | None) -> Path:
    """Return the bundle of a STAMP (or of its folder), the newest one for ``None``."""
    from nbtui.project import find
    from nbtui.run.catalog import find_bundle

    project = find(start_of(root or ctx.obj["root"]))
    return find_bundle(project.root, stamp, project.settings.reports)


def start_of(root: Path | None) -> Path:
    """Return where the search for the project begins."""
    return root or Path.cwd()


def wants_json(ctx: click.Context, here: bool) -> bool:
    """Whether JSON is asked for, before the command or behind it."""
    return here or bool(ctx.obj["json"])


def print_json(value: Any) -> None:
    """Print plain data or structs as indented JSON."""
    from nbtui.durable import dump_json

    click.echo(dump_json(value).decode(), nl=False)


def colour_of(no_color: bool) -> bool:
    """Whether colour is wanted and somebody would see it."""
    if no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty()
