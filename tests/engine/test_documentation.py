"""docs/engine.md says what the engine does: its flags, and its example runs."""

import re
from pathlib import Path

import pytest
import torch

PAGE = Path(__file__).parents[2] / "docs" / "engine.md"


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
