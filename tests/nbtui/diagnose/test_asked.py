"""Which side departs from the arguments is said only where a report repeats them."""

import pytest

from nbtui.diagnose.asked import departing

ARGS = ["-N", "4", "-lambda", "1.2", "-N", "5", "-distance", "60", "-oversample", "2", "-phi"]


@pytest.mark.parametrize(
    ("name", "c", "py", "said"),
    [
        ("lambda_m", "1.2e-10", "1.2012e-10", "asked was -lambda 1.2: the port departs from it"),
        ("lambda_m", "1e-10", "1.2e-10", "asked was -lambda 1.2: the C side departs from it"),
        ("N", "5 5 5", "1 1 1", "asked was -N 5: the port departs from it"),
        ("oversample", "2", None, "asked was -oversample 2: the port departs from it"),
        ("distance_m", "0.054", "0.055", ""),
        ("distance_m", "0.06", "0.06", ""),
        ("phi_from_deg", "0", "1", ""),
        ("fluence", "1", "2", ""),
        ("cell", "1", "2", ""),
    ],
)
def test_the_departing_side(name: str, c: str, py: str | None, said: str) -> None:
    assert departing(ARGS, name, c, py) == said
