"""What a stage is given: an allow-listed environment, its resolved command and its paths.

Nothing of the operator's environment reaches a stage by accident: a stray
``PYTEST_ADDOPTS`` or ``PYTHONPATH`` has turned red tests green. What was held back is
recorded by name.
"""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbtui.errors import PlanError
from nbtui.evidence.provenance import C_BINARY_VARIABLE
from nbtui.evidence.secrets import TOKEN_VARIABLE
from nbtui.memo.plan import Plan, Step, resolve
from nbtui.memo.shellvalues import filled
from nbtui.preflight.variables import HELD_BACK

PASSED_ON = frozenset(
    {
        "CC", "CUDA_HOME", "CUDA_VISIBLE_DEVICES", "CONDA_PREFIX", "GOMP_CPU_AFFINITY", "HOME",
        "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LOGNAME", "MKL_NUM_THREADS", "OMP_NUM_THREADS",
        "OMP_PLACES", "OMP_PROC_BIND", "OPENBLAS_NUM_THREADS", "PATH", "SHELL", "SLURM_JOB_ID",
        "SYSTEMROOT", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR",
    }
)  # fmt: skip
"""Variables of the operator that stages may see: where things are and how many cores to use."""

PASSED_ON_PREFIXES = ("LC_", "TORCHINDUCTOR_")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A step's command as it will be executed."""

    argv: tuple[str, ...]
    env: dict[str, str]
    """The whole environment of the process."""
    delta: dict[str, str]
    """What the plan and the tool add to what was passed on."""
    cwd: Path
    log: Path
    inputs: dict[str, str] = field(default_factory=dict)
    """Files that the command line names, and their SHA-256."""


def passed_on(env: Mapping[str, str]) -> dict[str, str]:
    """Return the part of the operator's environment that stages may see."""
    return {
        name: value
        for name, value in env.items()
        if name in PASSED_ON or name.startswith(PASSED_ON_PREFIXES)
    }


def held_back(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of set variables that could change a result and are not passed on."""
    return tuple(sorted(env.keys() & {*HELD_BACK}))


def planned(plan: Plan, step: Step | None, env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the plan, and of the step, with their values.

    A variable that the memo demands without a value keeps the operator's one; so does the
    name of the C program, where the memo says nothing of it.
    """
    values = left_to_the_shell(plan, env)
    for variable in plan.environment:
        value = variable.value if variable.value is not None else env.get(variable.name)
        if value is not None:
            values[variable.name] = value
    if step is not None and step.command is not None:
        values.update(step.command.env)
    return values


def left_to_the_shell(plan: Plan, env: Mapping[str, str]) -> dict[str, str]:
    """Return what the stages need, the memo does not name and the operator has set.

    That is the C program: preflight looks at it, guards watch it, so the stages run it.
    """
    named = any(variable.name == C_BINARY_VARIABLE for variable in plan.environment)
    value = env.get(C_BINARY_VARIABLE)
    return {C_BINARY_VARIABLE: value} if value and not named else {}


def run_variables(bundle: Path) -> dict[str, str]:
    """Return what ``$OUTDIR`` and ``$STAMP`` stand for in this run."""
    return {"OUTDIR": str(bundle), "STAMP": bundle.name}


def child_environment(
    plan: Plan, step: Step, env: Mapping[str, str], bundle: Path, token: str = ""
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the whole environment of a stage, and the part that was added to it."""
    variables = run_variables(bundle)
    delta = {k: resolve(v, variables) for k, v in planned(plan, step, env).items()}
    delta |= {"PYTHONUNBUFFERED": "1", **variables}
    if token:
        delta[TOKEN_VARIABLE] = token
    base = passed_on(env)
    # The interpreter's own folder first: `python` inside a stage is the one we run under.
    own = str(Path(sys.executable).parent)
    base["PATH"] = own + (f":{base['PATH']}" if base.get("PATH") else ":/usr/bin:/bin")
    base.setdefault("LANG", "C.UTF-8")
    return base | delta, delta


def resolve_program(name: str, root: Path, search_path: str) -> str:
    """Return the path of a program: beside the interpreter first, then along ``PATH``.

    A name with a slash is taken from the root.

    Raises
    ------
    PlanError
        When there is no such program.
    """
    if "/" in name:
        candidate = root / name
        if candidate.is_file():
            return str(candidate)
    else:
        beside = Path(sys.executable).parent / name
        if beside.is_file():
            return str(beside)
        found = shutil.which(name, path=search_path)
        if found:
            return found
    raise PlanError(
        "no such program",
        where=name,
        fix="install it in the environment nbtui runs from, or correct the memo",
    )


def resolve_step(
    plan: Plan,
    step: Step,
    env: Mapping[str, str],
    *,
    root: Path,
    bundle: Path,
    token: str = "",
) -> Resolved:
    """Return everything the process of a step will be started with.

    Raises
    ------
    PlanError
        When the step has no command, the program does not exist, or the log lies outside
        the bundle.
    """
    command = step.command
    if command is None:
        raise PlanError("the step has no command", where=step.id, fix="complete the memo's line")
    variables = run_variables(bundle)
    full, delta = child_environment(plan, step, env, bundle, token)
    words = filled(command.argv, variables)
    program = resolve_program(words[0], root, full["PATH"])
    log = inside(bundle, resolve(command.log, variables))
    return Resolved((program, *words[1:]), full, delta, _folder(command.cwd, root, bundle), log)


def _folder(name: str, root: Path, bundle: Path) -> Path:
    """Return the working folder of a command: the root, or one below it or in the bundle.

    Raises
    ------
    PlanError
        When it lies elsewhere or does not exist.
    """
    if not name:
        return root
    path = (root / resolve(name, run_variables(bundle))).resolve()
    if not (path.is_relative_to(root.resolve()) or path.is_relative_to(bundle.resolve())):
        raise PlanError(
            "a stage works below the project's root only",
            where=name,
            fix="name a folder of the project, or $OUTDIR",
        )
    if not path.is_dir():
        raise PlanError("no such folder to work in", where=name, fix="make it first (mkdir -p)")
    return path


def inside(bundle: Path, name: str) -> Path:
    """Return ``name`` as a path in the bundle.

    Raises
    ------
    PlanError
        When it leaves the bundle.
    """
    path = Path(name) if Path(name).is_absolute() else bundle / name
    if ".." in path.parts or not path.is_relative_to(bundle):
        raise PlanError(
            "a stage may write into the run's own folder only",
            where=name,
            fix="name a path below $OUTDIR",
        )
    return path
