"""What the documentation shows as commands, and what they did."""

import re
import shlex
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.e2e.checkout import Checkout

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    p
    for p in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("golden_data/*.md"))
    if p.name != "CHANGELOG.md"
)
_LEFT_TO_CI = ("make ", "bash .ci/run", "git clone ", "source ")
"""Commands that would install or run this very suite; `.ci/run` runs them."""
_INTERACTIVE = {"nbtui"}
"""Need a terminal: tests/nbtui/tui/ drives them."""
_EXPORT = "export "
THE_RUN = "nbtui --batch --yes"
"""The packaged plan at 4096 x 4096."""


def _commands(page: Path) -> Iterator[tuple[str, int]]:
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
    return dict(pair for page in pages for pair in _commands(page))


def commands_to_run() -> dict[str, int]:
    """Return those that the suite can run."""
    return {
        command: code
        for command, code in all_commands().items()
        if not command.startswith(_LEFT_TO_CI) and command not in _INTERACTIVE
    }


def of_the_assistant(command: str) -> bool:
    """Whether a command is one of ``nbtui``."""
    return command.split(maxsplit=1)[0] == "nbtui"


def at_full_size(command: str) -> bool:
    """Whether a command simulates 4096 x 4096 pixels."""
    return "4096" in command or "high_resolution" in command


def is_part_of(command: str, stages: Iterable[Mapping[str, object]]) -> bool:
    """Whether a stage of a run was this command, but for the folder of its results.

    Every word of the command has to be one of the stage's, which may have more.
    """
    words = shlex.split(command)
    if "--outdir" in words:
        at = words.index("--outdir")
        del words[at : at + 2]
    for stage in stages:
        argv = [str(word) for word in stage["argv"]]  # type: ignore[attr-defined]
        if Path(argv[0]).name == words[0] and set(words[1:]) <= set(argv):
            return True
    return False


def wrong_ones(checkout: Checkout, commands: Mapping[str, int]) -> list[str]:
    """Run commands in a checkout, and tell of those that ended otherwise than announced."""
    env = {**checkout.env, "NB_C_BIN": "./build/reference/nanoBragg"}
    wrong = []
    for command, expected in commands.items():
        if command.startswith(_EXPORT):
            name, _, value = command.removeprefix(_EXPORT).partition("=")
            env[name] = value
            continue
        done = subprocess.run(
            shlex.split(command),
            cwd=checkout.root,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode != expected:
            tail = (done.stdout + done.stderr)[-1500:]
            wrong.append(f"$ {command}\nexit {done.returncode}, page says {expected}\n{tail}")
    return wrong
