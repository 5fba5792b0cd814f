"""docs/engine.md says what the engine does: its flags, and its example runs."""

import re
from pathlib import Path

import pytest
import torch

from engine.flags import FLAGS

PAGE = Path(__file__).parents[2] / "docs" / "engine.md"


def test_the_flags_that_are_not_supported_yet_are_all_listed_and_no_other() -> None:
    table = PAGE.read_text().partition("| not supported yet | flags |")[2].partition("\n\n")[0]
    listed = set(re.findall(r"`(-[\w]+)`", table))
    assert listed == {flag.keyword for flag in FLAGS if not flag.supported}


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
