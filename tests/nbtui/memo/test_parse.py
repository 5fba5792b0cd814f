"""Sections, bullets and their lines: nothing is lost, nothing is owned twice."""

import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtui.memo.model import Memo, SectionKey
from nbtui.memo.parse import CLOSELY, parse_memo

Read = Callable[[str], Memo]


def assert_partition(memo: Memo) -> None:
    """Every line belongs to exactly one section; every written body line to one bullet."""
    following = 1
    for section in memo.sections:
        assert section.lines.first == following
        following = section.lines.last + 1
        owned = [n for b in section.bullets for n in range(b.lines.first, b.lines.last + 1)]
        assert owned == sorted(set(owned))
        body = range(section.lines.first + (1 if section.label else 0), section.lines.last + 1)
        written = {n for n in body if memo.lines[n - 1].strip()}
        assert written <= set(owned) <= set(body)
    assert following == len(memo.lines) + 1
    coverage = memo.coverage()
    assert coverage.owned == coverage.lines == len(memo.lines)


def test_a_usual_memo_has_its_sections_in_order(read: Read, memo_text: str) -> None:
    memo = read(memo_text)
    assert [s.key for s in memo.sections] == [
        SectionKey.SUMMARY,
        SectionKey.MODE,
        SectionKey.FOCUS,
        SectionKey.BRANCH,
        SectionKey.MAPPED_TESTS,
        SectionKey.ARTIFACTS,
        SectionKey.DO_NOW,
        SectionKey.IF_BLOCKED,
        SectionKey.PRIORITIES,
        SectionKey.HOW_TO,
        SectionKey.PITFALLS,
        SectionKey.POINTERS,
        SectionKey.NEXT_UP,
    ]
    assert_partition(memo)
    assert memo.coverage().labelled == len(memo.lines)


def test_bullets_know_their_lines(read: Read, memo_text: str) -> None:
    memo = read(memo_text)
    lines = memo_text.splitlines()
    bullets = list(memo.bullets(SectionKey.HOW_TO))
    assert len(bullets) == 6
    for bullet in bullets:
        assert lines[bullet.lines.first - 1] == f"- {bullet.text}"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("## Do Now", SectionKey.DO_NOW),
        ("**Do Now:** run it", SectionKey.DO_NOW),
        ("Do Now", SectionKey.DO_NOW),
        ("Next Up (optional): rest", SectionKey.NEXT_UP),
        ("Priorities and Rationale:", SectionKey.PRIORITIES),
        ("Active Focus: x", SectionKey.FOCUS),
        ("Verification Checklist:", SectionKey.OTHER),
    ],
)
def test_labels_in_other_clothes(read: Read, line: str, key: SectionKey) -> None:
    memo = read(f"Summary: s\n{line}\n- a bullet\n")
    assert memo.sections[1].key is key
    assert memo.sections[1].bullets[0].text == "a bullet"


@pytest.mark.parametrize("line", ["Note: this is prose", "see docs:", "Do Now and then", "x: y"])
def test_prose_is_no_label(read: Read, line: str) -> None:
    assert len(read(f"Summary: s\n{line}\n").sections) == 1


def test_a_header_written_as_bullets(read: Read) -> None:
    memo = read("- Summary: s\n- Do Now: pytest -v tests/a.py\n- If Blocked: stop\n")
    assert [s.key for s in memo.sections] == [
        SectionKey.SUMMARY,
        SectionKey.DO_NOW,
        SectionKey.IF_BLOCKED,
    ]


def test_a_bullet_in_a_list_that_looks_like_a_label_stays_a_bullet(read: Read) -> None:
    memo = read("Do Now: x\nPitfalls To Avoid:\n- Artifacts: keep them\n- Commit: never\n")
    assert len(list(memo.bullets(SectionKey.PITFALLS))) == 2


def test_repeated_labels_are_all_kept(read: Read) -> None:
    memo = read("Artifacts: reports/a/b/\nArtifacts: reports/a/c/\n")
    assert [s.text for s in memo.all(SectionKey.ARTIFACTS)] == ["reports/a/b/", "reports/a/c/"]


