"""The specification's golden traces (13.3 to 13.9): production values, to the bit."""

import json
from collections import defaultdict

import pytest

from tests.engine.reference.runs import Reference

BASE = "-cell 100 100 100 90 90 90 -N 5 -default_F 100 -distance 100 -detpixels 64 -lambda 1 "
WIDE = BASE + "-pixel 0.4 "
TILTED = (
    "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 5 -default_F 100 -distance 100 -detpixels 64 "
    "-pixel 0.4 -lambda 1.5 -polar 0.9 -phi 5 -detector_rotx 5 -detector_roty 3 -detector_rotz 2 "
    "-twotheta 15 -oversample 1"
)
G1 = {
    "setup.ratio": "0.99802119662406841",
    "setup.twotheta_axis": "0 0 -1",
    "setup.spindle": "0 0 1",
    "setup.vertical": "0 -1 0",
    "setup.fdet": "0.031194763044708168 -0.096650175316428014 0.99482944788033301",
    "setup.sdet": "-0.22853951895445268 -0.96963620547183527 -0.087036298831283193",
    "setup.odet": "0.97303472447526351 -0.22464276674196476 -0.052335956242943828",
    "setup.pix0_m": "0.10260495077800863 0.014074980226405076 -0.011982869567447459",
    "setup.Fclose_m": "0.010080523695529184",
    "setup.Sclose_m": "0.036053951895445274",
    "setup.close_distance_m": "0.097303472447526351",
    "setup.distance_m": "0.097496398650316771",
    "setup.Fbeam_m": "0.013121900749138221",
    "setup.Sbeam_m": "0.013772171848110328",
    "setup.V_cell_A3": "481811.45573169854",
    "setup.a_star_invA": "0.011748835472331418 0.0067831933226151679 -0.0049377609254103658",
    "setup.b_star_invA": "-0.0044980240213540953 0.012119276909427917 0.0016037235178521336",
    "setup.c_star_invA": "0.0044445734469881976 -0.0030393016403283753 0.010250293174454257",
    "setup.a0_m": "6.2189391538666779e-09 2.5643509615902128e-09 -1.9362076196253745e-09",
    "setup.b0_m": "-2.6264170362871665e-09 6.8584095539101431e-09 3.1724047570155076e-09",
    "setup.c0_m": "3.4067007573281333e-09 1.6225480112667538e-10 8.3287492055849109e-09",
    "Fdet_m": "0.018200000000000001",
    "Sdet_m": "0.0082000000000000007",
    "pos_m": "0.10129867140999581 0.0043649301507770362 0.005409328733558082",
    "airpath_m": "0.10153686169071389",
    "diffracted": "0.99765414966789479 0.042988625786690361 0.053274531470503338",
    "omega_sr": "1.4872264941824545e-05",
    "q_inv_m": "-15639002.214034766 286590838.57793576 355163543.13668895",
    "stol_inv_m": "228319967.10781875",
    "polar": "0.99721133198441714",
    "phi[0]_rad": "0.087266462599716474",
    "ap_m": "5.9717763001140842e-09 3.0966090930403826e-09 -1.9362076196253745e-09",
    "bp_m": "-3.2141725052657845e-09 6.6034039073843474e-09 3.1724047570155076e-09",
    "cp_m": "3.3795957947288516e-09 4.5855090744626758e-10 8.3287492055849109e-09",
    "hkl": "0.10639681550889735 3.0694640279775536 3.0366310607318123",
    "hkl0": "0 3 3",
    "F_latt": "58.894956515197492",
    "F_cell": "100",
    "I_total": "34686159.029270038",
    "I_scaled": "34686159.029270038",
    "pixel_double": "514.42317974352773",
    "pixel_float": "514.42315673828125",
}

Trace = dict[str, list[str]]


def _trace(reference: Reference, words: str, slow: int, fast: int) -> Trace:
    """Trace one pixel; the values of each quantity in the order of their lines."""
    run = reference(f"-noprogress -nopgm -nonoise --trace {slow} {fast} trace.txt {words}")
    assert run.exit_code == 0, run.stderr
    values: Trace = defaultdict(list)
    for line in run.data("trace.txt").decode().splitlines():
        head, _, value = line.partition(" = ")
        assert head.startswith("TRACE ")
        values[head.removeprefix("TRACE ")].append(value)
    return values


def test_tilted_detector_and_triclinic_cell(reference: Reference) -> None:
    trace = _trace(reference, TILTED, 20, 45)
    assert {name: trace[name] for name in G1} == {name: [value] for name, value in G1.items()}


