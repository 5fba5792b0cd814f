"""The part of the shell's grammar that means the same without a shell."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtui.memo.shellwords import Word, expand_braces, segments, simple, tokens


def test_words_assignments_and_tee() -> None:
    command = simple('A=1 B="x y" prog --to "$OUTDIR"/a \'q\' | tee -a "$OUTDIR"/logs/x.log')
    assert command.assignments == (("A", "1"), ("B", "x y"))
    assert command.words == ("prog", "--to", "$OUTDIR/a", "q")
    assert command.tee == "$OUTDIR/logs/x.log"
    assert command.tee_text == '| tee -a "$OUTDIR"/logs/x.log'
    assert command.obstacles == ()


def test_stderr_merged_into_the_pipe_is_part_of_it() -> None:
    command = simple("prog 2>&1 | tee x.log")
    assert (command.words, command.tee, command.obstacles) == (("prog",), "x.log", ())
    assert command.tee_text == "2>&1 | tee x.log"


@pytest.mark.parametrize(
    ("text", "obstacle"),
    [
        ("a | b", "a pipe"),
        ("a | sort | tee x", "a pipe"),
        ("a | tee x y", "a pipe"),
        ("a && b", "&& between commands"),
        ("a || b", "|| between commands"),
        ("a; b", "several commands (;)"),
        ("a &", "a background job (&)"),
        ("(a)", "a subshell"),
        ("a > x", "a redirection"),
        ("a 2> x", "a redirection"),
        ("a < x", "a redirection"),
        ("a $(b)", "a command substitution $(...)"),
        ('a "`b`"', "a command substitution $(...)"),
        ("python - <<'PY'", "a here-document"),
        ("a 2> >(b)", "a process substitution"),
        ("a *.py", "a file pattern (* or ?)"),
        ("a ~/x", "~ for a home folder"),
        ("a '$HOME'", "a quoted dollar sign"),
        ("a 'b", "a single quote is not closed"),
        ('a "b', "a double quote is not closed"),
        ("a $(b", "$( is not closed"),
    ],
)
def test_what_needs_a_shell_is_named(text: str, obstacle: str) -> None:
    assert obstacle in simple(text).obstacles


@pytest.mark.parametrize(
    "text",
    ["pytest t.py::T::t[cpu]", 'pytest -k "a or b"', "a '*' \"?\"", "a -x -1.5 --y=2", "a b#c"],
)
def test_what_needs_no_shell_has_no_obstacle(text: str) -> None:
    assert simple(text).obstacles == ()
    assert simple(text).words == tuple(shlex.split(text))


def test_a_quoted_name_is_no_assignment() -> None:
    assert simple('"A"=1 b').words == ("A=1", "b")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("p/{a,b}/c", ("p/a/c", "p/b/c")),
        ("{a,b}{1,2}", ("a1", "a2", "b1", "b2")),
        ("'{a,b}'", ("{a,b}",)),
        ("{a}", ("{a}",)),
        ("x{,y}", ("x", "xy")),
    ],
)
def test_brace_expansion(text: str, words: tuple[str, ...]) -> None:
    (word,) = tokens(text)
    assert isinstance(word, Word)
    assert expand_braces(word) == words


def test_brace_expansion_that_explodes_is_left_alone() -> None:
    text = "{a,b}" * 40
    (word,) = tokens(text)
    assert isinstance(word, Word)
    assert expand_braces(word) == (text,)


def test_segments_respect_quotes_and_substitutions() -> None:
    assert segments("export A='x;y'; ensure `a; b` is; z") == (
        "export A='x;y'",
        "ensure `a; b` is",
        "z",
    )


def test_prose_with_an_apostrophe_comes_back_whole() -> None:
    assert segments("don't; stop") == ("don't; stop",)


_WORD = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=8)


@given(st.lists(_WORD.filter(lambda w: "$" not in w), min_size=1, max_size=6))
def test_quoted_words_come_back_as_they_were(words: list[str]) -> None:
    quoted = " ".join("'" + w.replace("'", "'\\''") + "'" for w in words)
    assert simple(quoted).words == tuple(words)


@given(st.text(max_size=120))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    command = simple(text)
    assert isinstance(command.words, tuple)
    assert all(isinstance(part, str) for part in segments(text))
