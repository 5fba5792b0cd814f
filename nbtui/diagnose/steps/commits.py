"""Since which commit do the two differ? One side's package, as earlier commits have it.

Only taken when somebody names a commit at which both agreed (``--since``): it runs earlier
code. Every commit is unpacked into a folder of its own, the work tree and git stay as they
are. The other side, the interpreter and its packages are those of now: if the package of that
commit does not agree today either, then it is not the package that changed.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.parity.diagnosis.signature import AGREE
from nbtui import vcs
from nbtui.diagnose.lab import Lab
from nbtui.diagnose.model import Case, Finding, Line, Outcome, Side
from nbtui.errors import VcsError

_SHORT = 12


def is_asked(case: Case) -> bool:
    """Whether somebody named a commit to search from."""
    return bool(case.since)


def look(lab: Lab) -> Outcome:
    """Find the first commit whose package makes another image than the other side."""
    try:
        return _look(lab)
    except VcsError as error:
        return Outcome(skipped=str(error))


def _look(lab: Lab) -> Outcome:
    root = lab.case.root
    good = vcs.commit_of(root, lab.case.since)
    if good is None:
        return Outcome(skipped=f"git has no commit {lab.case.since}")
    found = next(((s, p) for s in (Side.PY, Side.C) if (p := _package(lab, s))), None)
    if found is None:
        return Outcome(
            skipped="neither side is a Python package of this repository (python -m PACKAGE), "
            "and only that can be run as a commit has it"
        )
    side, package = found
    later = vcs.commits_since(root, good, package)
    if later is None:
        return Outcome(skipped=f"HEAD does not descend from {good[:_SHORT]}")
    other = _other_image(lab, side.other)
    if other is None:
        return Outcome(skipped=f"there is no image of {side.other.word}")
    search = _Search(lab, side, package, other)
    return _searched(search, (good, *later))


def _package(lab: Lab, side: Side) -> str:
    """Return the package that a side runs, if it is one of the repository's own."""
    argv = lab.case.party(side).argv
    if not lab.can_run(side) or len(argv) < 3 or argv[1] != "-m":
        return ""
    package = argv[2].partition(".")[0]
    return package if vcs.tracked(lab.case.root, package) else ""


def _other_image(lab: Lab, side: Side) -> Path | None:
    if lab.can_run(side):
        return lab.run(side, lab.small_region(), empty=True).image
    return lab.image_file(side)


@dataclass(slots=True)
class _Search:
    """Commits that were run, and what came of it."""

    lab: Lab
    side: Side
    package: str
    other: Path
    lines: list[Line] = field(default_factory=list)
    known: dict[str, bool | None] = field(default_factory=dict)

    def now(self) -> bool | None:
        """Whether the work tree's package agrees with the other side; ``None``: no image."""
        return self._told("the work tree", self._apart(None), "run now")

    def at(self, commit: str) -> bool | None:
        """Whether a commit's package agrees with the other side; ``None``: it made no image."""
        if commit not in self.known:
            folder = self.lab.scratch / "commits" / commit
            vcs.extract(self.lab.case.root, commit, self.package, folder)
            self.known[commit] = self._told(self.name(commit), self._apart(folder), "git archive")
        return self.known[commit]

    def name(self, commit: str) -> str:
        """Return a commit in words."""
        return f"{commit[:_SHORT]} ({vcs.subject(self.lab.case.root, commit)[:80]})"

    def _apart(self, code: Path | None) -> float | None:
        # Without a program of the other side its stored image decides, which is of full size.
        small = self.lab.can_run(self.side.other)
        region = self.lab.small_region() if small else ()
        return self.lab.apart(
            self.other, self.lab.run(self.side, region, empty=True, code=code).image
        )

    def _told(self, name: str, apart: float | None, source: str) -> bool | None:
        if apart is None:
            self.lines.append(Line(f"{name}: makes no image that could be compared", source))
            return None
        word = "agrees" if apart <= AGREE else "differs"
        self.lines.append(Line(f"{name}: {word} (relative L2 {apart:.1e})", source))
        return apart <= AGREE


def _searched(search: _Search, chain: Sequence[str]) -> Outcome:
    """Search a chain of commits, the first of which is believed to agree."""
    side, root = search.side, search.lab.case.root
    if search.now() is not False:
        return Outcome(tuple(search.lines))
    if search.at(chain[-1]):
        return _found(search, _uncommitted(search, chain[-1]))
    if None in (ends := (search.at(chain[-1]), search.at(chain[0]))):
        end = chain[-1] if ends[0] is None else chain[0]
        search.lines.append(Line(f"{end[:_SHORT]} cannot be run: nothing can be searched from it"))
        return Outcome(tuple(search.lines))
    if not ends[1]:
        text = (
            f"{side.word} as {chain[0][:_SHORT]} has it does not agree today either: "
            f"it is not {search.package} that changed since"
        )
        search.lines.append(Line(text))
        return Outcome(tuple(search.lines))
    before, after = _bisected(search, chain)
    runs = f"{len(search.known)} of {len(chain)} commits were run"
    search.lines.append(Line(runs))
    between = chain.index(after) - chain.index(before) - 1
    doubt = f", or one of {between} before it that cannot be run" if between else ""
    sentence = (
        f"{side.word.capitalize()} has differed since commit {search.name(after)}{doubt}: as "
        f"{before[:_SHORT]} has it, it agrees with {side.other.word}."
    )
    command = shlex.join(["git", "-C", str(root), "show", after, "--", search.package])
    return _found(search, Finding("commit", sentence, command))


def _found(search: _Search, finding: Finding) -> Outcome:
    """Return the end of a search; it also stands among the lines, as another step may decide."""
    return Outcome((*search.lines, Line(finding.sentence, finding.command)), finding)


def _bisected(search: _Search, chain: Sequence[str]) -> tuple[str, str]:
    """Return the last commit that agrees and the first that does not, as far as they run."""
    low, high = 0, len(chain) - 1
    while high - low > 1:
        middle = (low + high) // 2
        inside = sorted(range(low + 1, high), key=lambda n: abs(n - middle))
        tried = next((n for n in inside if search.at(chain[n]) is not None), None)
        if tried is None:
            break
        low, high = (tried, high) if search.at(chain[tried]) else (low, tried)
    return chain[low], chain[high]


def _uncommitted(search: _Search, head: str) -> Finding:
    tree = vcs.work_tree(search.lab.case.root)
    names = (*tree.dirty, *tree.staged, *tree.untracked) if tree else ()
    changed = ", ".join(dict.fromkeys(n for n in names if n.startswith(f"{search.package}/")))
    sentence = (
        f"{search.side.word.capitalize()} differs by what is not committed "
        f"({changed or search.package}): as {head[:_SHORT]} has it, it agrees with "
        f"{search.side.other.word}."
    )
    root = str(search.lab.case.root)
    command = shlex.join(["git", "-C", root, "diff", "HEAD", "--", search.package])
    return Finding("work tree", sentence, command)
