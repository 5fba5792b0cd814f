"""Where a run's figures come from: commit, programs, golden data, versions, host.

Everything is a flat table of strings, recorded in the journal's first line; an unknown
fact is absent, never made up.
"""

import importlib.metadata
import os
import platform
import secrets
import sys
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from nbtui import vcs
from nbtui.durable import sha256_file
from nbtui.errors import VcsError
from nbtui.memo.plan import Plan

PACKAGES = ("nbtui", "torch", "numpy", "scipy", "pytest", "textual")
C_BINARY_VARIABLE = "NB_C_BIN"


def collect(root: Path, plan: Plan, env: Mapping[str, str]) -> dict[str, str]:
    """Return the facts of this machine and work tree.

    Parameters
    ----------
    root
        The project's root.
    plan
        Names the golden image and, in its environment, the C program.
    env
        The operator's environment.
    """
    facts: dict[str, str] = {}
    facts.update(_git(root))
    facts.update(_file("c_binary", c_binary(root, plan, env), root))
    golden = root / plan.golden_image if plan.golden_image else None
    facts.update(_file("golden", golden, root))
    facts.update(_versions())
    facts.update(_machine())
    facts["cwd"] = str(root)
    return facts


def c_binary(root: Path, plan: Plan, env: Mapping[str, str]) -> Path | None:
    """Return the C program the stages will run: the plan's ``NB_C_BIN``, else the operator's."""
    given = next((v.value for v in plan.environment if v.name == C_BINARY_VARIABLE), None)
    name = given if given is not None else env.get(C_BINARY_VARIABLE)
    return root / name if name else None


def environment_record(env: Mapping[str, str], shown: frozenset[str]) -> dict[str, object]:
    """Return the environment as it may be kept: allow-listed values, the rest hashed.

    The salt is not kept, so nobody can try values against the hashes later.
    """
    salt = secrets.token_bytes(16)

    def concealed(value: str) -> dict[str, object]:
        raw = value.encode("utf-8", "surrogateescape")
        return {"salted_sha256": sha256(salt + raw).hexdigest()[:12], "length": len(raw)}

    hidden = {n: concealed(v) for n, v in sorted(env.items()) if n not in shown}
    return {"values": {n: env[n] for n in sorted(shown & env.keys())}, "hidden": hidden}


def _git(root: Path) -> Iterator[tuple[str, str]]:
    try:
        tree = vcs.work_tree(root)
    except VcsError as error:
        yield "git", f"unknown: {error.what}"
        return
    if tree is None:
        yield "git", "no repository"
        return
    yield "git_sha", tree.head or "no commit yet"
    yield "git_branch", tree.branch or "detached"
    yield "git_staged", "\n".join(tree.staged)
    yield "git_dirty", "\n".join(tree.dirty)
    yield "git_untracked", "\n".join(tree.untracked)


def _file(name: str, path: Path | None, root: Path) -> Iterator[tuple[str, str]]:
    if path is None:
        return
    yield name, str(path.relative_to(root) if path.is_relative_to(root) else path)
    try:
        info = path.stat()
        yield f"{name}_sha256", sha256_file(path)
        yield f"{name}_bytes", str(info.st_size)
        yield f"{name}_mtime", f"{info.st_mtime:.0f}"
    except OSError as error:
        yield f"{name}_error", error.strerror or str(error)


def _versions() -> Iterator[tuple[str, str]]:
    yield "python", platform.python_version()
    yield "python_executable", sys.executable
    for package in PACKAGES:
        try:
            yield f"version_{package}", importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue


def _machine() -> Iterator[tuple[str, str]]:
    import psutil  # noqa: PLC0415  (only a run needs it)

    yield "host", platform.node()
    yield "system", f"{platform.system()} {platform.release()} {platform.machine()}"
    yield "cpu", _cpu_model()
    yield "cpu_count", str(os.cpu_count() or 0)
    memory = psutil.virtual_memory()
    yield "memory_total_bytes", str(memory.total)
    yield "memory_available_bytes", str(memory.available)
    yield "load_1m", f"{os.getloadavg()[0]:.2f}"


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
