"""The app's services as they really are: memo, preflight, supervisor, git, pager."""

import contextlib
import os
import platform
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from threading import Event

import msgspec

from nbtui.errors import BundleError, NbtuiError
from nbtui.memo.plan import Plan, decode
from nbtui.preflight import registry
from nbtui.preflight.model import Context
from nbtui.project import Project
from nbtui.run import catalog, inbox, launch
from nbtui.run.environment import resolve_program
from nbtui.run.forecast import forecasts
from nbtui.run.operator import How, identity
from nbtui.run.prepare import prepare
from nbtui.run.recover import recover
from nbtui.store import read
from nbtui.tui import looking, mending
from nbtui.tui.aside import Launcher
from nbtui.tui.model import Facts, PlanView
from nbtui.tui.services import Services, Verified, exports_of
from nbtui.tui.viewer import view_file
from nbtui.vcs import work_tree


def real(
    project: Project,
    memo_path: Path | None,
    env: Mapping[str, str],
    launcher: Launcher | None = None,
) -> Services:
    """Return the services of a project.

    Parameters
    ----------
    project
        The project whose memo is run.
    memo_path
        The memo; ``None`` for ``input.md`` or the packaged one.
    env
        The operator's environment.
    launcher
        What runs are started with; a new one when there is none.
    """
    launched = launcher or Launcher()

    def start(plan: Plan, led_by: str = "") -> Path:
        prepared = mending.as_shown(project, memo_path, plan)
        return launched(launch.start, prepared, env, led_by=led_by)

    def lead(plan: Plan) -> Path:
        return start(plan, identity(project.root, env) or "operator")

    def context(plan: Plan) -> Context:
        return Context(root=project.root, plan=plan, env=env, settings=project.settings)

    return Services(
        load=partial(load, project, memo_path),
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
        forecast=lambda plan: forecasts(plan, project.root, project.settings.reports),
        commands=lambda plan: resolved_commands(project.root, plan, env),
        fix=partial(mending.accept_all, project, memo_path),
        accept=partial(mending.accept_one, project, memo_path),
        take_back=partial(mending.take_back, project, memo_path),
        earlier=partial(looking.earlier_figures, project, env),
        past=partial(looking.past, project, env),
        explain=partial(looking.explain, project, env),
        sheet=partial(looking.sheet, project, memo_path, env),
        lead=lead,
        attest=lambda bundle, step, done, note, by, initials: inbox.attest(
            bundle, step, done=done, note=note, by=by, initials=initials
        ),
        answer=answer,
        confirm=lambda bundle, step, yes: inbox.confirm(bundle, step, yes=yes),
        compare=partial(looking.compared, project, env),
        verify=partial(verify, env),
        exports=exports_of(project),
        view_file=lambda path, edit, line, left: view_file(path, env, left, edit=edit, line=line),
    )


def load(project: Project, memo_path: Path | None) -> PlanView:
    """Return the memo's plan as it is now, linted."""
    found = prepare(project.root, memo_path)
    return PlanView(
        found.memo.text, found.plan, found.findings, found.asked, found.history, found.accepted
    )


def answer(bundle: Path, step: str, text: str, how: str, by: str) -> None:
    """Tell a led run the answer to a question."""
    inbox.answer(bundle, step, text, how=How(how), by=by)


def verify(env: Mapping[str, str], bundle: Path, left: Event) -> Verified:
    """Return what ``nbtui verify`` says of a bundle, unless ``left`` is set before."""
    # Who verifies nothing does not wait for what reads keys and journals.
    from nbtui.tui import verifying  # noqa: PLC0415

    return verifying.verify(env, bundle, left)


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
