"""Where on the image do the sides differ? Sixteen by sixteen tiles, and the worst pixels."""

import numpy as np

from engine.parity.diagnosis.survey import survey
from engine.parity.diagnosis.tiles import tile_map
from nbtui.diagnose.lab import Lab
from nbtui.diagnose.model import Line, Outcome, Side

_SHADES = " .:-=+*#%@"


def look(lab: Lab) -> Outcome:
    """Return the map of relative differences, its extremes, and the worst pixels."""
    both = lab.images()
    if both is None:
        return Outcome(skipped=_why_not(lab))
    signature = lab.signature()
    seen = signature.survey if signature else survey(*both)
    tiles = tile_map(*both)
    slow, fast = tiles.worst()
    low, high = tiles.spread()
    worst = tiles.relative_l2[slow, fast]
    lines = [
        Line(f"relative L2 {seen.relative_l2:.4g}, sum ratio {seen.sum_ratio:.8g} (port / C)"),
        Line(
            f"worst tile slow {tiles.slow_edges[slow]}..{tiles.slow_edges[slow + 1] - 1}, fast "
            f"{tiles.fast_edges[fast]}..{tiles.fast_edges[fast + 1] - 1}: relative L2 {worst:.4g}"
        ),
        Line(f"sum ratio of a tile: {low:.6g} to {high:.6g}"),
    ]
    lines += [Line(f"|{row}|") for row in _picture(tiles.relative_l2)]
    lines.append(Line(f"each cell a tile, slow downwards; '{_SHADES}' is 1e-9 to 1 and more"))
    lines += [
        Line(f"pixel slow {s}, fast {f}: C {x:.9g}, port {y:.9g}" + _ratio(x, y))
        for s, f, x, y in seen.worst
    ]
    return Outcome(tuple(lines))


def _picture(relative: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> list[str]:
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.nan_to_num((np.log10(relative) + 9.0) / 9.0, nan=0.0, neginf=0.0, posinf=1.0)
    shade = np.clip(level * (len(_SHADES) - 1), 0, len(_SHADES) - 1).round().astype(int)
    return ["".join(_SHADES[i] for i in row) for row in shade]


def _ratio(x: float, y: float) -> str:
    return f", ratio {y / x:.6g}" if x else ""


def _why_not(lab: Lab) -> str:
    shape = lab.shape()
    for side in Side:
        path = lab.image_file(side)
        if path is None or not path.is_file():
            return f"there is no image of {side.word}"
        if shape is None:
            return "nobody says how many pixels the images have"
        size, wanted = path.stat().st_size, 4 * shape[0] * shape[1]
        if size != wanted:
            return (
                f"{lab.named(path)} has {size} bytes, {shape[0]} x {shape[1]} pixels are {wanted}"
            )
    return "there are no two images"
