"""The keys of a mode, from the registry."""

from textual.content import Content

from nbtui.tui.actions import APP, actions_for, key_name, place_label
from nbtui.tui.document import Block, Gap, Heading, Pair


def key_blocks(here: str) -> list[Block]:
    """Return the keys of a place and those that work everywhere."""
    blocks: list[Block] = []
    for place, title in ((here, f"Keys in {place_label(here)}"), (APP, "Keys everywhere")):
        if blocks:
            blocks.append(Gap())
        blocks.append(Heading(title))
        for action in actions_for(place):
            keys = " ".join(key_name(k) for k in action.keys)
            words = Content.assemble((action.title, "bold"), f": {action.says}")
            blocks.append(Pair(keys, words))
    return blocks
