"""The journal: what is read back is what was written, wherever the writer was cut off."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbtui.errors import BundleError, RecordingError
from nbtui.evidence.records import Blocker, Verdict
from nbtui.evidence.streams import Span, Stream
from nbtui.run import events
from nbtui.run.journal import FIRST, JOURNAL, Journal, encode, link, parse, reopen
from nbtui.store import JournalFollower, RunState, fold, read

NAMES = st.text(max_size=20)
EVENTS = st.one_of(
    st.builds(events.Noted, text=NAMES),
    st.builds(events.CancelRequested, by=NAMES),
    st.builds(events.StageStarted, step_id=NAMES, title=NAMES, pid=st.none() | st.integers(0, 9)),
    st.builds(
        events.Sampled,
        step_id=NAMES,
        elapsed_s=st.floats(0, 1e6),
        cpu_percent=st.floats(0, 1e4),
        rss_bytes=st.integers(0, 2**50),
    ),
    st.builds(
        events.StreamsTold,
        step_id=NAMES,
        spans=st.lists(
            st.builds(Span, st.integers(0, 9), st.integers(0, 9), st.sampled_from(Stream))
        ).map(tuple),
        why_not=NAMES,
    ),
    st.builds(events.FileWritten, path=NAMES, what=NAMES),
    st.builds(
        events.GuardChecked, guard=NAMES, ok=st.booleans(), found=NAMES, expected=NAMES, when=NAMES
    ),
    st.builds(events.ProvenanceTaken, facts=st.dictionaries(NAMES, NAMES, max_size=3)),
    st.builds(events.Blocked, blocker=st.builds(Blocker, kind=NAMES, where=NAMES, reason=NAMES)),
    st.builds(
        events.RunEnded,
        verdict=st.sampled_from(Verdict),
        exit_code=st.integers(0, 200),
        wall_s=st.floats(0, 1e6),
    ),
)
ANY_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class Ticking:
    """A clock that moves a second whenever it is looked at."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment

    def mono_ns(self) -> int:
        return int(self.moment.timestamp() * 1e9)

    def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def bundle_of(tmp_path: Path, said: list[events.AnyEvent]) -> tuple[Path, RunState]:
    """Write events to a fresh journal; return it with the state folded while writing."""
    bundle = tmp_path / os.urandom(6).hex()
    bundle.mkdir()
    journal = Journal(bundle / JOURNAL, clock=Ticking())
    state = RunState(bundle=bundle)
    for event in said:
        state = fold(state, journal.append(event))
    journal.close()
    return bundle, state


@ANY_FOLDER
@given(said=st.lists(EVENTS, max_size=12))
def test_reading_gives_the_state_that_was_folded_live(
    tmp_path: Path, said: list[events.AnyEvent]
) -> None:
    bundle, live = bundle_of(tmp_path, said)
    assert read(bundle) == live
    assert [line.event for line in parse((bundle / JOURNAL).read_bytes()).lines] == said


@ANY_FOLDER
@given(said=st.lists(EVENTS, min_size=1, max_size=8), data=st.data())
def test_a_cut_anywhere_loses_only_the_last_line(
    tmp_path: Path, said: list[events.AnyEvent], data: st.DataObject
) -> None:
    bundle, _ = bundle_of(tmp_path, said)
    whole = (bundle / JOURNAL).read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    chain = parse(whole[:cut])
    assert [line.event for line in chain.lines] == said[: whole[:cut].count(b"\n")]
    assert whole[:cut] == whole[: chain.size] + chain.torn
    (bundle / JOURNAL).write_bytes(whole[:cut])
    journal, _ = reopen(bundle, clock=Ticking())
    journal.append(events.Noted(text="went on"))
    journal.close()
    assert parse((bundle / JOURNAL).read_bytes()).torn == b""
    assert read(bundle).notes[-1] == "went on"


