"""The engine's pages say what it does: every flag is listed, and the examples run."""

import re
from pathlib import Path

import pytest
import torch

from engine.experiment import Experiment
from engine.flags import FLAGS, Match

PAGE = Path(__file__).parents[2] / "docs" / "engine.md"
INPUTS = PAGE.with_name("inputs.md")
REFINEMENT = PAGE.with_name("refinement.md")


def test_every_flag_is_listed_with_its_way_of_matching_and_no_other() -> None:
    table = INPUTS.read_text().partition("| flag | operands |")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    listed = re.findall(r"`(--?[\w-]+)`(=?)", "".join(cells))
    expected = [(flag.keyword, "=" if flag.match is Match.EXACT else "") for flag in FLAGS]
    assert sorted(listed) == sorted(expected)


def test_the_example_with_files_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", INPUTS.read_text(), flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(example, names)  # noqa: S102 - the page's own example
    image, words, nearer = names["image"], names["words"], names["nearer"]
    assert isinstance(image, torch.Tensor)
    assert image.max() > 0.0
    assert isinstance(words, tuple)
    assert Experiment.from_args(words) == nearer


def test_the_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(example, names)  # noqa: S102 - the page's own example
    image, corner = names["image"], names["corner"]
    assert isinstance(image, torch.Tensor)
    assert isinstance(corner, torch.Tensor)
    assert image.dtype == torch.float32
    assert torch.equal(corner[:16, :32], image[:16, :32])
    assert not corner[16:].any()


def test_the_refinement_recovers_the_cell() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", REFINEMENT.read_text(), flags=re.DOTALL)
    names: dict[str, object] = {}
    exec(example, names)  # noqa: S102 - the page's own example
    start, refined, true_cell = names["start"], names["refined"], names["true_cell"]
    assert isinstance(start, torch.Tensor)
    assert isinstance(refined, torch.Tensor)
    assert isinstance(true_cell, torch.Tensor)
    assert ((start - true_cell).abs() > 1e-3 * true_cell).all()
    assert ((refined - true_cell).abs() < 1e-7 * true_cell).all()
