"""A program writes its log through two descriptions; others that write it are noticed."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nbtui.evidence.streams import Stream, Told
from nbtui.run import output as module
from nbtui.run.output import Output


@pytest.fixture
def output(tmp_path: Path) -> Iterator[Output]:
    with closing(Output.create(tmp_path / "log")) as made:
        yield made


def program(output: Output, script: str) -> "subprocess.Popen[bytes]":
    """Start a program that writes the log; it waits for a line between its parts."""
    return subprocess.Popen(
        ["/bin/bash", "-c", script], stdin=subprocess.PIPE, stdout=output.out, stderr=output.err
    )


def done(output: Output, script: str) -> Told:
    """Run a program to its end and return what is told of what it wrote."""
    with program(output, script):
        pass
    return output.news(ended=True)


def parts(told: Told) -> list[tuple[int, int, str]]:
    return [(s.start, s.end, s.stream.value) for s in told.spans]


def test_one_after_the_other_they_are_told_apart(output: Output) -> None:
    assert parts(done(output, "echo a; echo b")) == [(0, 4, "stdout")]
    assert parts(done(output, "echo c >&2; ls /absent/ 2>/dev/null")) == [(4, 6, "stderr")]
    assert parts(done(output, "echo d >&2; echo e")) == [(6, 8, "untold"), (8, 10, "stdout")]
    assert parts(done(output, "echo f; echo g 1>&2")) == [(10, 12, "untold"), (12, 14, "stderr")]


def test_what_is_sent_to_the_other_one_is_the_others(output: Output) -> None:
    assert parts(done(output, "(echo a; echo b >&2) 2>&1")) == [(0, 4, "stdout")]
    assert parts(done(output, "{ echo c; echo d >&2; } >&2")) == [(4, 8, "stderr")]
    assert parts(done(output, "{ echo e >&2; echo f; } 2>&1 | cat")) == [(8, 12, "stdout")]


def test_stdout_alone_is_kept_back_until_the_end(output: Output) -> None:
    for word in ("one", "two"):
        with program(output, f"echo {word}"):
            pass
        assert output.news() == Told()
    assert parts(output.news(ended=True)) == [(0, 8, "stdout")]
    assert output.news(ended=True) == Told()


@pytest.mark.parametrize(
    "elsewhere",
    [
        "echo x >> /dev/stderr",
        "echo x > /dev/stderr; echo long enough to hide that it was cut >&2",
        "echo x | tee -a /dev/stderr > /dev/null",
        "exec 5>> /proc/self/fd/1; echo x >&5",
        "echo x >> log",
        "truncate --size=0 log",
    ],
)
def test_who_opens_the_log_anew_leaves_nothing_told(
    output: Output, elsewhere: str, tmp_path: Path
) -> None:
    assert parts(done(output, "echo first >&2")) == [(0, 6, "stderr")]
    told = done(output, f"cd {tmp_path}; {elsewhere}; echo b >&2")
    assert told.spans == ()
    assert told.why_not in {
        "its log was cut or written over", "something else wrote to its log too",
    }  # fmt: skip
    assert done(output, "echo c >&2") == Told()


def test_a_writer_that_goes_on_is_found_before_anything_is_told(output: Output) -> None:
    with program(output, "exec 5>> /dev/stderr; echo x >&5; echo b >&2; read; exit") as running:
        while os.fstat(output.out).st_size < 4:
            assert running.poll() is None
        assert output.news() == Told(why_not="something else wrote to its log too")
        running.communicate(b"\n")


def test_who_only_reads_the_log_changes_nothing(output: Output, tmp_path: Path) -> None:
    with (tmp_path / "log").open("rb"):
        assert parts(done(output, f"echo a >&2; cat < {tmp_path}/log > /dev/null")) == [
            (0, 2, "stderr")
        ]
        with program(output, f"exec 5< {tmp_path}/log; echo b >&2; read; exit") as running:
            while os.fstat(output.out).st_size < 4:
                assert running.poll() is None
            assert parts(output.news()) == [(2, 4, "stderr")]
            running.communicate(b"\n")


def test_a_log_that_cannot_be_watched_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_log: Path) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(module, "OtherWriters", refuse)
    with closing(Output.create(tmp_path / "log")) as output:
        told = done(output, "echo a; echo b >&2")
    assert told == Told(why_not="its log cannot be watched: Too many open files")
    assert (tmp_path / "log").read_bytes() == b"a\nb\n"


def test_behind_the_most_spans_nothing_is_told(
    output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SPANS", 3)
    told = Told()
    for number in range(6):
        told = told.plus(done(output, f"echo {number} >&{number % 2 + 1}").spans)
    assert [s.stream for s in told.spans] == [Stream.STDOUT, Stream.STDERR, Stream.STDOUT]
    assert output.full
    assert output.told == 6


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_every_descriptor_is_given_back(tmp_path: Path) -> None:
    before = open_descriptors()
    Output.create(tmp_path / "log").close()
    with pytest.raises(FileExistsError):
        Output.create(tmp_path / "log")
    assert open_descriptors() == before
