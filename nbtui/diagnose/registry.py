"""The steps of a diagnosis, in the order they are taken: the cheapest first."""

from collections.abc import Callable
from dataclasses import dataclass

from nbtui.diagnose.lab import Lab
from nbtui.diagnose.model import Case, Outcome
from nbtui.diagnose.steps import (
    commits,
    consoles,
    folders,
    hidden,
    identity,
    references,
    repeats,
    tiles,
    trace,
)
from nbtui.diagnose.steps import signature as signature_step


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Parameters
    ----------
    id, title
        Its name, and what it asks.
    look
        Looks, and returns what it saw.
    together
        Steps that cost nothing are all taken before any of them ends the search, so that
        the one that says most decides: the lowest number wins.
    """

    id: str
    title: str
    look: Callable[[Lab], Outcome]
    together: int | None = None
    asked: Callable[[Case], bool] | None = None
    """For a step that is only taken when somebody asks for it, and then whatever was found."""


STEPS = (
    Step("identity", "Did both sides simulate the same experiment?", identity.look, 3),
    Step("reports", "What do the two programs say themselves?", consoles.look, 0),
    Step("hidden-inputs", "Did a side read a file that nobody named?", hidden.look, 1),
    Step("references", "Is the reference image the recorded one?", references.look, 2),
    Step("repeats", "Does each program make the same image again?", repeats.look),
    Step("folders", "Does the working folder or the route matter?", folders.look),
    Step("tiles", "Where on the image do they differ?", tiles.look),
    Step("signature", "What kind of difference is it?", signature_step.look),
    Step("trace", "Where do the two calculations part?", trace.look),
    Step("commits", "Since which commit do they differ?", commits.look, asked=commits.is_asked),
)
