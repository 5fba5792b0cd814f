"""From a folder and a memo to a plan that can be shown, approved and started.

Reading only: nothing runs, except that lint may ask programs for their help and pytest for
its tests, in a sandbox.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from engine.parity.errors import ParityError
from engine.parity.thresholds import Threshold, load
from nbtui.errors import ConfigError
from nbtui.memo import asserted, cases, citations, lint, planfile, source
from nbtui.memo.compile import compile_plan, recompile
from nbtui.memo.documents import Documents
from nbtui.memo.model import Memo
from nbtui.memo.plan import Plan
from nbtui.project import Project, find
from nbtui.run import accepted
from nbtui.run.surroundings import look_around


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan and what it was made from."""

    project: Project
    memo: Memo
    plan: Plan
    report: lint.Report
    """What lint says; blocking findings keep the plan from running."""
    around: lint.Surroundings
    asked: tuple[lint.Asked, ...] = ()
    """Every child and every question to git that it took to know this."""
    accepted: tuple[lint.Remedy, ...] = ()
    """Fixes of the memo's commands that the operator accepted; the plan has them."""

    @property
    def findings(self) -> tuple[lint.Finding, ...]:
        """What lint says, worst first."""
        return self.report.findings

    @property
    def history(self) -> tuple[str, ...]:
        """Earlier runs of the same memo, one a line."""
        return self.report.history

    @property
    def remedies(self) -> tuple[lint.Remedy, ...]:
        """The mechanical fixes that are still open, in the order in which they apply."""
        settings = self.project.settings
        return lint.mended(
            self.plan, self.report, self.memo, self.project.root,
            settings=settings, around=self.around,
        )  # fmt: skip

    @property
    def blocking(self) -> tuple[lint.Finding, ...]:
        """The findings that keep the plan from running."""
        return lint.blocking(self.findings)


def prepare(
    start: Path,
    memo: Path | None = None,
    *,
    plan_file: Path | None = None,
    independent: Collection[str] = (),
    ask: bool = True,
) -> Prepared:
    """Read the memo of the project that holds ``start`` and compile it.

    Parameters
    ----------
    start
        Where the operator stands.
    memo
        A memo file; ``input.md`` of the project, else the packaged memo, when ``None``.
    plan_file
        An edited plan of that memo (``nbtui plan --toml``); without ``memo``, the memo that
        it names is read.
    independent
        Ids of stages that the operator wants to run after a block too, for information only.
    ask
        Whether lint may start programs, sandboxed, with ``--help`` or ``--collect-only``.

    Raises
    ------
    ConfigError, MemoError, PlanError
        When project, memo or thresholds are not understood.
    """
    project = find(start)
    edited = planfile.read(plan_file) if plan_file is not None else None
    text = source.load(project.root, memo or _memo_of(edited, project.root))
    documents = documents_of(project, text)
    if edited is None:
        plan = compile_plan(text, project.settings, documents=documents)
    else:
        plan = recompile(edited, text, project.settings, documents=documents)
    kept = accepted.load(project.root, project.settings.reports, text.sha256)
    plan, fixes = lint.applied(plan, kept)
    plan = planfile.marked(plan, independent)
    look = look_around(project, text, plan)
    report = lint.lint(
        plan, text, project.root, settings=project.settings, ask=ask, around=look.around
    )
    asked = (*look.asked, *report.answers.asked)
    return Prepared(project, text, plan, report, look.around, asked, fixes)


def _memo_of(edited: Plan | None, root: Path) -> Path | None:
    """Return the memo that a plan file names; the packaged one has no file."""
    if edited is None or edited.memo_name == source.PACKAGED_NAME:
        return None
    return root / edited.memo_name


def _has_table(path: Path) -> bool:
    """Whether a strategy has a table of thresholds at all; that of another project has none."""
    try:
        lines = path.read_text("utf-8", "replace").lower().splitlines()
    except OSError:
        return True  # let the reader of the table say why
    return any(line.lstrip().startswith("|") and "applies to" in line for line in lines)


def documents_of(project: Project, memo: Memo) -> Documents:
    """Return what the project's documents demand of a memo's figures.

    Raises
    ------
    ConfigError
        The table of thresholds is there and cannot be read.
    """
    rows = thresholds_of(project)
    skipped = (project.settings.strategy,) if rows else ()
    return Documents(
        thresholds=rows,
        cases=cases.load(project.root),
        cited=citations.read(memo, project.root, without=skipped),
        read=asserted.reader(project.root),
    )


def thresholds_of(project: Project) -> tuple[Threshold, ...]:
    """Return the rows of the testing strategy's table; none where there is no such table.

    Raises
    ------
    ConfigError
        The table is there and cannot be read.
    """
    path = project.root / project.settings.strategy
    if not path.is_file() or not _has_table(path):
        return ()
    try:
        return load(path)
    except ParityError as error:
        raise ConfigError(
            error.what, where=error.where or str(path), fix=error.fix or "correct the table"
        ) from error