def test_mosaic_domains(reference: Reference) -> None:
    trace = _trace(reference, WIDE + "-mosaic 0.5 -oversample 1", 20, 45)
    assert trace["setup.umat[0]"] == ["1 0 0 0 1 0 0 0 1"]
    assert trace["setup.umat[1]"][0].split() == [
        "0.99996592089784464", "-0.0079751680914580177", "0.0021339486494309119",
        "0.0079761872189555976", "0.99996807949662869", "-0.0004694946988297568",
        "-0.0021301362335746331", "0.00048649947281547405", "0.99999761291609557",
    ]  # fmt: skip
    assert trace["domain"] == [str(domain) for domain in range(10)]
    assert trace["F_latt"][:3] == [
        "-24.402213090720668", "-11.922497326195179", "-28.441356987495766",
    ]  # fmt: skip
    assert trace["hkl"][9] == "-0.25280774825160945 4.9807843783431087 4.9941118395785979"
    assert trace["I_total"] == ["54233739.619253837"]
    assert trace["I_scaled"] == ["5423373.9619253837"]
    assert trace["pixel_float"] == ["85.912979125976562"]


def test_sources(reference: Reference) -> None:
    words = "-pixel 0.2 -hdivrange 4 -hdivsteps 4 -vdivrange 2 -vdivsteps 3 -oversample 1"
    trace = _trace(reference, BASE + words, 20, 45)
    assert trace["setup.sources"] == ["8"]
    first, second = trace["setup.source[0]"][0].split(), trace["setup.source[1]"][0].split()
    assert first[0] == "-0.99999800000066674"
    assert first[2:] == ["0.0019999986666669337", "1e-10"]
    assert second[:2] == ["-0.99999927777793884", "0.00099999983333334168"]
    assert trace["hkl"][0] == "-0.062241467285139809 2.4984389633195385 2.6984388299862307"
    assert trace["I_total"] == ["651130.88594785845"]
    assert trace["pixel_double"] == ["0.3247362400997989"]


def test_flags_that_multiply_the_running_total(reference: Reference) -> None:
    words = WIDE.replace("-distance 100", "-distance 50") + "-oversample 2 -oversample_omega"
    trace = _trace(reference, words, 30, 40)
    assert trace["omega_sr"] == [
        "6.3632360909983272e-05", "6.3586748495239094e-05", "6.3647577167653279e-05",
        "6.3601946577155461e-05",
    ]  # fmt: skip
    assert trace["I_running"] == [
        "0.53384227876561108", "3.6043323709245665", "1.1759668963386685", "0.50739163327534265",
    ]  # fmt: skip
    assert trace["I_total"] == ["3.2271095553273996e-05"]
    assert trace["polar_final"] == ["0.99808337517233681"]
    assert trace["pixel_double"] == ["8.0523109925801752e-06"]


def test_a_step_at_zero_keeps_the_orientation_before_it(reference: Reference) -> None:
    words = WIDE + "-osc 1 -phisteps 5 -oversample 1"
    first, second = (_trace(reference, words, 0, fast) for fast in (0, 1))
    assert first["hkl"][0] == "-1.6483305670532689 12.785717026283073 -12.785717026283073"
    assert first["F_latt"][4] == "-0.065707229368348469"
    assert second["hkl"][0] == second["hkl"][4]
    assert second["hkl"][0] == "-1.420823797411235 12.813140762857429 -12.398452329911025"
    assert second["F_latt"][1] == "0.001090442765957493"
    assert second["pixel_double"] == ["1.4787625784269386e-06"]


def test_factors_of_the_first_subpixel_are_kept(reference: Reference) -> None:
    trace = _trace(reference, BASE, 20, 45)
    assert trace["F_latt"] == [
        "3.5192127021719872", "7.2925175433129112", "1.6990371761364935", "3.5192127021720014",
    ]  # fmt: skip
    assert trace["omega_sr"] == ["9.9953124568516841e-07"] * 4
    assert trace["airpath_m"][2] == "0.10001500512423124"
    assert trace["polar"] == ["0.99984373635192303"] * 4
    assert trace["pixel_double"] == ["0.2019668417904186"]


CURVED = (
    "-cell 100 100 100 90 90 90 -misset 10 20 30 -N 5 -default_F 100 -distance 20 -detpixels 64 "
    "-pixel 0.4 -curved_det -lambda 1 -oversample 1 "
)
SMALL = (
    "-cell 20 20 30 90 90 120 -Na 4 -Nb 3 -Nc 3 -default_F 100 -distance 100 -detpixels 64 "
    "-pixel 0.5 -lambda 1 -gauss_xtal -fudge 0.8 -misset 10 20 30 -oversample 1"
)
ROUND = (
    "-cell 60 70 80 90 100 90 -Na 4 -Nb 6 -Nc 8 -default_F 100 -distance 100 -detpixels 64 "
    "-pixel 0.4 -lambda 1 -round_xtal -fudge 0.8 -misset 10 20 30 -oversample 1"
)


