"""Applying sign-offs: which failed gate, check or reading goes on as waived, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from nbtui.evidence.records import Blocker, GateResult, SignOff, Waiver
from nbtui.preflight.model import CheckResult
from nbtui.run.events import ConsoleRead, Waived
from nbtui.run.sign_offs import lowered


@dataclass(frozen=True, slots=True)
class Waivers:
    """The sign-offs of a run, asked one question at a time.

    A waiver counts where it was given: for that check, for that reading with that value, for
    that gate of that step down to the threshold that was signed, and no further.
    """

    signed: Sequence[SignOff] = ()

    def check(self, result: CheckResult) -> Waived | None:
        """Return the waiver of a check that blocks, if there is one."""
        for sign_off, waiver in self._of("check", result.id, ""):
            return _event(sign_off, waiver, f"{result.title}: {result.found}")
        return None

    def reading(self, read: ConsoleRead) -> Waived | None:
        """Return the waiver of a console reading that blocks, if there is one."""
        for sign_off, waiver in self._of("console", read.name, read.step_id):
            if waiver.value == read.value:
                return _event(sign_off, waiver, read.problem)
        return None

    def gate(self, result: GateResult) -> tuple[GateResult, Waived | None]:
        """Return a gate's result, marked where a sign-off lowers its threshold far enough."""
        if result.passed or not result.gate.binding or result.value is None:
            return result, None
        for sign_off, waiver in self._of("gate", result.gate.metric, result.step_id):
            if waiver.threshold is None:
                continue
            decides = result.value if result.judged is None else result.judged
            if lowered(result.gate.comparison, waiver.threshold, decides):
                marked = msgspec.structs.replace(result, waived_by=sign_off.by)
                now = f"{result.gate.metric} {result.gate.comparison.value} {waiver.threshold:.10g}"
                return marked, _event(sign_off, waiver, now)
        return result, None

    def unmoved(self, blocker: Blocker) -> Waived | None:
        """Return the waiver of a figure that passes by its threshold alone, if there is one."""
        for sign_off, waiver in self._of("unmoved", blocker.found, blocker.where):
            return _event(sign_off, waiver, blocker.reason)
        return None

    def _of(self, kind: str, name: str, step_id: str) -> list[tuple[SignOff, Waiver]]:
        # The newest sign-off counts first.
        return [
            (sign_off, waiver)
            for sign_off in reversed(self.signed)
            for waiver in sign_off.waives
            if (waiver.kind, waiver.id, waiver.step_id) == (kind, name, step_id)
        ]


def _event(sign_off: SignOff, waiver: Waiver, now: str) -> Waived:
    return Waived(
        kind=waiver.kind, id=waiver.id, step_id=waiver.step_id, by=sign_off.by,
        reason=sign_off.reason, was=waiver.was, now=now,
    )  # fmt: skip
