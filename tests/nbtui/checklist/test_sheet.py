"""The printed checklist: purpose, command, what to see, pitfall, box and room to sign."""

from pathlib import Path

import pytest

from nbtui.checklist import FORMATS, Sheet, make_sheet
from nbtui.memo.compile import compile_plan
from nbtui.memo.parse import parse_memo

MEMO = """\
Focus: [X-1] say <b>yes</b>
Branch: main
Artifacts: reports/a/b/$STAMP/
How-To Map:
- Set STAMP=$(date -u +%Y%m%dT%H%M%SZ) and OUTDIR=reports/a/b/$STAMP; mkdir -p "$OUTDIR"/{logs}.
- Frames: `nb-compare --outdir "$OUTDIR"/frames -- -lambda 1 | tee "$OUTDIR"/logs/frames.log`.
- Look at the picture & write down what is odd.
Pitfalls To Avoid:
- Never touch golden data.
- The comparison must reach corr ≥0.999.
"""


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    memo = parse_memo(MEMO.encode(), name="memo.md")
    return make_sheet(compile_plan(memo), memo, tmp_path, {"PATH": ""})


def test_every_step_says_all_that_an_operator_needs(sheet: Sheet) -> None:
    compare = next(e for e in sheet.entries if e.who == "machine" and e.command)
    assert compare.purpose.startswith("Compare the image")
    assert '2>&1 | tee "$OUTDIR/logs/frames.log"' in compare.command
    assert any("correlation >= 0.999 (memo.md:10)" in line for line in compare.expect)
    assert any("Never touch golden data" in line for line in compare.pitfalls)
    manual = next(e for e in sheet.entries if e.who == "by hand")
    assert (manual.command, manual.mark.box) == ("", " ")
    assert "what is odd" in manual.words


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_every_format_has_boxes_commands_and_room_to_sign(sheet: Sheet, form: str) -> None:
    text = FORMATS[form](sheet)
    for words in ("initials", "time (UTC)", "set -o pipefail", "Never touch golden data"):
        assert words in text
    assert text.count("nb-compare") >= 1
    if form == "html":
        assert "<b>yes</b>" not in text
        assert "&lt;b&gt;yes" in text
        assert "http" not in text
    else:
        assert "[ ]" in text


def test_what_is_of_use_after_a_block_is_said(tmp_path: Path) -> None:
    text = MEMO.replace("Pitfalls To Avoid:", "- `cat a.txt` (independent)\nPitfalls To Avoid:")
    assert text != MEMO
    memo = parse_memo(text.encode(), name="memo.md")
    entries = make_sheet(compile_plan(memo), memo, tmp_path, {"PATH": ""}).entries
    told = [e.command for e in entries if any("of use too" in line for line in e.expect)]
    assert [command.split()[0] for command in told] == ["cat"]
