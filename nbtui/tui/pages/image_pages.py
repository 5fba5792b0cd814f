"""What the images screen says beside the picture: the pixel, the scale, the spots, the curves."""

from collections import Counter
from collections.abc import Sequence

from textual.content import Content

from engine.parity.sighting import Sight
from nbtui.images.peaks import Found, Spot
from nbtui.images.profiles import Curves
from nbtui.images.scale import HIDDEN, Scale, Table
from nbtui.images.views import MEANING, Values, View
from nbtui.tui.document import Block, Gap, Heading, Pair, Para
from nbtui.tui.pages.chart import Chart
from nbtui.tui.widgets.image_view import GLYPHS
from nbtui.tui.words import figure

_COLUMN = 11


def readout(pixel: tuple[int, int], values: Values, sight: Sight | None, block: int) -> list[Block]:
    """Return what is known of the pixel under the cursor."""
    note = "" if block == 1 else f"of {block} x {block} under the cursor"
    blocks: list[Block] = [
        Heading("Pixel", note),
        Pair("slow, fast", f"{pixel[0]}, {pixel[1]}", column=_COLUMN),
        Pair("C", figure(values.c), "bold", column=_COLUMN),
        Pair("port", figure(values.port), "bold", column=_COLUMN),
        Pair("port − C", signed(values.difference), column=_COLUMN),
        Pair("port / C", "–" if values.ratio is None else figure(values.ratio), column=_COLUMN),
    ]
    if sight:
        blocks += [
            Pair("h k l", _hkl(sight), column=_COLUMN),
            Pair("resolution", f"{sight.resolution_A:.3f} Å", column=_COLUMN),
        ]
    return blocks


def one_line(pixel: tuple[int, int], values: Values, sight: Sight | None) -> list[Content]:
    """Return the same on two lines, for a narrow screen."""
    ratio = "–" if values.ratio is None else figure(values.ratio)
    first = Content.assemble(
        ("slow, fast ", "$muted"), (f"{pixel[0]}, {pixel[1]}", "bold"),
        ("  C ", "$muted"), (f"{values.c:.6g}", "bold"),
        ("  port ", "$muted"), (f"{values.port:.6g}", "bold"),
        ("  port / C ", "$muted"), ratio,
    )  # fmt: skip
    second = Content.assemble(("port − C ", "$muted"), signed(values.difference))
    if sight:
        second += Content.assemble(
            ("  h k l ", "$muted"), _hkl(sight), ("  d ", "$muted"), f"{sight.resolution_A:.3f} Å"
        )
    return [first, second]


def _hkl(sight: Sight) -> str:
    return "  ".join(f"{n:.2f}".replace("-0.00", "0.00").replace("-", "−") for n in sight.hkl)


def signed(value: float) -> str:
    """Return a difference with its sign."""
    return f"{value:+.4g}".replace("-", "−") if value else "0"


def legend(view: View, scale: Scale, table: Table, width: int) -> list[Block]:
    """Return what the colours mean: a bar between the ends of the range."""
    low, high = (
        figure(float(f"{n:.4g}")).replace("-", "−", n < 0) for n in (scale.low, scale.high)
    )
    room = max(width - len(low) - len(high) - 2, 8)
    parts: list[tuple[str, str]] = [(f"{low} ", "$muted")]
    for x in range(room):
        red, green, blue = (int(n) for n in table[x * (HIDDEN - 1) // (room - 1)])
        parts.append((" ", f"on rgb({red},{green},{blue})"))
    bar = Content.assemble(*parts, (f" {high}", "$muted"))
    return [Heading("Scale", scale.words), Para(bar), Para(MEANING[view], "$muted")]


def tally(spots: Sequence[Spot], *, searching: bool) -> list[Block]:
    """Return how the strongest spots of one image are found in the other."""
    if searching:
        return [Heading("Spots"), Para("looking for the strongest…", "$muted")]
    if not spots:
        return []
    counts = Counter(spot.found for spot in spots)
    moved = [s.distance_px for s in spots if s.distance_px is not None]
    words = Content("  ").join(
        Content.assemble(
            (GLYPHS[found], "bold"), f" {counts[found]} ",
            (found.value, "$error" if counts[found] and found is not Found.MATCHED else "$muted"),
        )
        for found in Found
    )  # fmt: skip
    largest = f"largest distance {max(moved):.3g} px" if moved else ""
    return [Heading("Spots", largest), Para(words)]


def charts(radial: Curves | None, histogram: Curves | None) -> list[Block]:
    """Return both curves, or that they are being computed."""
    blocks: list[Block] = []
    for title, curves in (("Radial profile", radial), ("Histogram", histogram)):
        blocks += [Gap()] if blocks else []
        if curves is None:
            blocks += [Heading(title), Para("being computed…", "$muted")]
            continue
        blocks += [
            Chart(
                f"{title}: {curves.y_name}", tuple(curves.c.tolist()), tuple(curves.port.tolist()),
                curves.x_name, (float(curves.x[0]), float(curves.x[-1])),
            ),
        ]  # fmt: skip
    return blocks
