"""Images: C and port of a run, side by side in time, with all that is known of a pixel."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import ScreenResume
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from engine.parity.errors import ParityError
from engine.parity.sighting import Sight, Sighting
from nbtui.errors import NbtuiError
from nbtui.images import export, profiles
from nbtui.images.pairs import Pair, find_pairs
from nbtui.images.peaks import Spot, spots
from nbtui.images.profiles import Curves
from nbtui.images.scale import Scaling, table
from nbtui.images.views import Pictures, View
from nbtui.tui.actions import IMAGES, bindings_for
from nbtui.tui.document import Block, Gap, Para
from nbtui.tui.graphics.choice import Graphics
from nbtui.tui.guide import Go, Mode, Next
from nbtui.tui.model import Model
from nbtui.tui.pages import image_pages
from nbtui.tui.screens import dialogs
from nbtui.tui.screens.base import ModeScreen
from nbtui.tui.widgets.image_view import ImageView
from nbtui.tui.widgets.page import Page

if TYPE_CHECKING:
    from textual.timer import Timer

BLINK_S = 0.6


class Opened(Message):
    """A pair is open, and its first view is ready."""

    def __init__(self, pictures: Pictures, sighting: Sighting | None) -> None:
        super().__init__()
        self.pictures = pictures
        self.sighting = sighting


class Ready(Message):
    """A view, the spots or the curves of a pair are ready."""

    def __init__(
        self,
        pair: Pair,
        *,
        view: View | None = None,
        spots: tuple[Spot, ...] | None = None,
        curves: tuple[Curves, Curves] | None = None,
    ) -> None:
        super().__init__()
        self.pair = pair
        self.view = view
        self.spots = spots
        self.curves = curves


class ImagesScreen(ModeScreen):
    """The picture left, what is known of it right; below it on a narrow screen."""

    MODE = Mode.RESULTS
    PLACE = IMAGES
    CSS_PATH = "images.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(IMAGES)]
    AUTO_FOCUS = "#image"

    def __init__(self, bundle: Path, exports: Path, graphics: Graphics) -> None:
        super().__init__()
        self._graphics = graphics
        self._bundle = bundle
        self._exports = exports
        self._pairs: tuple[Pair, ...] = ()
        self._at = 0
        self._sighting: Sighting | None = None
        self._spots: tuple[Spot, ...] | None = None
        self._searching = False
        self._curves: tuple[Curves, Curves] | None = None
        self._charts: Sequence[Block] = image_pages.charts(None, None)
        self._blinking: Timer | None = None

    def body(self) -> Iterable[Widget]:
        """Return picture, readout and the page beside it."""
        beside = Vertical(Page("Pixel", id="facts"), Page("Curves", id="curves"), id="beside")
        yield Horizontal(ImageView(graphics=self._graphics, id="image"), beside, id="pictures")
        yield Static("", id="readout", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out the frame, then open the first pair."""
        yield from super().compose()
        self.call_after_refresh(self._find)

    @property
    def image(self) -> ImageView:
        """The picture."""
        return self.query_one(ImageView)

    def announce(self, model: Model) -> Next:  # noqa: ARG002 - the base's signature
        """Return what ``enter`` does here."""
        return Next(Go.HERE, "back to the verdict (esc)")

    def do_next(self) -> None:
        """Go back to the verdict."""
        self.dismiss()

    def _find(self) -> None:
        pairs = find_pairs(self._bundle)
        # The largest image is the evidence; the others are its company.
        self._pairs = tuple(sorted(pairs, key=lambda p: -p.shape[0] * p.shape[1]))
        self._open(0)

    def _open(self, index: int) -> None:
        self._at = index
        self._spots, self._curves, self._sighting = None, None, None
        self._charts = image_pages.charts(None, None)
        if not self._pairs:
            self.image.open("", None, "This bundle holds no pair of images.")
            self.show_again()
            return
        pair = self._pairs[index]
        if pair.trouble:
            self.image.open(pair.name, None, pair.trouble)
        else:
            self.image.open(pair.name, None, "reading the images…")
            self._read(pair)
        self.show_again()

    @work(thread=True, exclusive=True, group="images", exit_on_error=False)
    def _read(self, pair: Pair) -> None:
        pictures = Pictures(pair)
        pictures.prepare(View.C)
        self.post_message(Opened(pictures, _sighting(pair.console)))

    @work(thread=True, exclusive=True, group="views", exit_on_error=False)
    def _read_on(self, pictures: Pictures) -> None:
        for view in View:
            if pictures.ready(view) is None:
                pictures.prepare(view)
                self.post_message(Ready(pictures.pair, view=view))

    @work(thread=True, exclusive=True, group="curves", exit_on_error=False)
    def _draw_curves(self, pictures: Pictures, sighting: Sighting | None) -> None:
        curves = (profiles.radial(pictures, sighting), profiles.histogram(pictures))
        self.post_message(Ready(pictures.pair, curves=curves))

    @work(thread=True, exclusive=True, group="spots", exit_on_error=False)
    def _find_spots(self, pictures: Pictures) -> None:
        self.post_message(Ready(pictures.pair, spots=spots(pictures)))

    def on_opened(self, event: Opened) -> None:
        """Show a pair."""
        if event.pictures.pair is self._pairs[self._at]:
            self._sighting = event.sighting
            self.image.open(
                event.pictures.pair.name, event.pictures, "this view is being computed…"
            )
            # What is looked at later must not take time from the first picture.
            self.call_after_refresh(self._read_on, event.pictures)
            self.call_after_refresh(self._draw_curves, event.pictures, event.sighting)

    def on_ready(self, event: Ready) -> None:
        """Show what has become ready."""
        if not self._pairs or event.pair is not self._pairs[self._at]:
            return
        if event.spots is not None:
            self._spots, self._searching = event.spots, False
            self.image.overlay(event.spots)
        if event.curves is not None:
            self._curves, self._charts = event.curves, image_pages.charts(*event.curves)
            self.show_again()
        if event.view is self.image.view:
            self.image.changed()

    def on_screen_suspend(self) -> None:
        """Leave characters behind: what comes on top of a picture could not cover it."""
        self.image.refresh()

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Draw the picture again."""
        super().on_screen_resume(event)
        if self.is_mounted:
            self.image.changed()

    def on_image_view_moved(self) -> None:
        """Tell the pixel under the cursor."""
        self.show_again()

    def show_body(self, model: Model) -> None:  # noqa: ARG002 - a bundle's images do not change
        """Show readout and facts."""
        image = self.image
        pixel, pictures, scale = image.pixel, image.pictures, image.scale
        page, line = self.query_one("#facts", Page), self.query_one("#readout", Static)
        if pixel is None or pictures is None or scale is None:
            page.show([Para(image.hint, "$muted")])
            line.update("")
            return
        values = pictures.values(*pixel)
        sight = self._sight(pixel)
        colours = table(image.view, grey=image.grey)
        blocks: list[Block] = [
            *image_pages.readout(pixel, values, sight, image.zoom.block),
            Gap(),
            *image_pages.legend(image.view, scale, colours, page.text_width),
        ]
        found = image_pages.tally(image.spots, searching=self._searching)
        blocks += [Gap(), *found] if found else []
        page.show(blocks)
        self.query_one("#curves", Page).show(self._charts)
        first, second = image_pages.one_line(pixel, values, sight)
        line.update(first.append("\n").append(second), layout=False)

    def _sight(self, pixel: tuple[int, int]) -> Sight | None:
        return self._sighting.at(pixel[0] + 0.5, pixel[1] + 0.5) if self._sighting else None

    def action_back(self) -> None:
        """Go back to the verdict."""
        self.dismiss()

    def action_next_view(self) -> None:
        """Show the next view."""
        self._step_view(1)

    def action_previous_view(self) -> None:
        """Show the view before."""
        self._step_view(-1)

    def _step_view(self, step: int) -> None:
        views = list(View)
        self.image.show(views[(views.index(self.image.view) + step) % len(views)])

    def action_flip(self) -> None:
        """Show the other image at the same place."""
        self.image.show(View.PORT if self.image.view is View.C else View.C)

    def action_blink(self) -> None:
        """Flip by itself, or stop."""
        if self._blinking is None:
            self._blinking = self.set_interval(BLINK_S, self.action_flip)
        else:
            self._blinking.stop()
            self._blinking = None

    def action_rescale(self) -> None:
        """Take the next scaling."""
        kinds = list(Scaling)
        self.image.rescale(kinds[(kinds.index(self.image.scaling) + 1) % len(kinds)])

    def action_zoom_in(self) -> None:
        """Zoom in around the cursor."""
        self.image.zoom_by(-1)

    def action_zoom_out(self) -> None:
        """Zoom out around the cursor."""
        self.image.zoom_by(1)

    def action_fit(self) -> None:
        """Show the whole image."""
        self.image.fit()

    def action_worst(self) -> None:
        """Go to the pixel of the largest difference."""
        worst = self._pairs[self._at].worst
        if worst:
            self.image.go_to(*worst)

    def action_spots(self) -> None:
        """Show or hide the strongest spots; the first time they must be found."""
        pictures = self.image.pictures
        if pictures is None or self._searching:
            return
        if self._spots is None:
            self._searching = True
            self._find_spots(pictures)
        else:
            self.image.overlay(() if self.image.spots else self._spots)
        self.show_again()

    def action_curves(self) -> None:
        """On a narrow screen: picture or facts and curves."""
        self.toggle_class("-facts")
        self.call_after_refresh(self.show_again)  # only now is it known how wide the page is

    def action_next_pair(self) -> None:
        """Show the next pair of images."""
        self._open((self._at + 1) % len(self._pairs))

    def action_export(self) -> None:
        """Ask which form, then write what is shown."""

        def answer(value: str | None) -> None:
            if value:
                self._export(value)

        self.app.push_screen(dialogs.choose_export(str(self._exports)), answer)

    def _export(self, form: str) -> None:
        image = self.image
        pyramid, scale = image.pyramid, image.scale
        if pyramid is None or scale is None:
            return
        stem = f"{self._bundle.name}-{self._pairs[self._at].name.replace('/', '-')}-{image.view}"
        try:
            path = export.free_path(self._exports, stem, f".{form}")
            if form == "png":
                colours = table(image.view, grey=image.grey)
                path.write_bytes(export.image_png(pyramid, image.area, scale, colours))
            elif form == "svg":
                with image.in_half_blocks():
                    path.write_text(self.app.export_screenshot(title=stem), encoding="utf-8")
            else:
                export.write_values(
                    path, pyramid, image.zoom.block, image.first_cell, image.cells_shown
                )
                if self._curves:
                    for name, curves in zip(("radial", "histogram"), self._curves, strict=True):
                        export.write_curves(path.with_name(f"{path.stem}-{name}.csv"), curves)
        except (OSError, NbtuiError) as error:
            self.notify(str(error), title="Not exported", severity="error", markup=False)
            return
        self.guide_app.copy(str(path), "the path of the export")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the bundle has."""
        match action:
            case "next_pair":
                return len(self._pairs) > 1
            case "worst":
                return bool(self._pairs) and self._pairs[self._at].worst is not None
            case "curves":
                return self.narrow
            case "spots" | "export" | "flip" | "blink" | "rescale" | "next_view":
                return self.is_mounted and self.image.pictures is not None
            case _:
                return super().check_action(action, parameters)


def _sighting(console: Path | None) -> Sighting | None:
    """Return where pixels look, if the C program's report was kept and tells it."""
    if console is None:
        return None
    try:
        return Sighting.from_console(console.read_text(encoding="utf-8", errors="replace"))
    except (OSError, ParityError, LookupError, ValueError):
        return None
