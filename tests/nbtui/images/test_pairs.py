"""Which images a bundle holds, and which of them cannot be shown."""

import json
from pathlib import Path

from nbtui.images.pairs import find_pairs
from tests.nbtui.images.made import LOST, SHAPE, images, write_pair


def test_a_pair_is_found_with_its_shape_and_worst_pixel(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, *images())
    assert (pair.shape, pair.worst, pair.trouble) == (SHAPE, LOST, "")
    assert pair.console == tmp_path / "full_frame" / "c_stdout.txt"


def test_a_cut_image_is_told_and_not_opened(tmp_path: Path) -> None:
    pair = write_pair(tmp_path, *images())
    with pair.port.open("r+b") as stream:
        stream.truncate(100)
    (found,) = find_pairs(tmp_path)
    assert "py_float.bin: 100 bytes" in found.trouble


def test_an_image_outside_the_bundle_is_not_followed(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    write_pair(bundle, *images())
    summary = bundle / "full_frame" / "summary.json"
    data = json.loads(summary.read_text())
    (tmp_path / "elsewhere.bin").write_bytes(b"")
    data["py"]["image"] = "../../elsewhere.bin"
    summary.write_text(json.dumps(data))
    assert find_pairs(bundle) == ()


def test_other_summaries_are_passed_over(tmp_path: Path) -> None:
    for name, text in (("a", "{"), ("b", "[]"), ("c", '{"shape": [2, 2]}'), ("d", "{}")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "summary.json").write_text(text)
    assert find_pairs(tmp_path) == ()
