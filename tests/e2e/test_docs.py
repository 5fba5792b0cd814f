"""Every command the documentation shows is run, and every link in it leads somewhere."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.checkout import Checkout

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    p
    for p in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("golden_data/*.md"))
    if p.name != "CHANGELOG.md"
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
LEFT_TO_CI = ("make ", "bash .ci/run", "git clone ", "source ")
"""Commands that would install or run this very suite; `.ci/run` runs them."""
INTERACTIVE = {"nbtui"}
"""Need a terminal: tests/nbtui/tui/ drives them."""


def commands(page: Path) -> Iterator[tuple[str, int]]:
    """Yield the commands of a page's console blocks with the exit code they announce."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("$ "):
                command, _, comment = line[2:].partition("  #")
                announced = re.search(r"exits? (\d+)", comment)
                yield command.strip(), int(announced.group(1)) if announced else 0


def all_commands() -> dict[str, int]:
    """Return every command shown anywhere, once, in reading order."""
    pages = [ROOT / "README.md", *(p for p in PAGES if p.name != "README.md")]
    return dict(pair for page in pages for pair in commands(page))


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
@pytest.mark.timeout(1200)
def test_every_other_command_does_what_its_page_says(checkout: Checkout) -> None:
    env = dict(checkout.env)
    # The pages come after `make evidence`, which generates every golden image.
    subprocess.run(["nb-golden", "generate"], cwd=checkout.root, env=env, check=True)
    wrong = []
    for command, expected in all_commands().items():
        if command.startswith(LEFT_TO_CI) or command in INTERACTIVE:
            continue
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            env[name] = value
            continue
        done = subprocess.run(
            shlex.split(command),
            cwd=checkout.root,
            env={**env, "NB_C_BIN": env.get("NB_C_BIN", "./build/reference/nanoBragg")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode != expected:
            tail = (done.stdout + done.stderr)[-1500:]
            wrong.append(f"$ {command}\nexit {done.returncode}, page says {expected}\n{tail}")
    assert not wrong, "\n\n".join(wrong)
    # What a reader tried must not block the run that follows.
    status = ["git", "status", "--porcelain"]
    left = subprocess.run(status, cwd=checkout.root, capture_output=True, text=True, check=True)
    assert left.stdout == ""


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
