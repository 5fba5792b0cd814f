"""What the immutable parts of an experiment have in common: changed copies, finite numbers."""

import dataclasses
import math
from typing import Any, Self, cast

from engine.errors import PhysicsError


class Replaceable:
    """Base of the parts of an experiment."""

    __slots__ = ()

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, validated like a new one.

        Raises
        ------
        PhysicsError
            When the result has no meaning.
        """
        return cast("Self", dataclasses.replace(cast("Any", self), **changes))

    def demand_finite(self) -> None:
        """Check that every number among the fields is finite; called when a part is made.

        Raises
        ------
        PhysicsError
            When one is not: every pixel would be NaN.
        """
        for field in dataclasses.fields(cast("Any", self)):
            if not _is_finite(getattr(self, field.name)):
                raise PhysicsError("is not finite", where=f"{type(self).__name__}.{field.name}")


def _is_finite(value: object) -> bool:
    if isinstance(value, tuple):
        return all(_is_finite(part) for part in value)
    return not isinstance(value, float) or math.isfinite(value)
