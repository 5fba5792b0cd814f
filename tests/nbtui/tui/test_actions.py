"""One registry of actions; everything that names a key agrees with it."""

from collections import Counter
from pathlib import Path

import pytest

from nbtui.tui.actions import (
    ACTIONS,
    APP,
    DIAGNOSIS,
    IMAGES,
    PLACES,
    VERIFICATION,
    actions_for,
    bindings_for,
    place_label,
)
from nbtui.tui.afterwards import class_of
from nbtui.tui.app import NbtuiApp
from nbtui.tui.guide import Mode
from nbtui.tui.key_names import key_name
from nbtui.tui.pages.key_page import key_blocks, key_table
from nbtui.tui.screens.base import help_text
from nbtui.tui.screens.diagnosis import DiagnosisScreen
from nbtui.tui.screens.images import ImagesScreen
from nbtui.tui.screens.verification import VerificationScreen

INSIDE = tuple(place for place in PLACES if place != APP)
DOCS = Path(__file__).parents[3] / "docs" / "app.md"


def _owner(place: str) -> type[object]:
    if place == APP:
        return NbtuiApp
    inside: dict[str, type[object]] = {
        IMAGES: ImagesScreen,
        DIAGNOSIS: DiagnosisScreen,
        VERIFICATION: VerificationScreen,
    }
    return inside.get(place) or class_of(Mode(place))


@pytest.mark.parametrize("place", PLACES)
def test_every_action_has_its_method(place: str) -> None:
    for action in actions_for(place):
        assert callable(getattr(_owner(place), action.method, None)), action.id


@pytest.mark.parametrize("place", PLACES)
def test_no_key_means_two_things_in_one_place(place: str) -> None:
    own = [key for action in actions_for(place) for key in action.keys]
    assert [key for key, count in Counter(own).items() if count > 1] == []


def test_no_mode_hides_a_key_that_works_everywhere() -> None:
    everywhere = {key for action in actions_for(APP) for key in action.keys}
    for place in INSIDE:
        own = {key for action in actions_for(place) for key in action.keys}
        assert not own & everywhere


def test_ids_are_unique_and_keymaps_can_use_them() -> None:
    ids = [action.id for action in ACTIONS]
    assert len(set(ids)) == len(ids)
    bound = {b.id for place in PLACES for b in bindings_for(place)}
    assert bound == set(ids)


@pytest.mark.parametrize("place", INSIDE)
def test_the_footer_fits_eighty_columns(place: str) -> None:
    labels = [
        f"{key_name(a.keys[0])} {a.label} "
        for where in (place, APP)
        for a in actions_for(where)
        if a.label
    ]
    assert len("".join(labels)) <= 80


@pytest.mark.parametrize("place", INSIDE)
def test_help_explains_the_place_and_lists_its_keys(place: str) -> None:
    assert help_text(place).startswith(f"# {place_label(place)}\n")
    listed = "\n".join(str(block) for block in key_blocks(place))
    for action in (*actions_for(place), *actions_for(APP)):
        assert action.title in listed


def test_the_documented_keys_are_the_registered_ones() -> None:
    assert key_table(PLACES) in DOCS.read_text(encoding="utf-8"), (
        "docs/app.md is out of date: paste what nbtui.tui.pages.key_page.key_table gives"
    )
