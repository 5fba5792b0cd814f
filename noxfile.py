#!/usr/bin/env -S uv run --script

# /// script
# dependencies = ["nox>=2025.2.9"]
# ///
"""Isolated sessions of what the Makefile does: ``nox``, ``nox -s tests``."""

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"

PROJECT = nox.project.load_toml("pyproject.toml")
CONSTRAINTS = ("-c", "constraints.txt", "-e", ".[evidence]")


@nox.session
def lint(session: nox.Session) -> None:
    """Check formatting, style, types, import contracts and spelling."""
    groups = nox.project.dependency_groups(PROJECT, "lint", "test")
    session.install(*CONSTRAINTS, *groups)
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")
    session.run("lint-imports")
    session.run("codespell")


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Run the test suite; arguments after ``--`` go to pytest."""
    session.install(*CONSTRAINTS, *nox.project.dependency_groups(PROJECT, "test"))
    session.run("nb-golden", "build-reference")
    session.run("nb-golden", "generate")
    session.run("pytest", *session.posargs)


if __name__ == "__main__":
    nox.main()