def test_nested_numbered_and_checked_bullets(read: Read) -> None:
    memo = read("How-To Map:\n1. one\n   - inner\n2. two\n- [ ] box\n• dot\n")
    found = [(b.text, b.depth, b.marker) for b in memo.bullets(SectionKey.HOW_TO)]
    assert found == [
        ("one", 0, "1."),
        ("inner", 1, "-"),
        ("two", 0, "2."),
        ("box", 0, "-"),
        ("dot", 0, "•"),
    ]


def test_a_label_inside_a_fence_or_a_heredoc_is_no_label(read: Read) -> None:
    memo = read(
        "How-To Map:\n```\nExample Section:\nSummary: fake\n```\n"
        "- `python - <<'PY'\nImport Block:\nPY`\nNext Up: rest\n"
    )
    assert [s.key for s in memo.sections] == [SectionKey.HOW_TO, SectionKey.NEXT_UP]


def test_a_heredoc_that_never_comes_swallows_nothing(read: Read) -> None:
    memo = read("How-To Map:\n- `python - <<'PY'` snippet\nPitfalls To Avoid:\n- none\nPointers:\n")
    assert [s.key for s in memo.sections][1:] == [SectionKey.PITFALLS, SectionKey.POINTERS]


def test_a_known_label_counts_even_where_a_heredoc_seems_to_span_it(read: Read) -> None:
    memo = read("How-To Map:\n- `python - <<'PY'` one\nIf Blocked: stop\nPY here\n")
    assert [s.key for s in memo.sections] == [SectionKey.HOW_TO, SectionKey.IF_BLOCKED]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_matter(memo_text: str, newline: str) -> None:
    memo = parse_memo(memo_text.replace("\n", newline).encode(), name="m")
    assert memo.lines == tuple(memo_text.splitlines())


def test_a_byte_order_mark_is_not_part_of_the_first_label() -> None:
    memo = parse_memo(b"\xef\xbb\xbfSummary: s\n", name="m")
    assert memo.sections[0].key is SectionKey.SUMMARY
    assert memo.escaped == ()


def test_characters_that_deceive_are_shown_escaped() -> None:
    memo = parse_memo("Summary: a\nDo Now: rm \u202egnp.x\x1b[2J\n".encode(), name="m")
    assert memo.lines[1] == "Do Now: rm \\u202egnp.x\\u001b[2J"
    assert memo.escaped == (2,)


def test_the_exact_bytes_are_kept() -> None:
    data = b"Summary: a\r\nDo Now: \xff\r\n"
    memo = parse_memo(data, name="m")
    assert memo.data == data
    assert len(memo.sha256) == 64


_LINES = st.sampled_from(
    [
        "Summary: x", "Do Now:", "How-To Map:", "- a `b` c", "  - nested", "1. n", "```", "~~~sh",
        "python - <<'PY'", "PY", "", "    indented", "• dot", "> quote", "# H", "|a|b|", "***",
        "- [x] done", "Unknown Label:", "a\u202eb", "\x0b\x0c", "\t- tab", "<div>", "[a]: b",
    ]
)  # fmt: skip


@given(st.lists(_LINES, max_size=30))
def test_any_mixture_of_lines_is_partitioned(lines: list[str]) -> None:
    assert_partition(parse_memo("\n".join(lines).encode(), name="m"))


@given(st.binary(max_size=300))
def test_any_bytes_are_partitioned(data: bytes) -> None:
    memo = parse_memo(data, name="m")
    if memo.lines:
        assert_partition(memo)


