"""Runs inside the sandbox: collect tests and say what would keep each from being evidence.

Started as a file; needs nothing but pytest. The first argument is the mark that begins the
last line of its output, one JSON object; the others are pytest's.
"""

import json
import os
import platform
import sys
from typing import Any

import pytest


class Probe:
    """A pytest plugin that writes down what was collected."""

    def __init__(self) -> None:
        self.tests: list[dict[str, str]] = []
        self.deselected: list[str] = []
        self.skipped: list[str] = []
        self.errors: list[str] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Write down every test that would run, and its marks."""
        for item in session.items:
            skip, xfail = _reason(item, "skip"), _reason(item, "xfail")
            skip = skip or _reason(item, "skipif")
            self.tests.append({"id": item.nodeid, "skip": skip, "xfail": xfail})

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Write down what a selector took away."""
        self.deselected.extend(item.nodeid for item in items)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Write down files that skip themselves or cannot be imported."""
        if report.skipped:
            reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else ""
            self.skipped.append(f"{report.nodeid}: {reason}")
        elif report.failed:
            text = str(report.longrepr).strip().splitlines()
            self.errors.append(f"{report.nodeid}: {text[-1] if text else 'not importable'}")


def _reason(item: pytest.Item, name: str) -> str:
    """Return why a mark of that name applies; empty when none does."""
    for mark in item.iter_markers(name):
        conditions = mark.args if name != "skip" else ()
        if "condition" in mark.kwargs:
            conditions = (mark.kwargs["condition"],)
        if not conditions or any(_holds(item, c) for c in conditions):
            words = mark.kwargs.get("reason") or (
                mark.args[0] if name == "skip" and mark.args else ""
            )
            return str(words or f"marked {name}")
    return ""


def _holds(item: pytest.Item, condition: Any) -> bool:
    """Whether a mark's condition holds; pytest too evaluates one that is a text."""
    if not isinstance(condition, str):
        return bool(condition)
    names = {"os": os, "sys": sys, "platform": platform, "config": item.config}
    names |= getattr(getattr(item, "obj", None), "__globals__", {})
    return bool(eval(condition, names))  # noqa: S307  (the test's own words, as pytest does it)


def main() -> int:
    """Collect what the arguments select; print it as JSON."""
    plain = ["--collect-only", "-q", "-p", "no:cacheprovider", "--color=no", *sys.argv[2:]]
    probe = Probe()
    # Hypothesis takes longer to load than most projects to collect; it changes no test's id.
    code = pytest.main([*plain, "-p", "no:hypothesispytest"], plugins=[probe])
    if code == pytest.ExitCode.USAGE_ERROR:
        probe = Probe()
        code = pytest.main(plain, plugins=[probe])
    found = {
        "tests": probe.tests,
        "deselected": probe.deselected,
        "skipped": probe.skipped,
        "errors": probe.errors,
        "exit_code": int(code),
    }
    sys.stdout.write(f"\n{sys.argv[1]}{json.dumps(found)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
