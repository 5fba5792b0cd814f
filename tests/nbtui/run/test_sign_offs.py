"""Sign-offs: who may go on over what, how far, and that every record says so."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from nbtui.errors import SignOffError
from nbtui.evidence.records import SignOff, Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan, Role
from nbtui.run import sign_offs, signatures
from nbtui.store import RunState, StageStatus
from tests.nbtui.run.lab import Lab, plan_of, shell, summary_step, tool

pytestmark = pytest.mark.timeout(300)
AT = "2026-01-31T12:00:00.000Z"


def wrong_plan() -> Plan:
    return plan_of(tool(1, Role.COMPARE, "wrong"), shell(2, "echo after"), summary_step(3))


def signed(lab: Lab, state: RunState, *names: str, by: str = "Ada Lovelace") -> SignOff:
    waives = sign_offs.proposals(state.bundle, state, names)
    made = sign_offs.compose(state.bundle, waives, by=by, reason="known, item 12", at=AT)
    sign_offs.keep(lab.root, "reports", made)
    return made


def test_a_signed_gate_goes_on_and_every_record_says_so(lab: Lab) -> None:
    plan = wrong_plan()
    blocked = lab.run(plan)
    assert blocked.verdict is Verdict.BLOCKED
    made = signed(lab, blocked)
    assert f"nbtui sign-off {blocked.bundle.name}" in (blocked.bundle / "blockers.md").read_text()
    state = lab.run(plan)
    assert state.verdict is Verdict.CLEARED, state.reason
    assert state.exit_code == ExitCode.CLEARED
    assert state.verdict_words == "cleared with waiver"
    assert state.last_event.startswith("verdict cleared with waiver")
    assert [s.status for s in state.stages] == [StageStatus.PASSED] * 3
    (gate,) = state.stages[0].gates
    assert (gate.passed, gate.waived_by) == (False, "Ada Lovelace")
    summary = (state.bundle / "phase_a_summary.md").read_text()
    for words in (
        "a test: cleared with waiver", "## Cleared with waiver", "WAIVED by Ada Lovelace",
        "known, item 12", "FAIL, waived by Ada Lovelace", "pass, with waiver", made.seal_sha256,
        f"about run {blocked.bundle.name}", "unsigned", "by waiver only",
        f"2, follows {blocked.bundle.name} (blocked)",
    ):  # fmt: skip
        assert words in summary, words
    (copy,) = (state.bundle / "sign-offs").glob("*.json")
    assert msgspec.json.decode(copy.read_bytes(), type=SignOff) == made
    lab.assert_sound(state.bundle)
    # another plan is none of what was signed
    other = lab.run(msgspec.structs.replace(plan, summary="another"))
    assert other.verdict is Verdict.BLOCKED


def test_a_waiver_reaches_no_further_than_it_was_signed(lab: Lab) -> None:
    plan = wrong_plan()
    blocked = lab.run(plan)
    signed(lab, blocked, "correlation=0.9")  # the run measured far less
    state = lab.run(plan)
    assert state.verdict is Verdict.BLOCKED
    assert state.waived == ()
    assert len(state.sign_offs) == 1


def test_a_preflight_check_is_waived_by_its_id(lab: Lab) -> None:
    much = 1 << 60  # bytes; the guard before each stage would miss them too
    plan = plan_of(shell(1, "true"), branch="elsewhere", min_available_memory_bytes=much)
    blocked = lab.run(plan)
    assert blocked.exit_code == ExitCode.NOT_STARTED
    signed(lab, blocked, "branch")
    assert "memory" in lab.run(plan).reason
    signed(lab, blocked, "memory")
    state = lab.run(plan)
    assert state.verdict_words == "cleared with waiver", state.reason
    (memory,) = (g for g in state.guards if g.guard == "free-memory")
    assert memory.found.endswith("goes on by sign-off")


def test_a_console_reading_is_waived_with_its_value(lab: Lab) -> None:
    plan = plan_of(shell(1, "cat said", experiment=("-N", "5")))
    (lab.root / "said").write_text("  x xtal: 1x1x1 cells\n")
    lab.git("add", "said")
    lab.git("commit", "--quiet", "--message", "said")
    blocked = lab.run(plan)
    assert blocked.blocker is not None
    assert blocked.blocker.kind == "console"
    signed(lab, blocked)
    assert lab.run(plan).verdict_words == "cleared with waiver"
    (lab.root / "said").write_text("  x xtal: 2x2x2 cells\n")
    lab.git("commit", "--quiet", "--all", "--message", "another value")
    assert lab.run(plan).verdict is Verdict.BLOCKED


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (plan_of(shell(1, "true")), "not blocked"),
        (plan_of(shell(1, "exit 7")), "cannot be waived: exit code 7"),
        (plan_of(shell(1, "echo x >> pyproject.toml")), "cannot be waived: tree changed"),
        (plan_of(tool(1, Role.COMPARE, "lie")), "cannot be waived"),
    ],
)
def test_what_happened_is_not_waived(lab: Lab, plan: Plan, words: str) -> None:
    state = lab.run(plan)
    with pytest.raises(SignOffError, match=words):
        sign_offs.proposals(state.bundle, state)


def test_names_and_reasons_are_demanded(lab: Lab) -> None:
    state = lab.run(wrong_plan())
    with pytest.raises(SignOffError, match="rmse did not block"):
        sign_offs.proposals(state.bundle, state, ["rmse"])
    with pytest.raises(SignOffError, match="no threshold"):
        sign_offs.proposals(state.bundle, state, ["correlation=low"])
    waives = sign_offs.proposals(state.bundle, state)
    for by, reason in (("", "x"), ("Ada", "  ")):
        with pytest.raises(SignOffError, match="needs a name and a reason"):
            sign_offs.compose(state.bundle, waives, by=by, reason=reason, at=AT)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("OpenSSH is not installed")
    path = tmp_path / "key"
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    return path


def test_signatures_verify_or_the_plan_waits(lab: Lab, key: Path) -> None:
    public = key.with_suffix(".pub").read_text().split()
    signers = lab.root / "allowed_signers"
    signers.write_text(f"ada@example.org {public[0]} {public[1]}\n")
    text = (lab.root / "pyproject.toml").read_text()
    (lab.root / "pyproject.toml").write_text(f"{text}allowed_signers = 'allowed_signers'\n")
    lab.git("add", ".")
    lab.git("commit", "--quiet", "--message", "signers")
    plan = wrong_plan()
    blocked = lab.run(plan)
    unsigned = signed(lab, blocked, by="ada@example.org")
    with pytest.raises(SignOffError, match="it is not signed") as caught:
        lab.start(plan)
    assert caught.value.exit_code == ExitCode.WAITING
    folder = lab.root / "reports" / sign_offs.FOLDER / unsigned.plan_sha256[:32]
    shutil.rmtree(folder)
    path = sign_offs.keep(lab.root, "reports", unsigned, key)
    state = lab.run(plan)
    assert state.verdict_words == "cleared with waiver", state.reason
    assert state.sign_offs[0].signature == "verified: ada@example.org"
    assert list((state.bundle / "sign-offs").glob("*.sig"))
    # somebody edits what was signed
    path.write_bytes(path.read_bytes().replace(b"item 12", b"item 13"))
    with pytest.raises(SignOffError, match="does not verify"):
        lab.start(plan)


def test_a_key_that_cannot_sign_keeps_nothing(lab: Lab, tmp_path: Path) -> None:
    state = lab.run(wrong_plan())
    waives = sign_offs.proposals(state.bundle, state)
    made = sign_offs.compose(state.bundle, waives, by="Ada", reason="x", at=AT)
    (tmp_path / "nokey").write_text("no key at all\n")
    with pytest.raises(SignOffError, match="cannot sign"):
        sign_offs.keep(lab.root, "reports", made, tmp_path / "nokey")
    assert sign_offs.load(lab.root, "reports", wrong_plan()) == ()
    assert signatures.check(state.bundle / "memo.md", "Ada", None) == signatures.UNSIGNED


def test_a_waived_run_verifies_with_its_waiver(lab: Lab) -> None:
    digest = hashlib.sha256(b"the memo\n").hexdigest()
    plan = msgspec.structs.replace(wrong_plan(), memo_sha256=digest)
    signed(lab, lab.run(plan))
    state = lab.run(plan)
    nbtui = str(Path(sys.executable).with_name("nbtui"))
    done = subprocess.run(
        [nbtui, "verify", state.bundle.name], cwd=lab.root, env=lab.env, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == ExitCode.CLEARED, done.stdout + done.stderr
    assert "verdict: cleared with waiver" in done.stdout
