"""The command palette's entries: every action that is possible where one is."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from nbtui.tui.actions import APP, Action, actions_for, key_names
from nbtui.tui.screens.base import ModeScreen
from nbtui.tui.themes import THEMES

if TYPE_CHECKING:
    from nbtui.tui.guiding import Guiding


class ActionProvider(Provider):
    """Offers the registry's actions and the themes."""

    def _entries(self) -> list[tuple[str, str, Callable[[], object]]]:
        app = cast("Guiding", self.app)
        entries: list[tuple[str, str, Callable[[], object]]] = []
        place_here = self.screen.place if isinstance(self.screen, ModeScreen) else app.mode.value
        for place in (place_here, APP):
            for action in actions_for(place):
                if action.id == "command_palette" or not self._possible(action, place):
                    continue
                keys = ", ".join(key_names(action, app.keymap))
                run = partial(self._run, action, place)
                entries.append((f"{action.title} · {keys}", action.says, run))
        for theme in THEMES:
            name = theme.name
            entries.append((f"Theme {name}", "Change the colours.", partial(app.use_theme, name)))
        return entries

    def _possible(self, action: Action, place: str) -> bool:
        namespace = self.app if place == APP else self.screen
        return bool(namespace.check_action(action.action.split("(", 1)[0], ()))

    async def _run(self, action: Action, place: str) -> None:
        namespace = self.app if place == APP else self.screen
        await self.app.run_action(action.action, namespace)

    async def discover(self) -> Hits:
        """Yield every entry, before anything is typed."""
        for title, says, run in self._entries():
            yield DiscoveryHit(title, run, help=says)

    async def search(self, query: str) -> Hits:
        """Yield the entries that match what was typed."""
        matcher = self.matcher(query)
        for title, says, run in self._entries():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), run, help=says)
