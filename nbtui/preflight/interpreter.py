"""The Python that will run the stages is the project's."""

import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from nbtui.preflight.model import CheckResult, Context
from nbtui.preflight.report import Subject

_PACKAGES = ("torch", "numpy", "pytest")


def check_interpreter(context: Context) -> Iterator[CheckResult]:
    """Check that this interpreter belongs to the project's or the activated environment."""
    expected = context.root / context.settings.venv
    activated = context.env.get("VIRTUAL_ENV")
    source = next((g.source for g in context.plan.guards if g.id == "interpreter"), "")
    subject = Subject(
        "interpreter",
        "Python interpreter",
        f"in {expected}" + (f" or {activated}" if activated else ""),
        source or "[tool.nbtui] venv",
    )
    prefix = Path(sys.prefix)
    found = f"Python {platform.python_version()} in {prefix}, {_versions()}"
    facts = {
        "executable": sys.executable,
        "prefix": str(prefix),
        "python": platform.python_version(),
        **{name: v for name in _PACKAGES if (v := version(name))},
    }
    good = [p.resolve() for p in (expected, *((Path(activated),) if activated else ()))]
    if prefix == Path(sys.base_prefix):
        fix = f"python3 -m venv {expected} && . {expected}/bin/activate  # and install there"
        yield subject.block(f"{found}: no virtual environment", fix, **facts)
    elif prefix.resolve() in good:
        yield subject.ok(found, **facts)
    elif expected.exists():
        fix = f"{expected}/bin/nbtui  # or activate the environment that is meant"
        yield subject.block(found, fix, **facts)
    else:
        fix = f"python3 -m venv {expected}  # or activate the environment that is meant"
        yield subject.warn(found, fix, **facts)


def version(package: str) -> str | None:
    """Return the installed version, without importing the package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _versions() -> str:
    return ", ".join(f"{name} {version(name) or 'missing'}" for name in _PACKAGES[:2])
