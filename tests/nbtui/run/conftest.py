"""A laboratory for each test: nothing of it touches this checkout or its machine lock."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nbtui.run.lab import Lab

PYPROJECT = "[project]\nname = 'lab'\nversion = '0'\n[tool.nbtui]\nmin_free_disk_bytes = 1\n"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    root = tmp_path / "lab"
    root.mkdir()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "VIRTUAL_ENV": sys.prefix,
        "LANG": "C.UTF-8",
        "NBTUI_LOCK_DIR": str(tmp_path / "locks"),
        "NBTUI_GRACE_S": "0.5",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    laboratory = Lab(root, env)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / ".gitignore").write_text("reports/\n/golden/\n")
    (root / "program").write_text("#!/bin/sh\nexit 0\n")
    (root / "program").chmod(0o755)
    (root / "golden").mkdir()
    (root / "golden" / "image.bin").write_bytes(b"golden" * 100)
    (root / "golden" / "image.bin").chmod(0o444)
    laboratory.git("init", "--quiet", "--initial-branch=main")
    laboratory.git("config", "user.name", "lab")
    laboratory.git("config", "user.email", "lab@example.invalid")
    laboratory.git("add", ".")
    laboratory.git("commit", "--quiet", "--message", "start")
    yield laboratory
    laboratory.end()
    shutil.rmtree(root, ignore_errors=True)
