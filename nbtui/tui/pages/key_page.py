"""The keys of a mode, from the registry."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from textual.content import Content

from nbtui.tui.actions import APP, actions_for, key_names, place_label
from nbtui.tui.document import Block, Gap, Heading, Pair
from nbtui.tui.key_names import key_name

NO_CHANGES: Mapping[str, tuple[str, ...]] = MappingProxyType({})
"""The keys of the registry itself."""


def key_blocks(here: str, keymap: Mapping[str, tuple[str, ...]] = NO_CHANGES) -> list[Block]:
    """Return the keys of a place and those that work everywhere, as they are in force."""
    blocks: list[Block] = []
    for place, title in ((here, f"Keys in {place_label(here)}"), (APP, "Keys everywhere")):
        if blocks:
            blocks.append(Gap())
        blocks.append(Heading(title))
        for action in actions_for(place):
            keys = " ".join(key_names(action, keymap))
            words = Content.assemble((action.title, "bold"), f": {action.says}")
            blocks.append(Pair(keys, words))
    return blocks


def key_table(places: Iterable[str]) -> str:
    """Return the keys of some places as a Markdown table.

    Parameters
    ----------
    places
        ``app`` and names of modes; an action of several places is listed once for each.
    """
    rows = ["| key | where | what it does |", "|---|---|---|"]
    for place in places:
        where = place_label(place)
        for action in actions_for(place):
            keys = ", ".join(f"`{key_name(k)}`" for k in action.keys)
            rows.append(f"| {keys} | {where} | **{action.title}**: {action.says} |")
    return "\n".join(rows) + "\n"
