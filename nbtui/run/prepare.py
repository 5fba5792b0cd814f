"""From a folder and a memo to a plan that can be shown, approved and started.

Reading only: nothing runs, except that lint may ask programs for their help.
"""

from dataclasses import dataclass
from pathlib import Path

from engine.parity.errors import ParityError
from engine.parity.thresholds import Threshold, load
from nbtui.errors import ConfigError
from nbtui.memo import cases, lint, source
from nbtui.memo.compile import compile_plan
from nbtui.memo.model import Memo
from nbtui.memo.plan import Plan
from nbtui.project import Project, find


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan and what it was made from."""

    project: Project
    memo: Memo
    plan: Plan
    findings: tuple[lint.Finding, ...]
    """What lint says; blocking ones keep the plan from running."""

    @property
    def blocking(self) -> tuple[lint.Finding, ...]:
        """The findings that keep the plan from running."""
        return lint.blocking(self.findings)


def prepare(start: Path, memo: Path | None = None, *, ask_help: bool = True) -> Prepared:
    """Read the memo of the project that holds ``start`` and compile it.

    Parameters
    ----------
    start
        Where the operator stands.
    memo
        A memo file; ``input.md`` of the project, else the packaged memo, when ``None``.
    ask_help
        Whether lint may start the memo's programs with ``--help`` to learn their options.

    Raises
    ------
    ConfigError, MemoError, PlanError
        When project, memo or thresholds are not understood.
    """
    project = find(start)
    text = source.load(project.root, memo)
    plan = compile_plan(
        text,
        project.settings,
        thresholds=_thresholds(project),
        cases=cases.load(project.root),
    )
    findings = lint.lint(plan, text, project.root, settings=project.settings, ask_help=ask_help)
    return Prepared(project, text, plan, findings)


def _thresholds(project: Project) -> tuple[Threshold, ...]:
    path = project.root / project.settings.strategy
    if not path.is_file():
        return ()
    try:
        return load(path)
    except ParityError as error:
        raise ConfigError(
            error.what, where=error.where or str(path), fix=error.fix or "correct the table"
        ) from error
