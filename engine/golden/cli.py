"""``nb-golden``: build the C reference, make and check the golden images."""

import functools
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import ParamSpec

import click
import msgspec

from engine.errors import EngineError
from engine.golden.cases import CASES_FILE, Case, CaseFile, GoldenError, load, save

_P = ParamSpec("_P")

_root = click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="the working folder",
    help="The project's root, which holds golden_data.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_program = click.option(
    "--c-bin",
    type=click.Path(path_type=Path),
    envvar="NB_C_BIN",
    help="The C program.  [env: NB_C_BIN; default: build/reference/nanoBragg]",
)
_cases = click.argument("case_ids", metavar="[CASE]...", nargs=-1)


def _one_line_errors(command: Callable[_P, None]) -> Callable[_P, None]:
    """Turn an expected error into one line on stderr and its exit code."""

    @functools.wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except EngineError as error:
            click.echo(f"nb-golden: {error}", err=True)
            sys.exit(error.exit_code)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Build the C reference, make the golden images with it, and check them.

    Exit codes: 0 done and right; 1 wrong, missing or refused; 2 not understood.
    """


@main.command("build-reference")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the program goes.  [default: build/reference/nanoBragg]",
)
@click.option("--force", is_flag=True, help="Build even when nothing changed.")
@_json
@_one_line_errors
def build_reference(out: Path | None, force: bool, as_json: bool) -> None:
    """Compile the C reference with $CC, cc, gcc, clang or ziglang."""
    from engine.reference.build import build  # noqa: PLC0415 - other commands need no compiler

    result = build(out, force=force)
    if as_json:
        click.echo(json.dumps(asdict(result)))
        return
    threads = "OpenMP" if result.openmp else "one thread: no OpenMP here"
    click.echo(f"{'built' if result.rebuilt else 'up to date'}: {result.binary}")
    click.echo(f"  {result.compiler_version}; {' '.join(result.flags)} ({threads})")
    click.echo(f"  sha256 {result.binary_sha256}")


@main.command()
@_cases
@_program
@_root
@click.option("--force", is_flag=True, help="Make images anew even if they are there.")
@_json
@_one_line_errors
def generate(
    case_ids: tuple[str, ...], c_bin: Path | None, root: Path, force: bool, as_json: bool
) -> None:
    """Make the missing golden images, all or the named ones; exit 1 when one is refused.

    One that is refused keeps no other from being made.
    """
    from engine.golden.generate import generate as make  # noqa: PLC0415 - numpy only when needed

    made: list[dict[str, object]] = []
    refused: dict[str, GoldenError] = {}
    for case in load(root / CASES_FILE).select(case_ids):
        try:
            outcome = make(case, root, program=c_bin, force=force)
        except GoldenError as error:
            refused.setdefault(str(error), error)
            made.append({"case": case.id, "status": "refused", "detail": str(error)})
            continue
        made.append({**asdict(outcome), "path": str(outcome.path)})
        if not as_json:
            action = "kept" if outcome.kept else "made"
            click.echo(f"{case.id}: {action}, {outcome.status} ({outcome.path})")
            if outcome.detail:
                click.echo(f"  {outcome.detail}")
    if as_json:
        click.echo(json.dumps(made))
    # a program that is missing is said once, not for every case
    for said in refused:
        click.echo(f"nb-golden: {said}", err=True)
    if refused:
        sys.exit(GoldenError.exit_code)


@main.command()
@_cases
@_root
@_json
@_one_line_errors
def verify(case_ids: tuple[str, ...], root: Path, as_json: bool) -> None:
    """Check the golden images, all or the named ones; exit 1 unless every one is right."""
    from engine.golden.verify import verify as check  # noqa: PLC0415 - numpy only when needed

    verdicts = [check(case, root) for case in load(root / CASES_FILE).select(case_ids)]
    if as_json:
        click.echo(msgspec.json.encode(verdicts).decode())
    for verdict in () if as_json else verdicts:
        note = "" if verdict.read_only else " (the file is writable)"
        click.echo(f"{verdict.case}: {verdict.status}{note}")
        if verdict.detail:
            click.echo(f"  {verdict.path}: {verdict.detail}")
    if not all(verdict.valid for verdict in verdicts):
        sys.exit(1)


@main.command("list")
@_root
@_json
@_one_line_errors
def list_cases(root: Path, as_json: bool) -> None:
    """List the golden cases with their commands and hashes."""
    cases = load(root / CASES_FILE)
    if as_json:
        rows = [
            {"id": c.id, "args": c.args, "shape": c.shape, "sha256": c.sha256} for c in cases.cases
        ]
        click.echo(json.dumps(rows))
        return
    for case in cases.cases:
        click.echo(f"{case.id}  {case.shape[0]} x {case.shape[1]}  {case.sha256}")
        click.echo(f"  nanoBragg {' '.join(case.args)}")


def _with_fingerprint(case: Case, root: Path, program: Path | None) -> Case:
    """Return the case with the fingerprint of its image, whose hash must be the case's."""
    import numpy as np  # noqa: PLC0415 - heavy

    from engine.golden import fingerprint  # noqa: PLC0415 - heavy
    from engine.golden.generate import find_program, run_program  # noqa: PLC0415 - heavy
    from engine.golden.verify import BIT_IDENTICAL, judge  # noqa: PLC0415 - heavy

    data = run_program(find_program(root, program), case)
    status, detail = judge(case, data)
    if status != BIT_IDENTICAL:
        raise GoldenError(
            f"a fingerprint is taken of the published bits only: {detail}", where=case.id
        )
    image = np.frombuffer(data, dtype="<f4").reshape(case.shape)
    return msgspec.structs.replace(case, fingerprint=fingerprint.of(image))


@main.command("fingerprint")
@_cases
@_program
@_root
@click.option("--write", is_flag=True, help="Put them into cases.json.")
@_one_line_errors
def take_fingerprint(
    case_ids: tuple[str, ...], c_bin: Path | None, root: Path, write: bool
) -> None:
    """Take the fingerprints of cases whose image has the published hash (for maintainers)."""
    path = root / CASES_FILE
    cases = load(path)
    taken = {c.id: _with_fingerprint(c, root, c_bin) for c in cases.select(case_ids)}
    if write:
        save(path, _replaced(cases, taken))
        click.echo(f"{path}: {len(taken)} fingerprints written")
        return
    for case in taken.values():
        click.echo(msgspec.json.encode(case).decode())


def _replaced(cases: CaseFile, taken: dict[str, Case]) -> CaseFile:
    return msgspec.structs.replace(
        cases, cases=tuple(taken.get(case.id, case) for case in cases.cases)
    )


if __name__ == "__main__":
    sys.exit(main())
