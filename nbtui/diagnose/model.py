"""What is diagnosed, what is found, and what the report says: immutable, with sources."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Side(StrEnum):
    """The two sides of a comparison."""

    C = "c"
    PY = "py"

    @property
    def word(self) -> str:
        """The side in a sentence."""
        return "the C side" if self is Side.C else "the port"

    @property
    def other(self) -> "Side":
        """The other side."""
        return Side.PY if self is Side.C else Side.C


@dataclass(frozen=True, slots=True)
class Party:
    """One side: a program, an image it made, what it printed; each of them may be missing."""

    side: Side
    argv: tuple[str, ...] = ()
    """Program and leading words; empty when there is only an image."""
    environment: Mapping[str, str] = field(default_factory=dict)
    image: Path | None = None
    console: Path | None = None
    """What it printed on stdout when it made ``image``."""
    folder: Path | None = None
    """Where it is believed to be run; hidden inputs are looked for there."""
    sha256_binary: str = ""
    """Of the program that made ``image``, when that was recorded."""

    @property
    def known(self) -> str:
        """What there is of it, in words."""
        parts = [" ".join(self.argv)] if self.argv else []
        parts += [str(self.image)] if self.image else []
        return " and ".join(parts) or "nothing"


@dataclass(frozen=True, slots=True)
class Experiment:
    """What one stage of a run says it simulated."""

    step_id: str
    parameter_hash: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reference:
    """A recorded hash of an image."""

    label: str
    sha256: str
    image: str
    """The image it is about."""
    same_experiment: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """A comparison that is to be explained.

    Parameters
    ----------
    title
        What it is about, in a few words.
    c, py
        The two sides.
    args
        The nanoBragg arguments both sides are believed to have been given, input paths
        absolute.
    shape
        ``(slow, fast)`` pixels; ``None`` when only a report tells.
    root
        The project's root: sources are named from it, known issues are looked for below it.
    experiments
        What the stages of a run say they simulated.
    references
        Hashes that should be those of the first side's image.
    golden
        The golden image, when the comparison has one.
    since
        A commit at which the two sides agreed, to search from; empty for no search.
    """

    title: str
    c: Party
    py: Party
    args: tuple[str, ...] = ()
    shape: tuple[int, int] | None = None
    root: Path = Path()
    experiments: tuple[Experiment, ...] = ()
    references: tuple[Reference, ...] = ()
    golden: Path | None = None
    since: str = ""

    def party(self, side: Side) -> Party:
        """Return one side."""
        return self.c if side is Side.C else self.py


class State(StrEnum):
    """How a step ended."""

    OK = "ok"
    """It looked, and found nothing that explains the difference."""
    FOUND = "found"
    SKIPPED = "skipped"
    """It could not look, and says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One fact, and where it stands."""

    text: str
    source: str = ""
    """``file:line``, a command, or what it was computed from."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause."""

    cause: str
    """A short, stable name: ``hidden input``, ``parameters``, ``structure factors``, ..."""
    sentence: str
    """What is wrong, on which side, with both values; one sentence."""
    command: str
    """One command that shows it."""
    certain: bool = True
    """Whether it is proven; what is only likely does not end the search."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one step saw."""

    lines: tuple[Line, ...] = ()
    finding: Finding | None = None
    skipped: str = ""
    """Why it could not look."""


@dataclass(frozen=True, slots=True)
class StepReport:
    """One step of the search, as it went."""

    id: str
    title: str
    state: State
    cost_s: float
    lines: tuple[Line, ...] = ()
    finding: Finding | None = None
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The whole search."""

    title: str
    steps: tuple[StepReport, ...]
    finding: Finding | None
    wall_s: float
    agreement: str = ""
    """How well the images agree, when they do as two renderings of one experiment do."""

    @property
    def agree(self) -> bool:
        """Whether the two images agree as two renderings of one experiment do."""
        return bool(self.agreement)

    @property
    def explained(self) -> bool:
        """Whether the cause is proven."""
        return self.finding is not None and self.finding.certain

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        if self.finding is not None:
            return self.finding.sentence if self.explained else f"Likely: {self.finding.sentence}"
        if self.agree:
            return f"The two images agree ({self.agreement}): there is nothing to explain."
        return "Not explained: every step that could be taken found nothing."

    @property
    def command(self) -> str:
        """One command to confirm it; empty when there is nothing to confirm."""
        return self.finding.command if self.finding else ""


Say = Callable[[StepReport], None]
"""Told of each step when it has ended."""


def say_nothing(_: StepReport) -> None:
    """Keep the progress to oneself."""
