"""Naming the numbers of an experiment: what a refinement changes."""

import dataclasses
import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.experiment import Experiment

Part = TypeVar("Part")


def substitute(experiment: "Experiment", values: Mapping[str, Any]) -> "Experiment":
    """Return the experiment with other numbers, which may be tensors that require gradients.

    Parameters
    ----------
    experiment
        What to change; everything else stays, the number of sub-pixels included.
    values
        New values by name: the fields' names, joined by dots, as in ``"crystal.cell.a_A"``,
        ``"crystal.misset_rad"`` (three numbers, or a tensor of three), ``"phi.start_rad"``,
        ``"detector.distance_m"`` or ``"beam.wavelength_m"``. Units are those of the names.

    Raises
    ------
    UsageError
        For a name that is no number of the experiment, or a tensor of another shape.
    PhysicsError
        When the result has no meaning.
    """
    return _substituted(experiment, values, "")


def _substituted(part: Part, values: Mapping[str, Any], prefix: str) -> Part:
    fields = {field.name for field in dataclasses.fields(part)}  # type: ignore[arg-type]
    changes: dict[str, Any] = {}
    nested: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        field, _, rest = name.partition(".")
        inner = getattr(part, field, None) if field in fields else None
        if field not in fields or dataclasses.is_dataclass(inner) != bool(rest):
            near = difflib.get_close_matches(field, fields, n=1, cutoff=0.4)
            raise UsageError(
                "is no number of an experiment", where=prefix + name,
                fix=f"did you mean {prefix}{near[0]}?" if near and near[0] != field else None,
            )  # fmt: skip
        if rest:
            nested.setdefault(field, {})[rest] = value
        else:
            changes[field] = value
    for field, inner_values in nested.items():
        changes[field] = _substituted(getattr(part, field), inner_values, f"{prefix}{field}.")
    return dataclasses.replace(part, **changes)  # type: ignore[type-var]
