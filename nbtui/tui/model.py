"""What the app knows at one moment: immutable, replaced as a whole, shown by every screen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nbtui.memo.plan import GateSpec, Plan, Step
from nbtui.preflight.model import CheckResult, CheckStatus
from nbtui.store import RunState

if TYPE_CHECKING:
    from nbtui.memo.lint import Asked, Finding, Remedy
    from nbtui.run.forecast import Forecast


@dataclass(frozen=True, slots=True)
class Facts:
    """Where the app stands: shown in the header, never part of the evidence."""

    branch: str = ""
    sha: str = ""
    dirty: bool = False
    host: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is there before the first run; empty words where there is nothing."""

    root: str = ""
    memo: str = ""
    """The project's own memo; without one the packaged memo is shown."""
    repository: bool = False
    c_program: str = ""
    runs: int = 0
    newest: str = ""
    """The STAMP of the newest run."""

    @property
    def elsewhere(self) -> bool:
        """Whether this folder holds nothing that could be proven: no repository, no memo."""
        return bool(self.root) and not self.repository and not self.memo

    @property
    def first_time(self) -> bool:
        """Whether nothing has been run here yet."""
        return bool(self.root) and not self.runs


@dataclass(frozen=True, slots=True)
class PlanView:
    """A memo, the plan it compiles to, and what lint says about the plan."""

    memo_text: str
    plan: Plan
    findings: tuple["Finding", ...] = ()
    asked: tuple["Asked", ...] = ()
    """Every child that lint started, and every question to git."""
    history: tuple[str, ...] = ()
    """Earlier runs of the same memo, one a line."""
    accepted: tuple["Remedy", ...] = ()
    """The fixes that were accepted; the plan has them, and ``u`` takes them back."""

    @property
    def fixable(self) -> int:
        """How many findings have a fix that one key accepts."""
        return sum(f.remedy is not None for f in self.findings)

    @property
    def wrong(self) -> tuple["Finding", ...]:
        """The findings that ask for something; the others are remarks."""
        return tuple(f for f in self.findings if f.severity != "info")

    @property
    def blocking(self) -> tuple["Finding", ...]:
        """The findings that keep a run from starting."""
        return tuple(f for f in self.findings if f.severity == "block")

    @property
    def only_asks(self) -> bool:
        """Whether nothing but open questions keeps a run from starting; a led run asks them."""
        return all(f.id == "needs-answer" for f in self.blocking)


def gates_of(plan: Plan, step: Step) -> tuple[GateSpec, ...]:
    """Return the gates that a step's results will be held against."""
    return tuple(g for g in plan.gates if g.applies_to(step))


def rechecked(
    checks: tuple[CheckResult, ...], asked: str, results: tuple[CheckResult, ...]
) -> tuple[CheckResult, ...]:
    """Return ``checks`` with the results of a check that was made again, in their place.

    One check may give several results and other ones the next time: of two hidden inputs
    found (``hidden-input:NAME``) nothing may be left when there are none (``hidden-inputs``).
    """
    # The registry imports every check: who has results has it already.
    from nbtui.preflight.registry import owner  # noqa: PLC0415

    stale = [i for i, c in enumerate(checks) if owner(c.id) == owner(asked)]
    if not stale:
        return (*checks, *results)
    first = stale[0]
    kept = [c for i, c in enumerate(checks) if i > first and i not in stale]
    return (*checks[:first], *results, *kept)


@dataclass(frozen=True, slots=True)
class Model:
    """Everything a screen may show.

    ``checks`` is the app's own preflight; a run repeats it and journals its own. ``run_plan``
    is the plan that the run on show was made with. ``own`` says that the run was started
    here, ``lost`` that its supervisor is gone although the journal has no verdict.
    """

    facts: Facts = field(default_factory=Facts)
    ground: Ground = field(default_factory=Ground)
    view: PlanView | None = None
    trouble: str = ""
    reading: bool = False
    """The memo is being read anew; what is shown is the plan as it was."""
    checks: tuple[CheckResult, ...] = ()
    checking: bool = False
    checked: bool = False
    rechecking: str = ""
    """The result whose check is being made again."""
    run: RunState | None = None
    run_plan: Plan | None = None
    own: bool = False
    starting: bool = False
    cancelling: bool = False
    lost: bool = False
    forecast: "Mapping[str, Forecast]" = field(default_factory=dict)
    run_forecast: "Mapping[str, Forecast]" = field(default_factory=dict)
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    now: datetime | None = None

    @property
    def plan(self) -> Plan | None:
        """The plan, once the memo was understood."""
        return self.view.plan if self.view else None

    @property
    def shown_forecast(self) -> "Mapping[str, Forecast]":
        """What earlier runs took of the plan that is shown, by step."""
        return self.run_forecast if self.run_plan else self.forecast

    @property
    def shown_plan(self) -> Plan | None:
        """The plan of the run on show; before there is a run, the memo's."""
        return self.run_plan or self.plan

    @property
    def blocked_checks(self) -> tuple[CheckResult, ...]:
        """The checks that keep a run from starting."""
        return tuple(c for c in self.checks if c.status is CheckStatus.BLOCK)

    @property
    def preflight_passed(self) -> bool:
        """Whether every check was made and none blocks."""
        return self.checked and not self.checking and not self.blocked_checks

    @property
    def active(self) -> bool:
        """Whether a run is under way."""
        return self.run is not None and not self.run.ended and not self.lost

    @property
    def bundle(self) -> Path | None:
        """The bundle of the run on show."""
        return self.run.bundle if self.run else None
