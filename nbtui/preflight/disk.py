"""Room for the bundle, and the right to write it where it belongs."""

import os
import shutil
from collections.abc import Iterator

from nbtui.preflight.files import existing_parent
from nbtui.preflight.model import CheckResult, Context
from nbtui.preflight.report import Subject, gigabytes


def check_disk(context: Context) -> Iterator[CheckResult]:
    """Hold the free space of the reports' file system against the settings' minimum."""
    need = context.settings.min_free_disk_bytes
    source = "[tool.nbtui] min_free_disk_bytes"
    subject = Subject("disk", "Free disk space", f"at least {gigabytes(need)}", source)
    folder = existing_parent(context.root / context.plan.artifacts_root)
    free = shutil.disk_usage(folder).free
    found = f"{gigabytes(free)} free at {folder}"
    if free >= need:
        yield subject.ok(found, free_bytes=str(free))
    else:
        fix = f"free {gigabytes(need - free)} there, or archive old bundles elsewhere"
        yield subject.block(found, fix, free_bytes=str(free))


def check_reports_writable(context: Context) -> Iterator[CheckResult]:
    """Check that the bundle's folder can be made, inside the project."""
    wanted = context.root / context.plan.artifacts_root
    subject = Subject(
        "reports-writable",
        "Reports folder",
        f"{context.plan.artifacts_root} can be written, inside the project",
        "docs/preflight.md",
    )
    folder = existing_parent(wanted)
    reports = (context.root / context.settings.reports).resolve()
    if not wanted.resolve().is_relative_to(reports):
        yield subject.block(
            f"{wanted} leads to {wanted.resolve()}",
            f"remove the symbolic link: bundles stay below {context.settings.reports}/",
        )
    elif not folder.is_dir():
        yield subject.block(f"{folder} is not a folder", f"mv {folder} {folder}.aside")
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield subject.block(f"{folder} cannot be written", f"chmod u+wx {folder}")
    else:
        yield subject.ok(f"{folder} can be written", folder=str(folder))
