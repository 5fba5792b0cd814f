"""Memos that are no text, too large, or written to deceive: nothing of them runs unseen."""

import resource
import subprocess

import pytest

from nbtui.exit_codes import ExitCode
from tests.faults.harness.site import NBTUI, PATIENCE_S, Site
from tests.nbtui.faces import MEMO, STAGE

pytestmark = pytest.mark.timeout(300)
GOOD = MEMO.replace("SECONDS", "0")
ORDERS = "\x1b]52;c;ZXZpbA==\x07\x1b]0;title\x07\x1b[2J\x1bc\x9b31m"


@pytest.fixture
def desk(site: Site) -> Site:
    """Return a site with the program that the memo names."""
    (site.root / "scripts").mkdir()
    (site.root / "scripts" / "stage.py").write_text(STAGE)
    write(site, GOOD)
    return site


def write(site: Site, text: str | bytes) -> None:
    """Write and commit the memo."""
    data = text.encode() if isinstance(text, str) else text
    (site.root / "input.md").write_bytes(data)
    site.lab.git("add", ".")
    site.lab.git("commit", "--quiet", "--allow-empty", "--message", "memo")


def assert_plain(said: str) -> None:
    """Check that nothing in it is an order to a terminal or turns the reading order round."""
    assert not any(c in said for c in "\x1b\x9b\x07\u202e\u2066\u200f")


def test_escape_sequences_in_a_memo_never_reach_the_terminal(desk: Site) -> None:
    write(desk, GOOD.replace("A small plan", f"A {ORDERS} plan").replace("a small", f"a {ORDERS}"))
    for words in (["plan"], ["lint"], ["checklist"], ["--batch"]):
        run = desk.nbtui(*words)
        run.front.wait(PATIENCE_S)
        assert run.front.returncode in {ExitCode.CLEARED, ExitCode.NOT_STARTED}
        assert_plain(run.out.read_text() + run.err.read_text())
    assert desk.bundles() == ()


def test_escape_sequences_in_a_command_are_shown_and_not_obeyed(desk: Site) -> None:
    write(desk, GOOD.replace("stage.py --seconds 0 |", f"stage.py{ORDERS} \u202e --seconds 0 |", 1))
    run = desk.nbtui("--batch", "--yes")
    run.front.wait(PATIENCE_S)
    assert run.front.returncode in {ExitCode.USAGE, ExitCode.NOT_STARTED, ExitCode.WAITING}
    assert_plain(run.out.read_text() + run.err.read_text())
    assert desk.bundles() == ()


def test_a_memo_of_200_mb_is_refused_unread(desk: Site) -> None:
    with (desk.root / "input.md").open("ab") as stream:
        stream.truncate(200_000_000)
    done = subprocess.run(
        [NBTUI, "--batch", "--yes"],
        cwd=desk.root, env=desk.lab.env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        # Less than the memo: it cannot have been read.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (150_000_000, 150_000_000)),
        timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == ExitCode.USAGE, done.stderr
    assert "200000000 bytes, more than" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert desk.bundles() == ()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (GOOD.encode() + b"\x00", "NUL"),
        (GOOD.encode() + b"\xff\xfe", "not UTF-8"),
        (b"\x7fELF\x02\x01\x01\n", "neither a label"),
    ],
    ids=["empty", "nul", "latin", "binary"],
)
def test_what_is_no_memo_is_refused_in_one_line(desk: Site, data: bytes, what: str) -> None:
    write(desk, data)
    said = desk.run("--batch", "--yes", code=ExitCode.USAGE)
    assert what in said
    assert "fix: " in said
    assert desk.bundles() == ()


@pytest.mark.parametrize(
    "words",
    ["0; touch PWNED", "$(touch PWNED)", "`touch PWNED`", "0 && touch PWNED", "0 > PWNED",
     "0 <(touch PWNED)", "0 & touch PWNED"],
)  # fmt: skip
def test_shell_words_in_a_command_never_run_unasked(desk: Site, words: str) -> None:
    pwned = desk.home / "pwned"
    write(desk, GOOD.replace("--seconds 0 |", f"--seconds {words.replace('PWNED', str(pwned))} |"))
    run = desk.nbtui("--batch")
    run.front.wait(PATIENCE_S)
    assert run.front.returncode in {ExitCode.NOT_STARTED, ExitCode.WAITING, ExitCode.USAGE}
    assert not pwned.exists()
    assert desk.bundles() == ()


@pytest.mark.parametrize(
    "place",
    ["reports/../../outside", "/tmp/outside-of-all", "../outside"],
    ids=["dots", "absolute", "above"],
)
def test_a_bundle_outside_the_reports_starts_nothing(desk: Site, place: str) -> None:
    write(desk, GOOD.replace("reports/test/phase_a", place))
    said = desk.run("--batch", "--yes", code=ExitCode.NOT_STARTED)
    assert place in said
    assert desk.bundles() == ()
    assert not (desk.home / "outside").exists()


def test_a_name_too_long_for_a_folder_is_said_so(desk: Site) -> None:
    write(desk, GOOD.replace("reports/test/phase_a", "reports/" + "x" * 300))
    run = desk.nbtui("--batch", "--yes")
    run.front.wait(PATIENCE_S)
    assert run.front.returncode == ExitCode.USAGE
    assert "is no name for a folder of bundles" in run.err.read_text()
    assert desk.bundles() == ()
