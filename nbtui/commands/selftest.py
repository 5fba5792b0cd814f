"""The command that tests the gates themselves."""

import os
from pathlib import Path

import click

from nbtui.commands.options import json_option, root_option, start_of, wants_json


@click.command(
    "self-test",
    epilog="""\b
Examples:
  nbtui self-test                       with NB_C_BIN and this installation's engine
  nbtui self-test --json

\b
Exit codes: 0 every fault is caught by every gate that should; 1 one is not;
3 a program is missing or cannot run the small experiment.
""",
)
@click.option("--c-bin", metavar="PROGRAM", help="The C program [NB_C_BIN].")
@click.option("--py-bin", metavar="WORDS", help="The port [this interpreter's engine].")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=120.0,
    show_default=True,
    help="Longest time for one run, in seconds.",
)
@root_option
@json_option
@click.pass_context
def self_test(
    ctx: click.Context,
    *,
    c_bin: str | None,
    py_bin: str | None,
    timeout: float,
    root: Path | None,
    as_json: bool,
) -> int:
    """Plant faults, one at a time, and show that each gate that should fail does."""
    from nbtui.project import find
    from nbtui.selftest.face import run

    return run(
        find(start_of(root or ctx.obj["root"])),
        dict(os.environ),
        c_bin=c_bin,
        py_bin=py_bin,
        timeout_s=timeout,
        as_json=wants_json(ctx, as_json),
    )


SELFTEST_COMMANDS = (self_test,)
