"""Commands that the documentation shows are run, and every link in it leads somewhere.

What needs a finished run is in ``test_runs.py``.
"""

import re
from pathlib import Path

import pytest

from tests.e2e.checkout import Checkout
from tests.e2e.documented import (
    PAGES,
    ROOT,
    all_commands,
    at_full_size,
    commands_to_run,
    is_part_of,
    of_the_assistant,
    wrong_ones,
)

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def test_commands_that_install_or_test_are_run_by_ci() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    shown = [c for c in all_commands() if c.startswith("make ")]
    assert {"make evidence", "make test"} <= set(shown)
    for command in shown:
        target = command.split()[1]
        assert f"\n{target}:" in makefile
        assert command in ci or target in {"tui", "clean", "help"}, f"{command}: CI never runs it"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_command_of_the_engine_does_what_its_page_says(checkout: Checkout) -> None:
    chosen = {
        command: code
        for command, code in commands_to_run().items()
        if not of_the_assistant(command) and not at_full_size(command)
    }
    assert any(command.startswith("nanobragg ") for command in chosen)
    # The pages come after `make evidence`, which generates every golden image.
    assert not wrong_ones(checkout, {"nb-golden generate": 0})
    assert not wrong_ones(checkout, chosen)
    # What a reader tried must not block the run that follows.
    assert checkout.git("status", "--porcelain") == ""


def test_a_command_is_part_of_a_run_only_with_every_word() -> None:
    stage = {"argv": ["/venv/bin/nb-compare", "--outdir", "bundle/x", "--", "-N", "5"]}
    assert is_part_of("nb-compare --outdir build/x -- -N 5", [stage])
    assert not is_part_of("nb-compare --outdir build/x -- -N 6", [stage])
    assert not is_part_of("nb-benchmark -- -N 5", [stage])


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in LINK.findall(text):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_no_page_names_a_place_of_one_machine() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for private in ("/home/", "/Users/"):
            assert private not in text, f"{page.name} names {private}"
