"""What a memo compiles to: plain, immutable data that can be shown, hashed and read back.

A plan never holds a STAMP. Paths inside the run's bundle are written with the variable
``$OUTDIR`` and resolved when the run starts (:func:`resolve`), so that the same memo at the
same commit always has the same :meth:`Plan.digest`.
"""

import hashlib
import re
from collections.abc import Mapping
from enum import StrEnum

import msgspec

PLAN_SCHEMA = 1


class StepKind(StrEnum):
    """Who does a step."""

    RUNNABLE = "runnable"
    NEEDS_ANSWER = "needs-answer"
    MANUAL = "manual"


class Role(StrEnum):
    """What a step is for; it decides which collector reads its results."""

    SETTING = "setting"
    """Environment, STAMP and folders: the tool does it itself."""
    BENCHMARK = "benchmark"
    COMPARE = "compare"
    PYTEST = "pytest"
    SUMMARY = "summary"
    COMMAND = "command"
    """Any other command: its exit code is its result."""
    MANUAL = "manual"


class LineSpan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines of the memo, counted from 1, both ends included."""

    first: int
    last: int


class Deviation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where what runs differs from what the memo says; shown before, recorded always."""

    memo_says: str
    runs: str
    why: str


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One program as it will be executed; shell text where nothing else will do."""

    argv: tuple[str, ...]
    """The words; :data:`SHELL` and the text for what needs a shell."""
    env: dict[str, str] = msgspec.field(default_factory=dict)
    """Variables this command sets in addition to the plan's environment."""
    log: str
    """Where stdout and stderr go, ``$OUTDIR``-relative in the plan."""
    cwd: str = ""
    """The working folder: empty for the root, else below it or below ``$OUTDIR``."""

    @property
    def script(self) -> str | None:
        """The shell text, where the command is one; ``None`` for plain argv."""
        return self.argv[-1] if self.argv[:-1] == SHELL else None


SHELL = ("bash", "-o", "pipefail", "-c")
"""How shell text is executed: a part of a pipe that fails makes the whole fail."""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the checklist."""

    id: str
    """``01-benchmark``: position and a slug; names the stage's folder in the bundle."""
    title: str
    kind: StepKind
    role: Role
    lines: LineSpan
    memo_text: str
    """The memo's own words."""
    command: Command | None = None
    experiment: tuple[str, ...] | None = None
    """nanoBragg arguments this stage names, after ``--`` and without output paths."""
    artifacts: tuple[str, ...] = ()
    """Files that must exist and not be empty afterwards (``$OUTDIR``-relative)."""
    timeout_s: float = 600.0
    independent: bool = False
    """Whether it is of use after another stage has blocked: it then runs for information only."""
    deviations: tuple[Deviation, ...] = ()
    question: str | None = None
    """What somebody has to say before the step can run."""
    proposal: str = ""
    """The answer that the tool proposes: a command line, which nobody has confirmed."""
    answer: str = ""
    """What somebody wrote into a plan file: a command line, or ``skip``."""


class Mention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command outside of the work to do: in *If Blocked*, a pitfall, a checklist."""

    text: str
    section: str
    source: str
    """``memo:line``."""
    step: str = ""
    """The step that runs the same command, if there is one."""


class Comparison(StrEnum):
    """How a measured value is held against a threshold."""

    AT_LEAST = ">="
    AT_MOST = "<="
    EQUAL = "=="


class GateSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A threshold, where it applies and where it comes from."""

    id: str
    metric: str
    """Name of a collected metric, e.g. ``correlation``, ``sum_ratio_deviation``."""
    role: Role
    comparison: Comparison
    threshold: float
    source: str
    """``file:line`` of the sentence or table row that sets it."""
    binding: bool = True
    overrides: tuple[str, ...] = ()
    """Looser thresholds for the same metric that this one replaced: ``0.95 (memo:12)``."""
    steps: tuple[str, ...] = ()
    """Ids of the steps it is held at; empty for every step of the role."""
    held_by_tool: bool = False
    """The test asserts it, and nobody else demands it: its figure is not measured here."""

    def applies_to(self, step: Step) -> bool:
        """Whether this gate is held at that step."""
        if self.held_by_tool:
            return False
        return self.role is step.role and (not self.steps or step.id in self.steps)


class Variable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An environment variable that the memo sets (``value``) or only demands (``None``)."""

    name: str
    value: str | None = None
    source: str


class Guard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule of the memo that must hold before, between and after stages."""

    id: str
    text: str
    source: str


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a run needs, and nothing that only exists while it runs."""

    schema: int = PLAN_SCHEMA
    memo_name: str
    """Path of the memo relative to the root, or ``packaged``."""
    memo_sha256: str
    summary: str
    focus: str
    branch: str | None = None
    artifacts_root: str
    """``reports/<initiative>/<phase>``: the STAMP folder is made below it."""
    folders: tuple[str, ...] = ()
    """Folders to create in the bundle, relative to it."""
    mapped_tests: tuple[str, ...] = ()
    environment: tuple[Variable, ...] = ()
    steps: tuple[Step, ...] = ()
    gates: tuple[GateSpec, ...] = ()
    guards: tuple[Guard, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    mentions: tuple[Mention, ...] = ()
    """Commands that the memo names but that are not to run now."""
    golden_image: str | None = None
    """The golden image this evidence is about, relative to the root."""
    min_available_memory_bytes: int = 16_000_000_000
    summary_name: str = "phase_summary.md"

    @property
    def stages(self) -> tuple[Step, ...]:
        """The steps that run, in order (roles with work of their own)."""
        return tuple(
            s for s in self.steps if s.kind is StepKind.RUNNABLE and s.role is not Role.SETTING
        )

    def held(self) -> tuple[tuple[GateSpec, Step], ...]:
        """Return every gate with a step it is held at: as many as a whole run holds."""
        return tuple((g, s) for s in self.stages for g in self.gates if g.applies_to(s))

    def all_deviations(self) -> tuple[tuple[str, Deviation], ...]:
        """Return every deviation with the id of its step (``plan`` for the plan's own)."""
        own = tuple(("plan", d) for d in self.deviations)
        return own + tuple((s.id, d) for s in self.steps for d in s.deviations)

    def digest(self) -> str:
        """Return the SHA-256 of the canonical JSON: the identity that is approved."""
        return hashlib.sha256(encode(self)).hexdigest()


def encode(plan: Plan) -> bytes:
    """Return the plan as canonical JSON (sorted keys, no insignificant white space)."""
    return msgspec.json.encode(plan, order="sorted")


def decode(data: bytes) -> Plan:
    """Read a plan back; raises :class:`msgspec.ValidationError` for another schema."""
    return msgspec.json.decode(data, type=Plan)


def resolve(text: str, variables: Mapping[str, str]) -> str:
    """Return ``text`` with ``$NAME`` and ``${NAME}`` replaced for the names given.

    Other dollar signs stay as they are: nothing is expanded that the tool does not own.
    """
    # In one pass: a value may hold what looks like another name.
    return _NAMED.sub(lambda m: variables.get(m[1] or m[2], m[0]), text)


_NAMED = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
