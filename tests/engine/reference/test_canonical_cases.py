"""The specification's 55 small cases (14.4): images to the bit, figures as printed."""

from pathlib import Path
from typing import Any

import pytest

from tests.engine.reference.canonical import CASES, words, write_inputs
from tests.engine.reference.runs import Reference


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the input files."""
    folder = tmp_path_factory.mktemp("inputs")
    write_inputs(folder)
    return folder


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_images_and_report_are_the_originals(
    case: dict[str, Any], inputs: Path, reference: Reference
) -> None:
    run = reference(["-nopgm", *words(case, inputs)])
    assert run.exit_code == 0, run.stderr
    assert run.sha256() == case["float_sha256"]
    assert run.sha256("intimage.img")[:16] == case["int_sha256_16"]
    assert run.sha256("noiseimage.img")[:16] == case["noise_sha256_16"]
    for line in case["printed"]:
        assert line in run.stdout
