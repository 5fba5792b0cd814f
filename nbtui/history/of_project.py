"""The history of one project: its index, a run of it, and what it says of a plan."""

from collections.abc import Mapping

from nbtui.errors import BundleError, NbtuiError
from nbtui.history.index import Index
from nbtui.history.recall import recall_plan
from nbtui.history.records import RunRecord
from nbtui.project import Project
from nbtui.run.catalog import find_bundle
from nbtui.run.prepare import Prepared


def open_index(project: Project, env: Mapping[str, str]) -> Index:
    """Return the up-to-date index of a project's bundles."""
    return Index(project.root, project.settings.reports, env=env)


def record_of(index: Index, project: Project, stamp: str) -> RunRecord:
    """Return the record of a STAMP or of a path to a run's folder.

    Raises
    ------
    BundleError
        When there is no such run, or its journal is damaged.
    """
    bundle = find_bundle(project.root, stamp, project.settings.reports)
    if not bundle.is_relative_to(project.root):
        raise BundleError(
            "lies outside the project's reports",
            where=str(bundle),
            fix="give the STAMP of a run of this project (nbtui history lists them)",
        )
    name = bundle.relative_to(project.root).as_posix()
    found = next(index.records("bundle = ?", (name,)), None)
    if found is None:
        raise BundleError("is not in the index", where=name, fix="nbtui history lists the runs")
    if found.damage:
        raise BundleError(found.damage, where=name, fix="treat this bundle as no evidence")
    return found


def recalled(prepared: Prepared, env: Mapping[str, str]) -> tuple[str, ...]:
    """Return what earlier runs say about a plan that is about to start, as plain lines.

    A history that cannot be read keeps nobody from running.
    """
    try:
        with open_index(prepared.project, env) as index:
            return recall_plan(index, prepared.plan).lines()
    except (NbtuiError, OSError) as error:
        return (f"earlier runs cannot be read: {error}",)
