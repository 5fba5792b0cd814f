"""Options that the tools of the proof share, word for word."""

import click

c_bin_option = click.option("--c-bin", metavar="PROGRAM", help="The C program [NB_C_BIN].")
timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=600.0,
    show_default=True,
    help="Longest time for each run of a program, in seconds.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
quiet_option = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
nanobragg_arguments = click.argument(
    "args", nargs=-1, type=click.UNPROCESSED, metavar="-- NANOBRAGG_ARGUMENTS"
)
