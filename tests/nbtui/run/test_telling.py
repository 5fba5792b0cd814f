"""Whatever a stage writes between whichever reads: no byte is told to be another stream's."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from nbtui.evidence.streams import Span, Stream, Told
from nbtui.run.telling import Look, Telling

FIELDS = ("size", "err", "out", "err_again", "size_after")
"""What a look reads, one after the other."""


@dataclass
class File:
    """A file to which two descriptions append, and whose each byte is."""

    owners: list[Stream] = field(default_factory=list)
    at: dict[Stream, int] = field(default_factory=lambda: {Stream.STDOUT: 0, Stream.STDERR: 0})

    def write(self, stream: Stream, count: int) -> None:
        self.owners += [stream] * count
        self.at[stream] = len(self.owners)

    def read(self, name: str) -> int:
        if name.startswith("size"):
            return len(self.owners)
        return self.at[Stream.STDOUT if name == "out" else Stream.STDERR]


WRITES = st.tuples(st.sampled_from([Stream.STDOUT, Stream.STDERR]), st.integers(0, 3))
"""A write of no bytes stands for a program that goes to the end and writes nothing."""


def watched(file: File, steps: list[tuple[Stream, int] | None]) -> tuple[Span, ...]:
    """Return what is told while ``steps`` are done: writes, and single reads of a look."""
    telling = Telling()
    spans: list[Span] = []
    seen: list[int] = []
    # Nobody writes any more when the last look is made.
    for step in [*steps, *[None] * (2 * len(FIELDS) - 1)]:
        if step is not None:
            file.write(*step)
            continue
        seen.append(file.read(FIELDS[len(seen)]))
        if len(seen) == len(FIELDS):
            look = Look(*seen)
            assert telling.doubt(look) == ""
            spans += telling.tell(look)
            seen = []
    return tuple(spans)


@given(st.lists(WRITES | st.none(), max_size=60))
def test_no_byte_is_told_to_be_another_streams(steps: list[tuple[Stream, int] | None]) -> None:
    file = File()
    spans = watched(file, steps)
    for span in spans:
        if span.stream is not Stream.UNTOLD:
            assert set(file.owners[span.start : span.end]) == {span.stream}
    assert [s.start for s in spans] == [0, *(s.end for s in spans)][: len(spans)]
    assert (spans[-1].end if spans else 0) == len(file.owners)


@given(st.lists(st.tuples(st.sampled_from([Stream.STDOUT, Stream.STDERR]), st.integers(1, 9))))
def test_everything_is_told_with_a_look_after_each_write(writes: list[tuple[Stream, int]]) -> None:
    file = File()
    steps = [step for write in writes for step in (write, *[None] * len(FIELDS))]
    spans = watched(file, steps)
    assert Stream.UNTOLD not in {s.stream for s in spans}
    assert [s.stream for s in spans for _ in range(s.start, s.end)] == file.owners


def test_a_log_that_contradicts_the_positions_is_doubted() -> None:
    telling = Telling()
    telling.tell(Look(size=10, err=10, out=5, err_again=10, size_after=10))
    same = {"size": 10, "err": 10, "out": 5, "err_again": 10, "size_after": 10}
    assert telling.doubt(Look(**same)) == ""
    for more in ({"size": 9}, {"out": 4}, {"err": 9}, {"err_again": 9}, {"size_after": 9}):
        assert telling.doubt(Look(**(same | more))) == "its log was cut or written over"
    assert "neither stdout nor stderr" in telling.doubt(Look(**(same | {"size": 11})))


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(Stream))))
def test_a_line_is_stderrs_only_with_every_byte(parts: list[tuple[int, Stream]]) -> None:
    owners: list[Stream] = []
    told = Told()
    for length, stream in parts:
        told = told.plus([Span(len(owners), len(owners) + length, stream)])
        owners += [stream] * length
    assert all(a.stream is not b.stream for a, b in zip(told.spans, told.spans[1:], strict=False))
    for start in range(len(owners) + 1):
        for end in range(start, len(owners) + 2):
            whole = end <= len(owners) and set(owners[start:end]) == {Stream.STDERR}
            assert told.is_stderr(start, end) is whole
