"""What must hold throughout a run: looked at before, between and after the stages.

Facts of files and repository are held against what they were when the run started
(:func:`watch`); room, clocks and the machine lock against limits (:mod:`nbtui.run.limits`).
"""

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
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
_NAMED = 5
"""Changed golden files that are named; the others are counted."""

Identity = tuple[int, int, int, int]


@dataclass(slots=True)
class Hashes:
    """SHA-256 of files, read again only when inode, size or a time of the file is another.

    The change time cannot be set by a program, so a file that was written to is read again
    whatever its other times say.
    """

    _known: dict[Path, tuple[Identity, str]] = field(default_factory=dict)

    def of(self, path: Path) -> str:
        """Return ``sha256 ...``, or why the file cannot be read."""
        try:
            info = path.stat()
            identity = (info.st_ino, info.st_size, info.st_mtime_ns, info.st_ctime_ns)
            known = self._known.get(path)
            if known is not None and known[0] == identity:
                return known[1]
            text = f"sha256 {sha256_file(path)}"
        except OSError as error:
            return f"unreadable: {error.strerror}"
        self._known[path] = (identity, text)
        return text


@dataclass(frozen=True, slots=True)
class Watch:
    """The things the guards watch, as they were at one moment: guard id to what was found."""

    found: Mapping[str, str]
    golden: Mapping[str, str] = field(default_factory=dict)
    """Every file of the golden data, with its hash and mode."""

    def against(self, baseline: "Watch", when: str) -> tuple[GuardChecked, ...]:
        """Hold this moment against the baseline."""
        seen = [
            GuardChecked(guard=g, ok=now == baseline.found.get(g, NONE), found=now,
                         expected=baseline.found.get(g, NONE), when=when)
            for g, now in self.found.items()
        ]  # fmt: skip
        if self.golden or baseline.golden:
            changed = _changes(baseline.golden, self.golden)
            seen.append(
                GuardChecked(
                    guard="golden-data",
                    ok=not changed,
                    found=changed or _folded(self.golden),
                    expected=_folded(baseline.golden),
                    when=when,
                )
            )
        return tuple(seen)


def watch(root: Path, plan: Plan, env: Mapping[str, str], hashes: Hashes | None = None) -> Watch:
    """Look at everything the guards of a plan watch.

    Parameters
    ----------
    root
        The project's root.
    plan
        Names golden image, artifacts folder and the C program.
    env
        The operator's environment.
    hashes
        What is known of files that did not change.
    """
    hashes = hashes or Hashes()
    found: dict[str, str] = {}
    golden: dict[str, str] = {}
    if plan.golden_image:
        found["golden-image"] = hashes.of(root / plan.golden_image)
        found["golden-mode"] = _mode(root / plan.golden_image)
        folder = root / golden_folder(plan.golden_image)
        golden = {
            str(path.relative_to(root)): f"{hashes.of(path)}, {_mode(path)}"
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
    program = c_binary(root, plan, env)
    if program is not None:
        found["c-binary"] = hashes.of(program)
    found["hidden-inputs"] = _hidden(root, plan, hashes)
    found.update(_repository(root, plan))
    return Watch(found, golden)


def golden_folder(image: str) -> str:
    """Return the folder of the golden data: the topmost one called golden, else the image's."""
    parts = Path(image).parts
    for n, part in enumerate(parts[:-1]):
        if "golden" in part.lower():
            return str(Path(*parts[: n + 1]))
    return str(Path(image).parent)


def _mode(path: Path) -> str:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        return f"unreadable: {error.strerror}"
    return f"mode {mode:04o}"


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    named = [
        *(f"{n} changed: {before[n]}, now {now[n]}" for n in before if now.get(n, "") != before[n]
          and n in now),
        *(f"{n} is gone" for n in before if n not in now),
        *(f"{n} is new" for n in now if n not in before),
    ]  # fmt: skip
    more = len(named) - _NAMED
    return "; ".join([*named[:_NAMED], *([f"and {more} more"] if more > 0 else [])])


def _folded(golden: Mapping[str, str]) -> str:
    text = "\n".join(f"{name} {what}" for name, what in sorted(golden.items()))
    return f"{len(golden)} files, sha256 of their list {sha256(text.encode()).hexdigest()}"


def _hidden(root: Path, plan: Plan, hashes: Hashes) -> str:
    present = [root / name for name in candidates(plan) if (root / name).exists()]
    described = (f"{p.name} ({size(p.stat().st_size)}, {hashes.of(p)})" for p in present)
    return ", ".join(described) or NONE


def _repository(root: Path, plan: Plan) -> dict[str, str]:
    try:
        tree = vcs.work_tree(root)
        if tree is None:
            return {}
        tracked = tree.tracked_below(plan.artifacts_root)
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