@ANY_FOLDER
@given(said=st.lists(EVENTS, min_size=2, max_size=6), data=st.data())
def test_a_changed_byte_is_noticed(
    tmp_path: Path, said: list[events.AnyEvent], data: st.DataObject
) -> None:
    bundle, _ = bundle_of(tmp_path, said)
    whole = bytearray((bundle / JOURNAL).read_bytes())
    last = whole.rfind(b"\n", 0, len(whole) - 1)
    at = data.draw(st.integers(0, last - 1))
    whole[at] ^= data.draw(st.sampled_from([1, 2, 4, 32]))
    with pytest.raises(BundleError):
        parse(bytes(whole))


@pytest.mark.parametrize("change", ["drop", "swap", "repeat", "crlf"])
def test_whole_lines_that_are_moved_are_noticed(tmp_path: Path, change: str) -> None:
    bundle, _ = bundle_of(tmp_path, [events.Noted(text=str(i)) for i in range(4)])
    lines = (bundle / JOURNAL).read_bytes().splitlines(keepends=True)
    changed = {
        "drop": [lines[0], *lines[2:]],
        "swap": [lines[0], lines[2], lines[1], lines[3]],
        "repeat": [*lines, lines[3]],
        "crlf": [line.replace(b"\n", b"\r\n") for line in lines],
    }[change]
    with pytest.raises(BundleError):
        parse(b"".join(changed))


def test_each_line_names_the_one_before(tmp_path: Path) -> None:
    bundle, _ = bundle_of(tmp_path, [events.Noted(text="a"), events.Noted(text="b")])
    chain = parse((bundle / JOURNAL).read_bytes())
    assert [line.prev for line in chain.lines] == [FIRST, link(encode(chain.lines[0]))]
    assert [line.t for line in chain.lines] == [
        "2026-01-01T00:00:01.000Z",
        "2026-01-01T00:00:02.000Z",
    ]


def test_a_journal_has_one_writer(tmp_path: Path) -> None:
    first = Journal(tmp_path / JOURNAL)
    with pytest.raises(RecordingError):
        Journal(tmp_path / JOURNAL)
    first.append(events.Noted(text="a"))
    with pytest.raises(RecordingError, match="another process writes"):
        reopen(tmp_path)
    first.close()


def test_a_failed_flush_is_never_believed_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / JOURNAL)
    journal.append(events.Noted(text="kept"))

    def broken(fd: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("nbtui.run.journal.os.fsync", broken)
    with pytest.raises(RecordingError, match="Input/output error"):
        journal.append(events.Noted(text="lost?"))
    monkeypatch.undo()
    with pytest.raises(RecordingError, match="earlier flush failed"):
        journal.append(events.Noted(text="too late"))
    journal.close()


def test_a_short_write_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / JOURNAL)
    journal.append(events.Noted(text="kept"))
    whole = (tmp_path / JOURNAL).read_bytes()
    real = os.write
    calls: list[int] = []

    def full(fd: int, data: bytes) -> int:
        if calls:
            raise OSError(28, "No space left on device")
        calls.append(real(fd, bytes(data)[:10]))
        return calls[0]

    monkeypatch.setattr("nbtui.durable.os.write", full)
    with pytest.raises(RecordingError, match="No space left"):
        journal.append(events.Noted(text="lost"))
    monkeypatch.undo()
    assert (tmp_path / JOURNAL).read_bytes() == whole
    journal.append(events.Noted(text="room again"))
    journal.close()
    assert read(tmp_path).notes == ("kept", "room again")


def test_a_follower_sees_only_what_is_new(tmp_path: Path) -> None:
    follower = JournalFollower(tmp_path)
    assert follower.poll() == []
    journal = Journal(tmp_path / JOURNAL)
    journal.append(events.Noted(text="a"))
    assert [line.seq for line in follower.poll()] == [0]
    with (tmp_path / JOURNAL).open("ab") as stream:
        stream.write(b'{"half')
    assert follower.poll() == []
    (raw,) = (tmp_path / JOURNAL).read_bytes().split(b"\n")[:1]
    other = JournalFollower(tmp_path)
    assert [r for r, _ in other.poll_raw()] == [raw]
    journal.close()


def test_a_follower_names_damage(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_bytes(b'{"seq": "no journal"}\n')
    with pytest.raises(BundleError, match=r"cannot be read"):
        JournalFollower(tmp_path).poll()
