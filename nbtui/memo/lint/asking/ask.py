"""All questions of a plan, put side by side before the rules look."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nbtui.memo.lint.asking.answers import Answers, Asked, Collection, Options
from nbtui.memo.lint.asking.programs import options_of, script_of
from nbtui.memo.lint.asking.source import missing_part
from nbtui.memo.lint.asking.tests import collect
from nbtui.memo.lint.words import commands_of, located, words_of
from nbtui.memo.plan import Plan, Role, Step
from nbtui.memo.programs import is_own_tool, is_pytest, pytest_arguments

MOST_FILES = 20
WORKERS = 2
"""Children at a time: few enough to leave the machine to whoever works on it."""

_WITHHELD = ("BASH_", "DYLD_", "GIT_", "LD_", "PERL", "PYTEST", "PYTHON", "RUBY", "NODE_")
_NEVER = frozenset({"ENV", "HOME", "IFS", "PATH", "PROMPT_COMMAND", "SHELL", "TMPDIR", "TERM"})


def ask_all(plan: Plan, root: Path, *, uncommitted: frozenset[str] = frozenset()) -> Answers:
    """Ask every program of the plan for its options and pytest for its tests.

    Parameters
    ----------
    plan
        What would run.
    root
        The project's root.
    uncommitted
        Files of the plan that the commit does not hold: they are read, not started.
    """
    programs = {
        program: (step, argv)
        for step in plan.stages
        for argv in commands_of(step)
        if (program := asked_program(step, argv)) and "$" not in program
    }
    tests = [s for s in plan.stages if askable_tests(s, root, uncommitted)]
    with ThreadPoolExecutor(WORKERS) as pool:
        collecting = [(s.id, pool.submit(_collect, plan, s, root)) for s in tests]
        telling = [
            (p, pool.submit(_options, plan, s, argv, root, p.removeprefix("./") not in uncommitted))
            for p, (s, argv) in programs.items()
        ]
        options: dict[str, Options | None] = {}
        collections: dict[str, Collection] = {}
        asked: list[Asked] = []
        for program, told in telling:
            options[program], children = told.result()
            asked.extend(children)
        for step_id, found in collecting:
            collections[step_id], child = found.result()
            asked.append(child)
    return Answers(options, collections, tuple(asked))


def asked_program(step: Step, argv: Sequence[str]) -> str | None:
    """Return the program whose options are wanted, under the name that answers carry."""
    if not argv or is_pytest(argv):
        return None
    if is_own_tool(argv):
        return argv[0]
    script = script_of(argv)
    return located(step, script) if script else None


def askable_tests(step: Step, root: Path, uncommitted: frozenset[str]) -> bool:
    """Whether pytest may be asked about a step: few files, each of the project's commit.

    A whole folder maps no node, and may take minutes to collect.
    """
    if step.role is not Role.PYTEST or not is_pytest(words_of(step)):
        return False
    if step.command is not None and step.command.cwd:
        return False
    nodes, _ = pytest_arguments(words_of(step))
    files = [node.partition("::")[0] for node in nodes]
    if any(missing_part(root, node) for node in nodes):
        return False  # its source says so already
    return 0 < len(files) <= MOST_FILES and all(
        f.endswith(".py")
        and ".." not in Path(f).parts
        and not Path(f).is_absolute()
        and not f.startswith("@")
        and (root / f).exists()
        and f not in uncommitted
        for f in files
    )


def _options(
    plan: Plan, step: Step, argv: Sequence[str], root: Path, committed: bool
) -> tuple[Options | None, tuple[Asked, ...]]:
    program = asked_program(step, argv)
    env = variables(plan, step, root)
    return options_of(argv, root, script=program, committed=committed, env=env)


def _collect(plan: Plan, step: Step, root: Path) -> tuple[Collection, Asked]:
    nodes, selecting = pytest_arguments(words_of(step))
    words = [w for s in selecting for w in _selector(s)]
    return collect(nodes, words, root, variables(plan, step, root))


def _selector(text: str) -> tuple[str, ...]:
    """Return ``-k`` or ``-m`` with its value; other selectors say nothing about one node."""
    name, _, value = text.partition(" ")
    return (name, value) if name in {"-k", "-m"} and value else ()


def variables(plan: Plan, step: Step, root: Path) -> dict[str, str]:
    """Return the plan's variables that a child may see: none that brings foreign code."""
    found = {v.name: v.value for v in plan.environment if v.value is not None}
    found |= step.command.env if step.command else {}
    safe = {
        name: value
        for name, value in found.items()
        if name not in _NEVER and not name.startswith(_WITHHELD)
    }
    if path := _inside(found, root):
        safe["PYTHONPATH"] = path
    return safe


def _inside(found: Mapping[str, str], root: Path) -> str:
    """Return the folders of ``PYTHONPATH`` that lie in the project."""
    given = [p for p in found.get("PYTHONPATH", "").split(":") if p]
    real = root.resolve()
    folders = [f for p in given if (f := (root / p).resolve()).is_relative_to(real)]
    return ":".join(str(f) for f in folders if f.is_dir())
