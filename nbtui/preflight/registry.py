"""All checks, cheap ones first. A new check is one file and one line here."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from msgspec.structs import replace

from nbtui.errors import NbtuiError
from nbtui.preflight.c_binary import check_c_binary
from nbtui.preflight.disk import check_disk, check_reports_writable
from nbtui.preflight.golden import check_golden
from nbtui.preflight.hidden_inputs import check_hidden_inputs
from nbtui.preflight.installed import check_installed
from nbtui.preflight.interpreter import check_interpreter
from nbtui.preflight.memory import check_memory
from nbtui.preflight.model import Check, CheckResult, CheckStatus, Context
from nbtui.preflight.report import Subject
from nbtui.preflight.repository import (
    check_branch,
    check_clean,
    check_ignored,
    check_reports,
)
from nbtui.preflight.variables import check_inherited, check_near_names, check_variables


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """A check under the name by which it can be repeated."""

    id: str
    title: str
    check: Check


CHECKS: tuple[CheckEntry, ...] = (
    CheckEntry("env", "Environment variables", check_variables),
    CheckEntry("env-near", "Misspelt variables", check_near_names),
    CheckEntry("env-inherited", "Inherited variables", check_inherited),
    CheckEntry("memory", "Available memory", check_memory),
    CheckEntry("disk", "Free disk space", check_disk),
    CheckEntry("reports-writable", "Reports folder", check_reports_writable),
    CheckEntry("hidden-inputs", "Hidden inputs", check_hidden_inputs),
    CheckEntry("interpreter", "Python interpreter", check_interpreter),
    CheckEntry("engine-source", "Engine that is run", check_installed),
    CheckEntry("c-binary", "C program", check_c_binary),
    CheckEntry("branch", "Branch and commit", check_branch),
    CheckEntry("clean-tree", "Clean work tree", check_clean),
    CheckEntry("ignored-files", "Ignored files", check_ignored),
    CheckEntry("reports-ignored", "Reports stay out of git", check_reports),
    CheckEntry("golden", "Golden image", check_golden),
)

_OWNERS = {"staged": "clean-tree", "golden-readonly": "golden", "hidden-input": "hidden-inputs"}
"""Results whose name is not that of their check."""


def run_all(context: Context) -> Iterator[CheckResult]:
    """Make every check, one after the other; the caller sees each result as it comes."""
    # Several ask git for the same: the state of one large work tree takes seconds to tell.
    once = replace(context, looked=cache(context.work_tree))
    for entry in CHECKS:
        yield from _run(entry, once)


def run_one(name: str, context: Context) -> tuple[CheckResult, ...]:
    """Repeat the check of that id, or the one that made the result of that id.

    Raises
    ------
    KeyError
        There is no such check.
    """
    wanted = owner(name)
    entry = next((e for e in CHECKS if e.id == wanted), None)
    if entry is None:
        raise KeyError(name)
    return tuple(_run(entry, context))


def owner(name: str) -> str:
    """Return the id of the check that makes the result of that id."""
    stem = name.partition(":")[0]
    return _OWNERS.get(stem, stem)


def blocking(results: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
    """Return the results that keep a run from starting."""
    return tuple(r for r in results if r.status is CheckStatus.BLOCK)


def _run(entry: CheckEntry, context: Context) -> Iterator[CheckResult]:
    """Make one check; what cannot be looked at blocks, it does not crash."""
    try:
        yield from entry.check(context)
    except NbtuiError as error:
        subject = Subject(entry.id, entry.title, "can be checked", "docs/preflight.md")
        yield subject.block(str(error), error.fix or "see the message")
    except OSError as error:
        subject = Subject(entry.id, entry.title, "can be checked", "docs/preflight.md")
        yield subject.block(
            f"{error.filename}: {error.strerror}", f"chmod u+r {shlex.quote(str(error.filename))}"
        )
