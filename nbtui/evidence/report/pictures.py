"""The images of each comparison: side by side, with a slider, blinking, and as tiles."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.parity.errors import ParityError
from nbtui.durable import StrictJsonError, load_json
from nbtui.evidence.collectors.model import mapping
from nbtui.evidence.facts import RunFacts, StageFacts
from nbtui.evidence.report.markup import paragraph, table, text
from nbtui.evidence.report.tiles import picture, tile_map
from nbtui.evidence.text import figure
from nbtui.memo.plan import Role

_BLOCK = 3 << 18
"""Bytes of a picture encoded at a time: a multiple of three."""
_NAMES = {"c": "C program", "py": "PyTorch port", "diff": "difference, port minus C"}
_MODES = (
    ("side", "Side by side"),
    ("slide", "Slider"),
    ("blink", "Blink"),
    ("diff", "Difference"),
)


def render(facts: RunFacts, bundle: Path) -> Iterator[str]:
    """Yield a part for every comparison that left pictures."""
    for stage in facts.stages:
        if stage.step.role is not Role.COMPARE or stage.collected is None:
            continue
        source = next((m.source for m in stage.collected.metrics), "").partition("#")[0]
        summary = bundle / source
        try:
            claims = mapping(load_json(summary.read_bytes())) if source else {}
        except (OSError, StrictJsonError):
            continue
        yield from _stage(stage, claims, summary.parent)


def _stage(stage: StageFacts, claims: Any, folder: Path) -> Iterator[str]:
    drawn = mapping(claims.get("images"))
    files = {n: folder / str(drawn[n]) for n in _NAMES if isinstance(drawn.get(n), str)}
    home = folder.resolve()
    shown = {n: p for n, p in files.items() if p.is_file() and p.resolve().parent == home}
    yield f"<h3>{text(stage.step.id)}: {text(stage.step.title)}</h3>"
    if len(shown) == len(_NAMES):
        yield from _viewer(stage, shown)
        yield paragraph(f"Scale: {drawn.get('scale', 'not recorded')}.", "caption")
    else:
        yield paragraph("This comparison left no pictures.")
    yield from _tiles(stage, claims, folder)


def _viewer(stage: StageFacts, shown: dict[str, Path]) -> Iterator[str]:
    name = text(f"view-{stage.step.id}")
    yield '<div class="viewer" data-mode="side">'
    yield '<fieldset class="controls" hidden><legend>How to look at them</legend>'
    for mode, word in _MODES:
        checked = " checked" if mode == "side" else ""
        yield f'<label><input type="radio" name="{name}" value="{mode}"{checked}>{word}</label>'
    yield "</fieldset>"
    yield '<label class="split">C program, left, to PyTorch port, right '
    yield '<input type="range" min="0" max="100" value="50"></label>'
    yield '<button type="button" class="blinker" aria-pressed="false">Start blinking</button>'
    yield '<output class="which" aria-live="off"></output>'
    yield '<div class="frames">'
    for kind, path in shown.items():
        spoken = f"{stage.step.id}: {_NAMES[kind]}{_spoken(stage, kind)}"
        yield f'<figure class="{kind}"><img alt="{text(spoken)}" src="data:image/png;base64,'
        yield from _encoded(path)
        yield f'"><figcaption>{text(_NAMES[kind])}</figcaption></figure>'
    yield "</div></div>"


def _spoken(stage: StageFacts, kind: str) -> str:
    if kind != "diff":
        return ""
    return f"; largest difference {figure(stage.value('max_abs_diff'))}"


def _encoded(path: Path) -> Iterator[str]:
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(_BLOCK), b""):
            yield base64.b64encode(block).decode("ascii")


def _tiles(stage: StageFacts, claims: Any, folder: Path) -> Iterator[str]:
    shape = claims.get("shape")
    sides = (mapping(claims.get(side)).get("image") for side in ("c", "py"))
    images = [str(image) for image in sides if isinstance(image, str)]
    if not isinstance(shape, list) or len(images) != 2:
        return
    try:
        tiles = tile_map(folder / images[0], folder / images[1], (int(shape[0]), int(shape[1])))
    except (ParityError, OSError, ValueError, TypeError, IndexError) as error:
        yield paragraph(f"No tile map: {error}")
        return
    data = base64.b64encode(picture(tiles)).decode("ascii")
    rows, columns = tiles.values.shape
    worst = tiles.worst()
    spoken = (
        f"{stage.step.id}: relative difference of {rows} x {columns} tiles; the worst is "
        f"{worst[0][0]:.3g} at {worst[0][1]}"
    )
    yield '<div class="tilemap">'
    yield f'<figure class="tiles"><img alt="{text(spoken)}" src="data:image/png;base64,{data}">'
    yield f"<figcaption>Relative L2 of each tile of {tiles.side} x {tiles.side} pixels; "
    yield "dark 1e-8 or less, light 1 or more, logarithmic. Where the image is weak, rounding "
    yield "alone makes a tile light.</figcaption></figure>"
    yield from table(
        "Worst tiles",
        ("first pixel (slow, fast)", "relative L2"),
        [(f"{slow}, {fast}", f"{value:.3g}") for value, (slow, fast) in worst],
    )
    yield "</div>"
