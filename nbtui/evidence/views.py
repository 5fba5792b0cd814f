"""The views that every bundle holds, whatever its verdict: one line each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import resources

from nbtui.evidence import checklist, junit, report
from nbtui.evidence.facts import RunFacts


@dataclass(frozen=True, slots=True)
class View:
    """A file made from the facts of a run."""

    name: str
    what: str
    render: Callable[[RunFacts], bytes | Iterable[bytes]]


def verifier() -> bytes:
    """Return the program that checks a bundle without this package."""
    return resources.files("nbtui.evidence").joinpath("bundled_verify.py").read_bytes()


VIEWS = (
    View("checklist.md", "the steps as they were done", lambda f: checklist.render(f).encode()),
    View("run.junit.xml", "preflight, stages and gates as JUnit", junit.render),
    View(report.REPORT, "the run on one page", lambda f: report.render(f, f.bundle)),
    View("verify.py", "checks this bundle without nbtui", lambda _: verifier()),
)
"""A new view is one line here; it is written before the verdict and sealed with the rest."""
