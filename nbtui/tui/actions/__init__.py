"""The one registry of actions: bindings, footer, help, palette and docs all come from it.

An action belongs to a place: ``app`` (everywhere) or one or more modes. Its method is called
``action_<id>`` on the app or on those modes' screens; a test holds the two together.
"""

from collections.abc import Mapping

from textual.binding import Binding

from nbtui.tui.actions.model import APP, DIAGNOSIS, IMAGES, VERIFICATION, Action
from nbtui.tui.actions.of_modes import EVERYWHERE, IN_CHECKLIST, IN_HISTORY, IN_MODES
from nbtui.tui.actions.of_screens import IN_DIAGNOSIS, IN_IMAGES, IN_VERIFICATION
from nbtui.tui.guide import Mode
from nbtui.tui.key_names import key_name

__all__ = [
    "ACTIONS", "APP", "DIAGNOSIS", "IMAGES", "PLACES", "VERIFICATION", "Action", "actions_for",
    "bindings_for", "key_names", "place_label",
]  # fmt: skip

ACTIONS: tuple[Action, ...] = (
    EVERYWHERE + IN_MODES + IN_HISTORY + IN_CHECKLIST + IN_DIAGNOSIS + IN_VERIFICATION + IN_IMAGES
)
PLACES: tuple[str, ...] = (APP, *(mode.value for mode in Mode), IMAGES, DIAGNOSIS, VERIFICATION)
"""Everything an action may belong to, in the order of the documentation."""


def place_label(place: str) -> str:
    """Return a place's name on screen."""
    return "everywhere" if place == APP else place.capitalize()


def actions_for(place: str) -> tuple[Action, ...]:
    """Return the actions of ``app`` or of a mode, in the order they are shown."""
    return tuple(a for a in ACTIONS if place in a.where)


def bindings_for(place: str) -> list[Binding]:
    """Return the key bindings of a place."""
    return [
        Binding(
            ",".join(a.keys),
            a.action,
            a.label or a.title,
            show=bool(a.label),
            key_display=key_name(a.keys[0]),
            id=a.id,
        )
        for a in actions_for(place)
    ]


def key_names(action: Action, keymap: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return an action's keys as people write them, as they are in force."""
    return tuple(key_name(key) for key in keymap.get(action.id, action.keys))
