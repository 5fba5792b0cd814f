"""A measurement as it stands in result files: figures by family, each with its formula."""

from engine.parity.metrics.measure import Measurement
from engine.parity.metrics.registry import FAMILIES


def describe(found: Measurement) -> dict[str, object]:
    """Return per family its formula, what it is blind to, and what has a structure.

    The figures themselves stand flat under ``metrics``, where gates look for them; here are
    their names.
    """
    return {
        family.key: {
            "figures": list(family.names),
            "formula": family.about.formula,
            "sees": family.about.sees,
            "blind_to": family.about.blind_to,
            **found.details.get(family.key, {}),
        }
        for family in FAMILIES
    }


def explain(found: Measurement) -> list[str]:
    """Return why figures have no value, one sentence for each reason."""
    reasons: dict[str, list[str]] = {}
    for name, why in found.undefined.items():
        reasons.setdefault(why, []).append(name)
    return [
        f"{', '.join(names)} {'are' if len(names) > 1 else 'is'} undefined: {why}"
        for why, names in reasons.items()
    ]