@pytest.mark.parametrize(
    ("words", "hkl", "F_latt", "pixel"),
    [
        (
            ROUND,
            "-0.22348991100689353 3.7278555482801345 3.6889585947798134",
            "4.6062737562400482",
            3.3611562252044678,
        ),
        (
            SMALL,
            "-0.58507548551419286 1.3363488071657033 1.7179895449942659",
            "3.0267058458818759",
            2.2548842430114746,
        ),
        (
            CURVED,
            "-2.1800491038072707 27.892344059453663 21.010447636124308",
            "8.5682540868950934",
            276.2354736328125,
        ),
        (
            CURVED + "-xds",
            "-40.838613924163795 -69.989750632042686 -53.964418387147632",
            "27.787109351281121",
            1971.62353515625,
        ),
    ],
    ids=["round", "gauss", "curved mosflm", "curved xds"],
)
def test_shapes_and_curvature(
    reference: Reference, words: str, hkl: str, F_latt: str, pixel: float
) -> None:
    trace = _trace(reference, words, 20, 45)
    assert trace["hkl"] == [hkl]
    assert trace["F_latt"] == [F_latt]
    assert [float(value) for value in trace["pixel_float"]] == [pixel]


@pytest.mark.parametrize("words", [TILTED, f"{WIDE} -mosaic 0.5 -hdivrange 2 -osc 1 -phisteps 2"])
def test_json_lines_hold_the_same_quantities(reference: Reference, words: str) -> None:
    run = reference(f"-noprogress -nopgm -nonoise {words} -trace_pixel 20 45")
    found = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    assert all(sorted(quantity) == ["name", "unit", "value"] for quantity in found)
    values = defaultdict(list)
    for quantity in found:
        value = quantity["value"]
        values[quantity["name"]].append(value if isinstance(value, list) else [value])
    lines = _trace(reference, words, 20, 45)
    assert values == {
        name: [[float(number) for number in line.split()] for line in of_name]
        for name, of_name in lines.items()
    }
    units = {quantity["name"].partition("[")[0]: quantity["unit"] for quantity in found}
    for name, unit in units.items():
        endings = {"_inv_m": "1/m", "_m": "m", "_sr": "sr", "_invA": "1/A", "_A3": "A^3"}
        ending = next((ending for ending in endings if name.endswith(ending)), None)
        assert ending is None or unit == endings[ending]
    assert units["phi"] == "rad"
    assert units["hkl"] == units["setup.Ncells"] == "1"


def test_tracing_changes_nothing(reference: Reference) -> None:
    # The seed defaults to the time of day, which the report prints.
    quiet = "-noprogress -nonoise -nopgm -seed 1 " + WIDE
    plain = reference(quiet)
    traced = reference("--trace 3 4 trace.txt " + quiet)
    reported = reference("-printout " + quiet)
    assert plain.sha256() == traced.sha256() == reported.sha256()
    assert plain.stdout == traced.stdout


def test_printout_reports_one_pixel_or_all_in_order(reference: Reference) -> None:
    quiet = "-noprogress -nonoise -nopgm -detpixels 8 -cell 100 -N 5 -default_F 100 "
    lines = reference(quiet + "-printout").stdout.splitlines()
    order = [line.split()[1:5] for line in lines if line.startswith("pixel fast")]
    assert order == [["fast=", str(f), "slow=", str(s)] for s in range(8) for f in range(8)]
    one = reference(quiet + "-printout_pixel 3 5").stdout
    assert one.count("pixel fast=") == 1
    assert "pixel fast= 3 slow= 5" in one


def test_a_trace_and_a_report_do_not_disturb_each_other(reference: Reference) -> None:
    alone = _trace(reference, WIDE, 20, 45)
    both = _trace(reference, WIDE + "-printout_pixel 45 21", 20, 45)
    assert both == alone


@pytest.mark.parametrize(
    "words", ["--trace 64 0 t", "--trace 0 64 t", "--trace -1 0 t", "-printout_pixel 64 0"]
)
def test_a_pixel_that_is_not_rendered_cannot_be_watched(reference: Reference, words: str) -> None:
    run = reference(f"-noprogress -nopgm -nonoise {BASE} {words}")
    assert run.exit_code == 2
    assert not (run.folder / "floatimage.bin").exists()