@given(st.text(max_size=300))
def test_nothing_shown_is_a_control_character(text: str) -> None:
    memo = parse_memo(text.encode("utf-8", "replace"), name="m")
    shown = set("".join(memo.lines)) - set("\t\u200c\u200d")
    assert not {c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}}


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("do now: run it", SectionKey.DO_NOW),
        ("DO NOW: run it", SectionKey.DO_NOW),
        ("1. Do Now: run it", SectionKey.DO_NOW),
        ("Do Now — run it", SectionKey.DO_NOW),
        ("Do Now note: remember", SectionKey.DO_NOW),
        ("Next Up Option 2: rest", SectionKey.NEXT_UP),
        ("How\N{NON-BREAKING HYPHEN}To Map:", SectionKey.HOW_TO),
        ("timestamp: 2031-01-01T00:00:00Z", SectionKey.HEADER),
    ],
)
def test_labels_spelled_by_other_hands(read: Read, line: str, key: SectionKey) -> None:
    assert read(f"Summary: s\n{line}\n").sections[1].key is key


def test_a_heading_of_steps_stays_in_the_how_to_map(read: Read) -> None:
    memo = read("How-To Map:\nStep 1:\n- a\nRun the C trace:\n- b\nReporting Checklist:\n- c\n")
    assert [(s.key, s.label) for s in memo.sections] == [
        (SectionKey.HOW_TO, "How-To Map"),
        (SectionKey.OTHER, "Reporting Checklist"),
    ]


def test_bare_lines_are_bullets_of_their_own_unless_they_go_on(read: Read) -> None:
    memo = read(
        "How-To Map:\nStep 1 does this\nStep 2 does that\n  and more of it\n"
        "export A=1; python x.py \\\n--more 1\n"
        "a sentence that is so long that somebody broke it in two pieces of\nequal length\n"
    )
    assert [b.text for b in memo.bullets(SectionKey.HOW_TO)] == [
        "Step 1 does this",
        "Step 2 does that\nand more of it",
        "export A=1; python x.py \\\n--more 1",
        "a sentence that is so long that somebody broke it in two pieces of\nequal length",
    ]


def test_a_fence_below_a_bullet_belongs_to_it_wherever_its_body_stands(read: Read) -> None:
    memo = read("How-To Map:\n1. totals:\n   ```bash\n   x - <<'PY'\nimport os\nPY\n   ```\n2. b\n")
    assert [b.lines.last for b in memo.bullets(SectionKey.HOW_TO)] == [7, 8]


def test_a_fence_that_never_ends_swallows_nothing(read: Read) -> None:
    memo = read("How-To Map:\n```\n- a\nPitfalls To Avoid:\n- b\n```\nx\n```\nPointers:\n- c\n")
    assert SectionKey.PITFALLS in {s.key for s in memo.sections}


def test_a_heredoc_written_one_line_per_bullet_is_one_bullet(read: Read) -> None:
    memo = read("How-To Map:\n-   `cat <<'X' > a`\n-   `- b`\n-   `X`\n- c\n")
    assert [b.lines.last for b in memo.bullets(SectionKey.HOW_TO)] == [4, 5]


def test_what_a_heredoc_holds_are_no_bullets(read: Read) -> None:
    memo = read("How-To Map:\n3. python - <<'PY'\n# H\n- x\n\n1. y\nPY >> z\n4. last\n")
    assert [(b.marker, b.lines.last) for b in memo.bullets(SectionKey.HOW_TO)] == [
        ("3.", 7),
        ("4.", 8),
    ]


def test_only_the_first_megabyte_is_looked_at_for_labels() -> None:
    text = "Summary: s\n" + "x\n" * (CLOSELY // 2) + "Do Now: late\n"
    memo = parse_memo(text.encode(), name="m")
    assert [s.key for s in memo.sections] == [SectionKey.SUMMARY]
    assert_partition(memo)


@pytest.mark.parametrize("unit", ["- a\n", "```\n", "x <<'A'\n", "Do Now: x\n", "`", "- ", "é\n"])
def test_the_work_per_character_does_not_grow(unit: str) -> None:
    """Counted in calls, not in seconds: ten times the text takes at most ten times the work."""

    def calls(times: int) -> int:
        count = 0

        def counting(*_: object) -> None:
            nonlocal count
            count += 1

        data = (unit * times).encode()
        sys.setprofile(counting)
        try:
            parse_memo(data, name="m")
        finally:
            sys.setprofile(None)
        return count

    small = calls(300)
    assert calls(3000) <= 12 * small + 3000
