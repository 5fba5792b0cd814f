"""A stage's gates beside those of earlier runs of the same experiment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbtui.errors import NbtuiError
from nbtui.evidence import sanity
from nbtui.evidence.gates import hold_all
from nbtui.evidence.records import Blocker, Collected, GateResult
from nbtui.memo.plan import Plan, Role, Step
from nbtui.run import events
from nbtui.run.catalog import bundles, is_sealed
from nbtui.run.recorder import Recorder
from nbtui.run.waiving import Waivers
from nbtui.store import read

_NEWEST = 20
"""Bundles that are looked at."""
_SILENT = frozenset({Role.PYTEST, Role.SUMMARY, Role.SETTING})


@dataclass(frozen=True, slots=True)
class Weighed:
    """The gates of a stage, and why it blocks although they pass."""

    gates: tuple[GateResult, ...] = ()
    blocker: Blocker | None = None


@dataclass(frozen=True, slots=True)
class Scales:
    """Holds the gates of a stage beside those of earlier runs, and records what it finds.

    Parameters
    ----------
    root, reports
        Where the bundles are.
    plan
        Whose gates they are.
    waivers
        What a named person signed for.
    recorder
        Where the results go.
    """

    root: Path
    reports: str
    plan: Plan
    waivers: Waivers
    recorder: Recorder

    def weigh(self, step: Step, collected: Collected, facts: Mapping[str, str]) -> Weighed:
        """Hold the gates of a stage; what somebody signed for is marked, and goes on.

        Raises
        ------
        RecordingError
            When a result cannot be written.
        """
        code = sanity.code_of(facts)
        earlier = self._earlier(step, collected)
        gates: list[GateResult] = []
        for result in sanity.with_trend(hold_all(self.plan.gates, step, collected), code, earlier):
            marked, waived = self.waivers.gate(result)
            self._record(waived)
            self.recorder.emit(events.GateHeld(result=marked))
            gates.append(marked)
        for text in sanity.trend_sentences(gates):
            self._note(step, text)
        found = sanity.unmoved(gates, code, earlier)
        if found is not None:
            self._note(step, found.remark)
        return Weighed(tuple(gates), self._blocker(step, collected, found))

    def _earlier(self, step: Step, collected: Collected) -> tuple[sanity.Earlier, ...]:
        if not collected.parameter_hash or step.role in _SILENT:
            return ()
        bundle = self.recorder.bundle
        return earlier_runs(step.role, collected.parameter_hash, bundle, self.root, self.reports)

    def _blocker(
        self, step: Step, collected: Collected, found: sanity.Unmoved | None
    ) -> Blocker | None:
        reason = sanity.absurd(collected)
        if reason:
            fix = "find out which side has the wrong exposure; nobody can sign for this"
            return Blocker(kind="sanity", where=step.id, reason=reason, fix=fix)
        if found is None or not found.blocks:
            return None
        blocker = Blocker(
            kind="unmoved",
            where=step.id,
            reason=found.remark,
            found=found.figure,
            fix="find the cause, or let the supervisor sign for the threshold: nbtui sign-off",
        )
        return None if self._record(self.waivers.unmoved(blocker)) else blocker

    def _record(self, waived: events.Waived | None) -> bool:
        if waived is not None:
            self.recorder.emit(waived)
        return waived is not None

    def _note(self, step: Step, text: str) -> None:
        self.recorder.emit(events.Noted(text=f"{step.id}: {text}"))


def earlier_runs(
    role: Role, parameter_hash: str, bundle: Path, root: Path, reports: str
) -> tuple[sanity.Earlier, ...]:
    """Return the same experiment in the newest sealed runs, the newest first.

    A bundle that cannot be read is passed over: it is reported where bundles are verified.
    """
    found = []
    others = [b for b in bundles(root, reports)[: _NEWEST + 1] if b != bundle]
    for other in others[:_NEWEST]:
        if not is_sealed(other):
            continue
        try:
            state = read(other)
        except (NbtuiError, OSError, ValueError):
            continue
        for stage in state.stages:
            known = stage.collected
            spoke = known is not None and known.parameter_hash == parameter_hash
            if spoke and stage.outcome is not None and stage.outcome.role is role:
                code = sanity.code_of(state.facts)
                found.append(sanity.Earlier(other.name, code, stage.gates))
    return tuple(found)
