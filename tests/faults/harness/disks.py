"""Disks that are full, folders that cannot be written: mounted or marked for one test."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _must(*words: str) -> None:
    """Run a command that only root may; skip with its complaint where that fails."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs root and {words[0]}: {done.stderr.strip()}")


@contextmanager
def small(folder: Path, options: str) -> Iterator[None]:
    """Mount a small file system at a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _must("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder))
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Mount a folder onto itself, read-only."""
    folder.mkdir(parents=True, exist_ok=True)
    _must("mount", "--bind", str(folder), str(folder))
    try:
        _must("mount", "-o", "remount,ro,bind", str(folder))
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=False)


@contextmanager
def immutable(folder: Path) -> Iterator[None]:
    """Mark a folder so that not even root creates anything in it."""
    folder.mkdir(parents=True, exist_ok=True)
    _must("chattr", "+i", str(folder))
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", str(folder)], check=False)


@contextmanager
def denied(folder: Path) -> Iterator[None]:
    """Take the write permission away; root would not notice."""
    if os.geteuid() == 0:
        pytest.skip("root writes through permission bits; the immutable folder stands in for it")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o500)
    try:
        yield
    finally:
        folder.chmod(0o700)
