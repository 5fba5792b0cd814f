"""What must hold throughout a run: looked at before, between and after the stages."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbtui import vcs
from nbtui.durable import sha256_file
from nbtui.errors import VcsError
from nbtui.evidence.provenance import c_binary
from nbtui.evidence.text import size
from nbtui.memo.hidden import candidates
from nbtui.memo.plan import Plan
from nbtui.run.events import GuardChecked

NONE = "none"


@dataclass(frozen=True, slots=True)
class Watch:
    """The things the guards watch, as they were at one moment: guard id to what was found."""

    found: Mapping[str, str]

    def against(self, baseline: "Watch", when: str) -> tuple[GuardChecked, ...]:
        """Hold this moment against the baseline."""
        return tuple(
            GuardChecked(guard=g, ok=now == baseline.found[g], found=now,
                         expected=baseline.found[g], when=when)
            for g, now in self.found.items()
        )  # fmt: skip


def watch(root: Path, plan: Plan, env: Mapping[str, str]) -> Watch:
    """Look at everything the guards of a plan watch.

    Parameters
    ----------
    root
        The project's root.
    plan
        Names golden image, artifacts folder and the C program.
    env
        The operator's environment.
    """
    found: dict[str, str] = {}
    if plan.golden_image:
        found["golden-image"] = _hash(root / plan.golden_image)
    program = c_binary(root, plan, env)
    if program is not None:
        found["c-binary"] = _hash(program)
    found["hidden-inputs"] = _hidden(root, plan)
    found.update(_repository(root, plan))
    return Watch(found)


def _hash(path: Path) -> str:
    try:
        return f"sha256 {sha256_file(path)}"
    except OSError as error:
        return f"unreadable: {error.strerror}"


def _hidden(root: Path, plan: Plan) -> str:
    present = [root / name for name in candidates(plan) if (root / name).exists()]
    described = (f"{p.name} ({size(p.stat().st_size)}, {_hash(p)})" for p in present)
    return ", ".join(described) or NONE


def _repository(root: Path, plan: Plan) -> dict[str, str]:
    try:
        tree = vcs.work_tree(root)
        if tree is None:
            return {}
        tracked = vcs.tracked(root, plan.artifacts_root)
    except VcsError as error:
        return {"repository": f"unreadable: {error.what}"}
    reports = Path(plan.artifacts_root).parts[0]
    untracked = [n for n in tree.untracked if Path(n).parts[:1] != (reports,)]
    return {
        "commit": tree.head or NONE,
        "branch": tree.branch or "detached",
        "index": _names("staged", tree.staged),
        "tree": f"{_names('changed', tree.dirty)}; {_names('untracked', untracked)}; "
        f"{_names('not looked at', tree.unwatched)}",
        "reports-untracked": _names("tracked", tracked),
    }


def _names(what: str, names: tuple[str, ...] | list[str]) -> str:
    return f"{what}: {', '.join(names) or NONE}"
