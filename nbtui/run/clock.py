"""The clock as an argument: tests replace it, the rest of the code never asks ``time``."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the run needs to know about time."""

    def now(self) -> datetime:
        """Return the wall clock in UTC: names and records."""
        ...

    def mono_ns(self) -> int:
        """Return the monotonic clock in nanoseconds: durations and deadlines."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Return the wall clock in UTC."""
        return datetime.now(UTC)

    def mono_ns(self) -> int:
        """Return the monotonic clock in nanoseconds."""
        return time.monotonic_ns()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


SYSTEM = SystemClock()


def iso_ms(moment: datetime) -> str:
    """Return a moment as ISO 8601 UTC with milliseconds: ``2026-01-31T12:00:00.123Z``."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
    )
