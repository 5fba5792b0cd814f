"""What an action is, and where it may belong."""

from dataclasses import dataclass

APP = "app"
IMAGES = "images"
DIAGNOSIS = "diagnosis"
VERIFICATION = "verification"
"""Screens on top of a mode."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something the operator can do.

    ``keys`` are Textual key names, the first is shown; ``label`` stands in the footer (an
    empty one keeps the action out of it); ``says`` explains it in help, palette and docs.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    says: str
    where: tuple[str, ...]
    label: str = ""
    call: str = ""

    @property
    def action(self) -> str:
        """What Textual calls."""
        return self.call or self.id

    @property
    def method(self) -> str:
        """The name of the method that does it."""
        return "action_" + self.action.split("(", 1)[0]
