"""Golden trace G1 (13.3): detector and crystal of a tilted, triclinic, misset case, to the bit."""

from collections.abc import Callable

import pytest

WORDS = (
    "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 5 -default_F 100 -distance 100 -detpixels 64 "
    "-pixel 0.4 -lambda 1.5 -polar 0.9 -phi 5 -detector_rotx 5 -detector_roty 3 -detector_rotz 2 "
    "-twotheta 15 -oversample 1"
)
TRACE = {
    "ratio": "0.99802119662406841",
    "fdet": "0.031194763044708168 -0.096650175316428014 0.99482944788033301",
    "sdet": "-0.22853951895445268 -0.96963620547183527 -0.087036298831283193",
    "odet": "0.97303472447526351 -0.22464276674196476 -0.052335956242943828",
    "pix0": "0.10260495077800863 0.014074980226405076 -0.011982869567447459",
    "close": "0.010080523695529184 0.036053951895445274 0.097303472447526351",
    "beam": "0.013121900749138221 0.013772171848110328 0.097496398650316771",
    "volume": "481811.45573169854",
    "a_star": "0.011748835472331418 0.0067831933226151679 -0.0049377609254103658",
    "b_star": "-0.0044980240213540953 0.012119276909427917 0.0016037235178521336",
    "c_star": "0.0044445734469881976 -0.0030393016403283753 0.010250293174454257",
    "a": "6.2189391538666779e-09 2.5643509615902128e-09 -1.9362076196253745e-09",
    "b": "-2.6264170362871665e-09 6.8584095539101431e-09 3.1724047570155076e-09",
    "c": "3.4067007573281333e-09 1.6225480112667538e-10 8.3287492055849109e-09",
    "a_phi": "5.9717763001140842e-09 3.0966090930403826e-09 -1.9362076196253745e-09",
    "b_phi": "-3.2141725052657845e-09 6.6034039073843474e-09 3.1724047570155076e-09",
    "c_phi": "3.3795957947288516e-09 4.5855090744626758e-10 8.3287492055849109e-09",
}

SOURCE = r"""
#include <stdio.h>
#include "args.h"
#include "crystal.h"
#include "detector.h"
static void show(const char *name, Vec3 v) {
  printf("%s %.17g %.17g %.17g\n", name, v.x, v.y, v.z);
}
static void show_axes(const char *suffix, const Axes *axes) {
  char name[16];
  snprintf(name, sizeof name, "a%s", suffix), show(name, axes->a);
  snprintf(name, sizeof name, "b%s", suffix), show(name, axes->b);
  snprintf(name, sizeof name, "c%s", suffix), show(name, axes->c);
}
int main(void) {
  char *argv[] = {"nanoBragg", WORDS};
  Options o;
  Generator g;
  Detector d;
  Crystal c;
  options_default(&o);
  generator_init(&g);
  read_command_line(&o, (int)(sizeof argv / sizeof argv[0]), argv);
  d = detector_from(&o);
  c = crystal_from(&o, &g, d.spindle);
  printf("ratio %.17g\nvolume %.17g\n", d.ratio, c.cell.volume);
  show("fdet", d.fast);
  show("sdet", d.slow);
  show("odet", d.normal);
  show("pix0", d.pix0);
  show("close", vec(d.Fclose, d.Sclose, d.close_distance));
  show("beam", vec(d.Fbeam, d.Sbeam, d.distance));
  show_axes("_star", &c.reciprocal);
  show_axes("", &c.real);
  show_axes("_phi", &c.at_phi[0]);
  return 0;
}
"""


@pytest.fixture(scope="module")
def trace(probe: Callable[[str], str]) -> dict[str, str]:
    words = ", ".join(f'"{word}"' for word in WORDS.split())
    lines = probe(SOURCE.replace("WORDS", words)).splitlines()
    return {name: values for name, _, values in (line.partition(" ") for line in lines)}


@pytest.mark.parametrize("name", TRACE)
def test_quantity_of_the_golden_trace(trace: dict[str, str], name: str) -> None:
    assert trace[name] == TRACE[name]
