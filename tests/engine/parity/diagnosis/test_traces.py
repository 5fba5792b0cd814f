"""Two traces are held against each other quantity by quantity, with units."""

import pytest

from engine.parity.diagnosis.traces import first_divergence, parse, value_of

JSON = """\
crystal is 0.0006 x 0.0007 microns
{"name": "setup.lambda0_m", "value": 1.2e-10, "unit": "m"}
{"name": "hkl0", "value": [0, -2, 3], "unit": "1"}
{"name": "F_latt", "value": -58.9, "unit": "1"}
{"name": "F_cell", "value": 100, "unit": "e"}
{"name": "pixel_float", "value": 514.4, "unit": "photons"}
"""


def changed(old: str, new: str) -> str:
    assert old in JSON
    return JSON.replace(old, new)


def test_both_forms_are_read_and_say_the_same() -> None:
    text = (
        "TRACE setup.lambda0_m = 1.2e-10\nTRACE hkl0 = 0 -2 3\nTRACE F_latt = -58.9\n"
        "TRACE_C: F_cell 100\nTRACE_C: pixel_float = 514.4\nTRACE broken = x\n"
    )
    a, b = parse(JSON), parse(text)
    assert [(q.name, q.values, q.unit) for q in a] == [(q.name, q.values, q.unit) for q in b]
    assert [q.line for q in a] == [2, 3, 4, 5, 6]
    assert first_divergence(a, b) is None
    assert value_of(a, "F_cell") == 100.0
    assert value_of(a, "hkl0") is None


def test_the_first_difference_counts_and_knows_its_reflection() -> None:
    other = parse(changed("100", "342.12").replace("514.4", "9"))
    found = first_divergence(parse(JSON), other)
    assert found is not None
    assert (found.name, found.equal, found.hkl) == ("F_cell", 3, (0, -2, 3))
    assert found.second is not None
    assert (found.second.values, found.second.unit) == ((342.12,), "e")


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("-58.9", "58.9", True),
        ("-58.9", "-58.90000000001", True),
        ("1.2e-10", "1.2000000000000002e-10", True),
        ("1.2e-10", "1.200001e-10", False),
        ("514.4", "514.40001", True),
        ("[0, -2, 3]", "[0, -2, 4]", False),
        ("[0, -2, 3]", "[0, -2]", False),
        ('"value": 100', '"value": NaN', False),
        ('"value": 100', '"value": null', True),
    ],
)
def test_rounding_is_no_difference(old: str, new: str, same: bool) -> None:
    assert (first_divergence(parse(JSON), parse(changed(old, new))) is None) is same


def test_one_more_step_on_a_side_is_a_difference_and_one_more_name_is_none() -> None:
    more = JSON + '{"name": "F_cell", "value": 7, "unit": "e"}\n'
    found = first_divergence(parse(JSON), parse(more))
    assert found is not None
    assert found.first is None
    back = first_divergence(parse(more), parse(JSON))
    assert back is not None
    assert back.second is None
    named = JSON + '{"name": "extra", "value": 7, "unit": "e"}\n'
    assert first_divergence(parse(JSON), parse(named)) is None
    assert first_divergence(parse(named), parse(JSON)) is None
