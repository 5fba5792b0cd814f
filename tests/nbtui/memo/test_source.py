"""Which memo is read, and what is refused with file and line."""

from pathlib import Path

import pytest

from nbtui.errors import MemoError
from nbtui.memo.source import INPUT_NAME, MAX_BYTES, PACKAGED_NAME, load


def test_the_packaged_memo_is_the_default(tmp_path: Path) -> None:
    assert load(tmp_path).name == PACKAGED_NAME


def test_input_md_comes_before_the_packaged_memo(tmp_path: Path) -> None:
    (tmp_path / INPUT_NAME).write_text("Summary: mine\n")
    assert load(tmp_path).name == INPUT_NAME


def test_a_named_memo_comes_first(tmp_path: Path) -> None:
    (tmp_path / INPUT_NAME).write_text("Summary: mine\n")
    other = tmp_path / "memos" / "other.md"
    other.parent.mkdir()
    other.write_text("Summary: other\n")
    memo = load(tmp_path, other)
    assert (memo.name, memo.sections[0].text) == ("memos/other.md", "other")


def test_a_memo_from_elsewhere_is_called_by_its_file_name(tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("Summary: x\n")
    root = tmp_path / "root"
    root.mkdir()
    assert load(root, outside).name == "outside.md"


@pytest.mark.parametrize(
    ("data", "what", "where"),
    [
        (b"", "empty", "memo.md"),
        (b" \n\t\n", "empty", "memo.md"),
        (b"Summary: x\n\x00\x01", "NUL", "memo.md:2"),
        (b"Summary: x\nMode: \xff\xfe\n", "not UTF-8", "memo.md:2"),
        (b"just prose\nand more\n", "neither a label", "memo.md:1"),
        (b"x" * (MAX_BYTES + 1), "bytes, more than", "memo.md"),
    ],
)
def test_what_is_no_memo_is_refused(tmp_path: Path, data: bytes, what: str, where: str) -> None:
    path = tmp_path / "memo.md"
    path.write_bytes(data)
    with pytest.raises(MemoError, match=what) as caught:
        load(tmp_path, path)
    assert str(caught.value.where).endswith(where)
    assert caught.value.fix


def test_a_missing_memo_is_named(tmp_path: Path) -> None:
    with pytest.raises(MemoError, match="No such file") as caught:
        load(tmp_path, tmp_path / "none.md")
    assert "none.md" in str(caught.value)
