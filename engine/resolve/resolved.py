"""What every part's resolution returns."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Resolved(Generic[Part]):
    """A part of the experiment, and one warning line for each peculiarity met."""

    part: Part
    warnings: tuple[str, ...] = ()
