"""Keys for moving in lists and logs: the same everywhere, and no actions of a screen."""

from textual.binding import Binding

NAVIGATION: dict[str, tuple[str, ...]] = {
    "nav_down": ("down", "j"),
    "nav_up": ("up", "k"),
    "nav_page_down": ("pagedown",),
    "nav_page_up": ("pageup",),
    "nav_first": ("home",),
    "nav_last": ("end",),
}
"""Moving in lists and logs: ids and keys; every list and the log understand them."""


def navigation(**calls: str) -> list[Binding]:
    """Return bindings of :data:`NAVIGATION` for a widget: id to what it calls."""
    return [
        Binding(",".join(NAVIGATION[name]), call, name, show=False, id=name)
        for name, call in calls.items()
    ]
