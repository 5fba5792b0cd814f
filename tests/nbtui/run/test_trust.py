"""What a hostile or careless memo, stage or environment cannot do."""

import json
import os
import stat
from pathlib import Path

import pytest

from nbtui.evidence.records import Verdict
from nbtui.evidence.safe import open_inside
from nbtui.evidence.secrets import REDACTED
from nbtui.memo.plan import Variable
from nbtui.run.events import Line, Noted
from nbtui.run.journal import encode
from tests.nbtui.run.lab import Lab, plan_of, shell

pytestmark = pytest.mark.timeout(300)
CANARY = "canary-7f3a9c"


def test_no_secret_of_the_environment_is_written_anywhere(lab: Lab) -> None:
    plan = plan_of(
        shell(1, "exit 3"),
        environment=(
            Variable(name="NB_C_BIN", value="./program", source="input.md:3"),
            # demanded by the memo, so the stage gets it, and every view of it is written
            Variable(name="SITE_TOKEN", source="input.md:4"),
        ),
    )
    state = lab.run(
        plan,
        SITE_TOKEN=f"a{CANARY}",
        NB_C_BIM=f"https://me:{CANARY}@host/nb",  # a near name: its value is shown
        PYTEST_ADDOPTS=f"--url https://u:{CANARY}@h",
        DB_PASSWORD=f"{CANARY}b",
        AKIA=f"AKIA{'A' * 16}",
    )
    assert state.blocker is not None
    files = [p for p in state.bundle.rglob("*") if p.is_file()]
    for canary in (CANARY.encode(), b"AKIAAAAA"):
        assert [p for p in files if canary in p.read_bytes()] == []
    assert state.stages[0].env["SITE_TOKEN"] == REDACTED
    lab.assert_sound(state.bundle)


def test_a_stage_gets_the_secret_that_the_memo_demands(lab: Lab) -> None:
    plan = plan_of(
        shell(1, f'test "$SITE_TOKEN" = a{CANARY}'),
        environment=(Variable(name="SITE_TOKEN", source="input.md:4"),),
    )
    assert lab.run(plan, SITE_TOKEN=f"a{CANARY}").verdict is Verdict.CLEARED


def test_permissions_do_not_depend_on_the_umask(lab: Lab) -> None:
    before = os.umask(0o077)
    try:
        state = lab.run(plan_of(shell(1, "echo hello")))
    finally:
        os.umask(before)
    bundle = state.bundle
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in bundle.iterdir()}
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o755
    assert modes["environment.json"] == 0o400
    for name in ("events.jsonl", "memo.md", "plan.json", "gates.json", "SHA256SUMS"):
        assert modes[name] == 0o444, name
    assert stat.S_IMODE((bundle / "logs/1.log").stat().st_mode) == 0o444


@pytest.mark.parametrize(
    "script",
    [
        "rm $OUTDIR/logs/1.log; ln -s {secret} $OUTDIR/logs/1.log",
        "mv $OUTDIR/logs $OUTDIR/old; ln -s {folder} $OUTDIR/logs",
        "rmdir $OUTDIR/stages/02-command; ln -s {folder} $OUTDIR/stages/02-command",
        "rm -r $OUTDIR/stages/01-command; ln -s {folder} $OUTDIR/stages/01-command",
        "mkfifo $OUTDIR/logs/pipe",
    ],
)
def test_a_link_leads_nobody_out_of_the_bundle(lab: Lab, tmp_path: Path, script: str) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    secret = folder / "1.log"
    secret.write_text(f"{CANARY}\n")
    names = {"secret": secret, "folder": folder}
    state = lab.run(plan_of(shell(1, script.format(**names)), shell(2, "echo never")))
    assert state.verdict is Verdict.BLOCKED
    assert [s.step_id for s in state.stages] == ["01-command"]
    assert [g.guard for g in state.guards if not g.ok] == ["bundle-links"]
    assert sorted(p.name for p in folder.iterdir()) == ["1.log"]
    assert secret.read_text() == f"{CANARY}\n"
    for path in state.bundle.rglob("*"):
        assert path.is_dir() or CANARY.encode() not in path.read_bytes(), path
    lab.assert_sound(state.bundle)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "", "link", "folder/inside", "pipe", "a"])
def test_only_files_of_the_bundle_are_opened(tmp_path: Path, name: str) -> None:
    bundle = tmp_path / "bundle"
    (bundle / "real").mkdir(parents=True)
    (tmp_path / "x").write_text("outside")
    (bundle / "link").symlink_to(tmp_path / "x")
    (bundle / "folder").symlink_to(bundle / "real")
    (bundle / "real" / "inside").write_text("inside")
    os.mkfifo(bundle / "pipe")
    with pytest.raises(OSError), open_inside(bundle, name):  # noqa: PT011
        pass
    with open_inside(bundle, "real/inside") as stream:
        assert stream.read() == b"inside"


def test_a_journal_line_cannot_steer_a_terminal() -> None:
    text = "\x1b]52;c;x\x07 \x9b31m \u202e reversed \u00e9"
    raw = encode(Line(seq=0, t="t", mono_ns=0, prev="", event=Noted(text=text)))
    assert json.loads(raw)["event"]["text"] == text
    shown = raw.decode()
    assert shown.isprintable()
    assert "\u00e9" in shown  # letters of people's names stay
