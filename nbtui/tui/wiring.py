"""The app's services as they really are: memo, preflight, supervisor, git, pager."""

import contextlib
import os
import platform
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from statistics import median

import msgspec

from nbtui.errors import BundleError, NbtuiError
from nbtui.memo.plan import Plan, decode
from nbtui.preflight import registry
from nbtui.preflight.model import Context
from nbtui.project import Project
from nbtui.run import accepted, catalog, inbox, launch
from nbtui.run.environment import resolve_program
from nbtui.run.operator import How, identity
from nbtui.run.prepare import prepare
from nbtui.run.recover import recover
from nbtui.store import read
from nbtui.tui import looking
from nbtui.tui.aside import Launcher
from nbtui.tui.model import Facts, PlanView
from nbtui.tui.services import Services
from nbtui.vcs import work_tree

REMEMBERED_RUNS = 5
"""How many earlier runs the forecast looks at."""


def real(project: Project, memo_path: Path | None, env: Mapping[str, str]) -> Services:
    """Return the services of a project.

    Parameters
    ----------
    project
        The project whose memo is run.
    memo_path
        The memo; ``None`` for ``input.md`` or the packaged one.
    env
        The operator's environment.
    """
    launcher = Launcher()

    def load() -> PlanView:
        prepared = prepare(project.root, memo_path)
        return PlanView(
            prepared.memo.text, prepared.plan, prepared.findings, prepared.asked, prepared.history
        )

    def fix() -> int:
        prepared = prepare(project.root, memo_path)
        found = prepared.remedies
        if found:
            reports = project.settings.reports
            accepted.accept(project.root, reports, prepared.memo.sha256, found)
        return len(found)

    def start(plan: Plan, led_by: str = "") -> Path:
        prepared = prepare(project.root, memo_path, ask=False)
        if prepared.plan.digest() != plan.digest():
            raise NbtuiError(
                "the memo is no longer the one that was shown",
                where=prepared.plan.memo_name,
                fix="read it again (1, then r) and look at what changed",
            )
        return launcher(launch.start, prepared, env, led_by=led_by)

    def lead(plan: Plan) -> Path:
        return start(plan, identity(project.root, env) or "operator")

    def context(plan: Plan) -> Context:
        return Context(root=project.root, plan=plan, env=env, settings=project.settings)

    return Services(
        load=load,
        facts=lambda: read_facts(project.root),
        ground=lambda: looking.ground(project, memo_path, env),
        check_all=lambda plan: iter(registry.run_all(context(plan))),
        check_one=lambda plan, check_id: registry.run_one(check_id, context(plan)),
        start=start,
        cancel=lambda bundle, force: launch.cancel(bundle, force=force),
        alive=launch.is_alive,
        settle=recover,
        active=lambda: active_run(project),
        bundle_plan=bundle_plan,
        forecast=lambda plan: durations(project, plan),
        commands=lambda plan: resolved_commands(project.root, plan, env),
        fix=fix,
        past=partial(looking.past, project, env),
        explain=partial(looking.explain, project, env),
        sheet=partial(looking.sheet, project, memo_path, env),
        lead=lead,
        attest=lambda bundle, step, done, note, by, initials: inbox.attest(
            bundle, step, done=done, note=note, by=by, initials=initials
        ),
        answer=lambda bundle, step, text, how, by: inbox.answer(
            bundle, step, text, how=How(how), by=by
        ),
        confirm=lambda bundle, step, yes: inbox.confirm(bundle, step, yes=yes),
        compare=partial(looking.compared, project, env),
        exports=project.root / project.settings.reports / "exports",
        view_file=lambda path, edit, line: view_file(path, env, edit=edit, line=line),
    )


def read_facts(root: Path) -> Facts:
    """Return branch, commit, work tree state and host; empty where there is no repository."""
    host = platform.node()
    try:
        tree = work_tree(root)
    except NbtuiError:
        return Facts(host=host)
    if tree is None:
        return Facts(host=host)
    dirty = bool(tree.dirty or tree.staged or tree.untracked)
    return Facts(tree.branch or "detached", tree.head or "", dirty, host)


def active_run(project: Project) -> Path | None:
    """Return the newest run of the project whose supervisor is alive."""
    for bundle in catalog.bundles(project.root, project.settings.reports):
        if catalog.is_sealed(bundle):
            continue
        with contextlib.suppress(BundleError):
            state = read(bundle)
            if not state.ended and launch.is_alive(state):
                return bundle
    return None


def bundle_plan(bundle: Path) -> Plan | None:
    """Return the plan a bundle was made with, if it can still be read."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return decode((bundle / catalog.PLAN).read_bytes())
    return None


def durations(project: Project, plan: Plan) -> dict[str, float]:
    """Return what each stage took in the latest runs (median, seconds)."""
    took: dict[str, list[float]] = {}
    folder = project.root / plan.artifacts_root
    runs = [b for b in catalog.bundles(folder, ".") if catalog.is_sealed(b)]
    for bundle in runs[:REMEMBERED_RUNS]:
        with contextlib.suppress(BundleError):
            for stage in read(bundle).stages:
                if stage.outcome and not stage.outcome.failure:
                    took.setdefault(stage.step_id, []).append(stage.outcome.wall_s)
    return {step_id: median(values) for step_id, values in took.items()}


def resolved_commands(root: Path, plan: Plan, env: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return every stage's words with the program that will be executed.

    A program that does not exist keeps its name: lint and preflight say so.
    """
    found: dict[str, tuple[str, ...]] = {}
    for step in plan.stages:
        if step.command is None:
            continue
        argv = step.command.argv
        with contextlib.suppress(NbtuiError):
            argv = (resolve_program(argv[0], root, env.get("PATH", os.defpath)), *argv[1:])
        found[step.id] = argv
    return found


def view_file(path: Path, env: Mapping[str, str], *, edit: bool, line: int = 0) -> None:
    """Show a file in ``$PAGER`` (or ``$EDITOR``) and wait until it is closed.

    Parameters
    ----------
    path, env
        The file, and the operator's environment.
    edit
        Whether it may be changed.
    line
        Where to begin (from 1), for the programs that are known to understand ``+N``.

    Raises
    ------
    OSError
        When neither the program named nor a usual one exists.
    """
    names = ("VISUAL", "EDITOR") if edit else ("PAGER",)
    usual = ("nano", "vi") if edit else ("less", "more")
    wanted = next((env[n] for n in names if env.get(n)), "")
    program = wanted or next((u for u in usual if shutil.which(u)), usual[-1])
    words = shlex.split(program)
    at = [f"+{line}"] if line and Path(words[0]).name in _TAKE_A_LINE else []
    subprocess.run([*words, *at, str(path)], check=False, env=dict(env))


_TAKE_A_LINE = frozenset(
    {"less", "more", "most", "nano", "vi", "vim", "nvim", "emacs", "joe", "kak"}
)
