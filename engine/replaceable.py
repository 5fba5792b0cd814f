"""Making a changed copy of an immutable part."""

import dataclasses
from typing import Any, Self, cast


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
