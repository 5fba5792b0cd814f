"""The keys at the foot of a screen."""

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer


class KeyBar(Footer):
    """Textual's footer, built anew only when other keys are shown than before.

    Textual removes and mounts every key whenever a screen comes back or the focus moves: two
    thirds of what a change of mode cost, for the same keys.
    """

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._drawn: tuple[object, ...] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the keys."""
        if self._bindings_ready:
            self._drawn = self._keys()
        yield from super().compose()

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Look again at what can be pressed, once what is under way has been drawn."""
        self._bindings_ready = True
        if screen.app.app_focus and self.is_attached and screen is self.screen:
            self.call_after_refresh(self._draw)

    async def _draw(self) -> None:
        if self.is_attached and self._keys() != self._drawn:
            await self.recompose()

    def _keys(self) -> tuple[object, ...]:
        active = self.screen.active_bindings.values()
        return tuple((a.binding, a.enabled, a.tooltip) for a in active if a.binding.show)
