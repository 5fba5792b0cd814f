"""What the app reads of earlier runs: history, comparisons, checklists, diagnoses."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nbtui.checklist.sheet import Sheet, make_sheet
from nbtui.history.compare import Comparison, compare
from nbtui.history.margins import Earlier, earlier
from nbtui.history.of_project import open_index, record_of
from nbtui.history.query import Query, find
from nbtui.history.trends import trends
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import Plan
from nbtui.preflight.c_binary import OWN_BUILD
from nbtui.project import Project
from nbtui.run.catalog import bundles
from nbtui.run.prepare import prepare
from nbtui.store import RunState
from nbtui.tui.model import Ground
from nbtui.tui.services import Past

if TYPE_CHECKING:
    from nbtui.diagnose.model import Say
    from nbtui.explaining import Explanation

OWN_MEMO = "input.md"
"""The memo that is read when none is named."""


def ground(project: Project, memo_path: Path | None, env: Mapping[str, str]) -> Ground:
    """Return what is there: memo, repository, C program, earlier runs."""
    root = project.root
    own = memo_path or root / OWN_MEMO
    given = Path(env["NB_C_BIN"]) if env.get("NB_C_BIN") else OWN_BUILD
    runs = bundles(root, project.settings.reports)
    return Ground(
        root=str(root),
        memo=str(own) if own.is_file() else "",
        repository=(root / ".git").exists(),
        c_program=str(given) if (root / given).is_file() else "",
        runs=len(runs),
        newest=runs[0].name if runs else "",
    )


def past(project: Project, env: Mapping[str, str], query: Query) -> Past:
    """Return the runs that a query asks for, and the trend of every experiment."""
    with open_index(project, env) as index:
        return Past(find(index, query), trends(index), project.root)


def earlier_figures(project: Project, env: Mapping[str, str], run: RunState) -> Earlier:
    """Return what earlier runs of the same parameters measured for each gate of a run."""
    with open_index(project, env) as index:
        return earlier(index, run)


def compared(project: Project, env: Mapping[str, str], a: str, b: str) -> Comparison:
    """Return two bundles (relative to the project's root) side by side."""
    with open_index(project, env) as index:
        first, second = (record_of(index, project, str(project.root / name)) for name in (a, b))
        return compare(index, first, second)


def sheet(
    project: Project,
    memo_path: Path | None,
    env: Mapping[str, str],
    plan: Plan,
    run: RunState | None,
) -> Sheet:
    """Return the checklist of a plan, filled in from a run."""
    if run is not None and (run.bundle / "memo.md").is_file():
        memo = parse_memo((run.bundle / "memo.md").read_bytes(), name=plan.memo_name)
    else:
        memo = prepare(project.root, memo_path, ask=False).memo
    return make_sheet(plan, memo, project.root, env, run)


def explain(
    project: Project, env: Mapping[str, str], bundle: Path, run_programs: bool, say: "Say"
) -> "Explanation":
    """Return why a run's two sides differ."""
    # The diagnosis measures images: NumPy and SciPy are imported when somebody asks.
    from nbtui.explaining import explain_bundle  # noqa: PLC0415

    return explain_bundle(project, bundle, env, run_programs=run_programs, say=say)
