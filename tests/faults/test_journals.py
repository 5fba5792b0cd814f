"""A journal that is torn is continued; one that was altered is no evidence."""

import signal
from collections.abc import Callable

import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.run.catalog import is_sealed
from nbtui.run.journal import JOURNAL
from nbtui.run.recover import recover_dead
from tests.faults.harness.site import Run, Site, eventually
from tests.nbtui.run.lab import plan_of, processes_with, shell, summary_step

pytestmark = pytest.mark.timeout(300)
SLEEPER = plan_of(shell(1, "echo begun; sleep 600"))
Damage = Callable[[bytes], bytes]


def dead(site: Site) -> Run:
    """Return a run whose supervisor and viewer were killed in its stage."""
    run = site.start(SLEEPER).told(lambda s: s.stages, "the start of the stage")
    run.loses_all()
    return run


@pytest.mark.parametrize("cut", [1, 40, 200], ids=lambda n: f"{n} bytes")
def test_a_torn_last_line_is_set_aside(site: Site, cut: int) -> None:
    run = dead(site)
    journal = run.bundle / JOURNAL
    data = journal.read_bytes()
    last = data[data[:-1].rfind(b"\n") + 1 :]
    torn = last[: min(cut, len(last) - 1)]
    journal.write_bytes(data + torn)
    site.run("recover", run.bundle.name, code=ExitCode.CLEARED)
    run.ends(Verdict.INTERRUPTED, ExitCode.INTERRUPTED, front=-signal.SIGKILL)
    assert journal.read_bytes().startswith(data)
    assert (run.bundle / "events.torn").read_bytes() == torn


def flipped(data: bytes) -> bytes:
    middle = data.index(b'"found":"') + 12
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def doubled(data: bytes) -> bytes:
    first = data[: data.index(b"\n") + 1]
    return first + data


def without_a_line(data: bytes) -> bytes:
    lines = data.split(b"\n")
    return b"\n".join(lines[:2] + lines[3:])


def with_other_line_ends(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    "damage", [flipped, doubled, without_a_line, with_other_line_ends], ids=lambda f: f.__name__
)
def test_an_altered_journal_is_never_sealed(site: Site, damage: Damage) -> None:
    run = dead(site)
    token = run.state.facts["token"]
    journal = run.bundle / JOURNAL
    altered = damage(journal.read_bytes())
    journal.write_bytes(altered)
    said = site.run("recover", run.bundle.name, code=ExitCode.VERIFY_FAILED)
    assert "altered or damaged" in said or "cannot be read" in said
    assert recover_dead(site.root) == ()
    assert not is_sealed(run.bundle)
    assert journal.read_bytes() == altered
    eventually(lambda: processes_with(token) == [], "the end of what the dead run had left")


@pytest.mark.parametrize(
    "damage",
    [
        flipped,
        lambda data: data[: data[:-1].rfind(b"\n") + 1],
        lambda data: data[:-3],
        lambda data: data + b"{}\n",
    ],
    ids=["flipped", "last event removed", "torn", "event added"],
)
def test_a_sealed_journal_that_was_altered_is_found_out(site: Site, damage: Damage) -> None:
    run = site.start(plan_of(shell(1, "echo begun"), summary_step(2)))
    run.ends(Verdict.CLEARED, ExitCode.CLEARED)
    site.run("verify", run.bundle.name, code=ExitCode.CLEARED)
    journal = run.bundle / JOURNAL
    journal.chmod(0o644)
    journal.write_bytes(damage(journal.read_bytes()))
    assert JOURNAL in site.run("verify", run.bundle.name, code=ExitCode.VERIFY_FAILED)


def test_a_journal_that_was_removed_is_found_out(site: Site) -> None:
    run = site.start(plan_of(shell(1, "echo begun"), summary_step(2)))
    run.ends(Verdict.CLEARED, ExitCode.CLEARED)
    (run.bundle / JOURNAL).unlink()
    assert JOURNAL in site.run("verify", run.bundle.name, code=ExitCode.VERIFY_FAILED)
