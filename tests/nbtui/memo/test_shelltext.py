"""Shell text of any characters: the grammar's tables end at 255, its words do not."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtui.memo import shelltext
from nbtui.memo.shelledits import places
from nbtui.memo.shellvalues import in_one_piece

FAR = "\U000def9f\U0001f600光→Ω"


def test_words_of_any_characters_are_told_as_written() -> None:
    text = f"echo {FAR}a > {FAR}.txt; {FAR} '$x' \"{FAR}\" | tee {FAR}"
    assert shelltext.commands(text) == (
        ("echo", f"{FAR}a"), (FAR, "'$x'", f'"{FAR}"'), ("tee", FAR),
    )  # fmt: skip
    assert shelltext.writes(text) == (f"{FAR}.txt", FAR)
    assert [p.text for p in shelltext.pieces(f"ls {FAR} && true")] == [f"ls {FAR}", "true"]
    assert [w.word for w in places(f"ls {FAR}")[0]] == ["ls", FAR]
    assert in_one_piece(f"ls {FAR} $OUTDIR/{FAR}", ["OUTDIR"]) == f'ls {FAR} "$OUTDIR"/{FAR}'


@given(st.text(max_size=60))
def test_the_grammar_meets_no_character_beyond_its_tables(text: str) -> None:
    met: list[bytes] = []

    def parse(data: bytes) -> SimpleNamespace:
        met.append(data)
        return SimpleNamespace(root_node=None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelltext, "_parser", lambda: SimpleNamespace(parse=parse))
        shelltext.parsed(f"{{{text}")
    (data,) = met
    assert len(data) == len(f"{{{text}".encode())
    assert all(ord(c) < 256 for c in data.decode())
