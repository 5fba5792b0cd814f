"""AT-PARALLEL-028: throughput, measured and recorded; only the images are judged.

A time says more about the machine and its other users than about a change: `nb-benchmark`
measures speed, in interleaved rounds and with an interval.
"""

import time
from collections.abc import Callable

from engine.simulator import simulate
from tests.acceptance import Judge, Sides

LINE = (
    "-cell 70 80 90 85 95 100 -misset 10 20 30 -N 5 -default_F 100 -lambda 1 -distance 100 "
    "-pixel 0.1 -detpixels 512 -oversample 1"
)


def test_throughput(
    sides: Sides, hold: Judge, record_property: Callable[[str, object], None]
) -> None:
    """Both programs make the same image while the clock runs."""
    pair = sides(LINE)
    assert pair.port.size == pair.c.size == 512**2
    begin = time.perf_counter()
    simulate(pair.experiment)
    seconds = time.perf_counter() - begin
    record_property("c_process_s", pair.c_seconds)
    record_property("port_warm_s", seconds)
    record_property("c_process_pixels_per_s", pair.c.size / pair.c_seconds)
    record_property("port_warm_pixels_per_s", pair.c.size / seconds)
    hold(pair)
