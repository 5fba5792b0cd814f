"""Watches what must hold throughout a run, and stops the run at the first that does not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from nbtui.evidence.safe import links
from nbtui.memo.plan import Plan
from nbtui.project import Settings
from nbtui.run.clock import Clock
from nbtui.run.events import GuardChecked
from nbtui.run.guards import Hashes, Watch, watch
from nbtui.run.halt import broken_guard
from nbtui.run.limits import Limits, clock_offset_s
from nbtui.run.recorder import Recorder


@dataclass(slots=True)
class Sentry:
    """The guards of one run.

    Parameters
    ----------
    root, plan, settings, env
        What is watched.
    recorder
        Hears of every look.
    clock
        Its two clocks must stay in step.
    lock_fd
        The descriptor that holds the machine lock; ``None`` without one.

    Attributes
    ----------
    hashes
        SHA-256 of files that were looked at and did not change since.
    excused
        Limits that are not held, because somebody signed for the same check of preflight.
    """

    root: Path
    plan: Plan
    settings: Settings
    env: Mapping[str, str]
    recorder: Recorder
    clock: Clock
    lock_fd: int | None
    hashes: Hashes = field(default_factory=Hashes)
    excused: set[str] = field(default_factory=set)
    _baseline: Watch = field(default_factory=lambda: Watch({}))
    _clock_offset_s: float = 0.0

    def begin(self) -> None:
        """Remember how everything is when the run starts."""
        self._clock_offset_s = clock_offset_s(self.clock)
        self._baseline = watch(self.root, self.plan, self.env, self.hashes)

    def check(self, when: str, *, another: bool) -> None:
        """Look at everything; ``another`` says that a stage follows and needs room.

        Raises
        ------
        Halt
            Something does not hold; every guard is recorded first.
        """
        seen = watch(self.root, self.plan, self.env, self.hashes).against(self._baseline, when)
        broken: list[GuardChecked] = []
        for guard in (*seen, *self._limits().check(when, another=another)):
            signed = not guard.ok and guard.guard in self.excused
            if signed:
                found = f"{guard.found}; goes on by sign-off"
                guard = replace(guard, ok=True, found=found)  # noqa: PLW2901
            self.recorder.emit(guard)
            if not guard.ok:
                broken.append(guard)
        if broken:
            raise broken_guard(broken, when)

    def no_links(self, step_id: str) -> None:
        """Stop before anything is written where a stage may have put a link elsewhere.

        Raises
        ------
        Halt
            There is a link, a pipe or a device in the bundle.
        """
        found = links(self.recorder.bundle)
        if not found:
            return
        seen = GuardChecked(
            guard="bundle-links", ok=False, found="; ".join(found), expected="files and folders",
            when=f"after {step_id}",
        )  # fmt: skip
        self.recorder.emit(seen)
        raise broken_guard([seen], seen.when)

    def _limits(self) -> Limits:
        return Limits(
            plan=self.plan,
            settings=self.settings,
            bundle=self.recorder.bundle,
            clock=self.clock,
            began=self._clock_offset_s,
            env=self.env,
            lock_fd=self.lock_fd,
        )
