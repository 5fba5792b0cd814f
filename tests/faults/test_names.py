"""Spaces and letters of all kinds in every path: project, home, reports, program, log, file."""

import os
import signal

import msgspec
import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import SHELL, Role, Variable
from tests.faults.harness.site import Site
from tests.nbtui.faces import MEMO, STAGE
from tests.nbtui.run.lab import build, plan_of, python, shell, step, summary_step, tool

pytestmark = pytest.mark.timeout(300)
STRANGE = "prüf stand № 5 'q' \"d\" $STAMP `id` *; 光"
PLAN = plan_of(
    tool(1, Role.COMPARE, outdir="voll bild ☃ "),
    shell(2, 'echo "ä ö" > "$OUTDIR/stage file ß.txt"'),
    shell(3, "echo bare > $OUTDIR/bare.txt; echo single > '$OUTDIR/single.txt'"),
    step(4, *SHELL, "echo a text | cat > ${OUTDIR}/text.txt"),
    summary_step(5),
    artifacts_root="reports/tést initiative/phase α",
    environment=(Variable(name="NB_C_BIN", value="./ein gerät", source="input.md:3"),),
    golden_image="golden/bild ünï.bin",
)


@pytest.fixture
def strange(site: Site) -> Site:
    """Return a site whose every path needs care."""
    home = site.home / STRANGE
    home.mkdir()
    lab = build(home / "pro ject λ", home)
    (lab.root / "program").rename(lab.root / "ein gerät")
    (lab.root / "golden" / "bild ünï.bin").write_bytes(site.golden)
    (lab.root / "golden" / "bild ünï.bin").chmod(0o444)
    lab.git("add", "--all")
    lab.git("commit", "--quiet", "--message", "ümlaut")
    site.lab = lab
    return site


def test_unicode_and_spaces_in_every_path(strange: Site) -> None:
    run = strange.start(PLAN)
    run.ends(Verdict.CLEARED, ExitCode.CLEARED)
    assert (run.bundle / "stage file ß.txt").read_text() == "ä ö\n"
    for name in ("bare", "single"):
        assert (run.bundle / f"{name}.txt").read_text() == f"{name}\n"
    assert (run.bundle / "text.txt").read_text() == "a text\n"
    assert "bild ünï.bin" in (run.bundle / "phase_a_summary.md").read_text()
    assert strange.lab.git("status", "--porcelain") == ""
    strange.run("verify", run.bundle.name, code=ExitCode.CLEARED)


def test_a_memo_with_shell_text_below_such_paths(strange: Site) -> None:
    """From its words to the verdict: the shell text has OUTDIR without quotes."""
    (strange.root / "scripts").mkdir()
    (strange.root / "scripts" / "stage.py").write_text(STAGE)
    more = "- Third: `echo third > $OUTDIR/third.txt && ls $OUTDIR | wc -l`.\nPitfalls"
    memo = MEMO.replace("SECONDS", "0").replace("Pitfalls", more, 1)
    (strange.root / "input.md").write_text(memo)
    strange.lab.git("add", ".")
    strange.lab.git("commit", "--quiet", "--message", "memo")
    strange.run("--batch", "--yes", code=ExitCode.CLEARED)
    (bundle,) = strange.bundles()
    strange.run("verify", bundle.name, code=ExitCode.CLEARED)
    assert (bundle / "third.txt").read_text() == "third\n"


def test_a_run_killed_below_such_paths_is_closed(strange: Site) -> None:
    held = msgspec.structs.replace(PLAN, steps=(shell(1, "echo begun; sleep 600"),))
    run = strange.start(held).said("begun")
    os.kill(run.supervisor, signal.SIGKILL)
    run.ends(Verdict.INTERRUPTED, ExitCode.INTERRUPTED, "ended without closing the run")


@pytest.mark.parametrize("name", ["two\nlines", "back\\slash", "ret\rurn"], ids=repr)
def test_a_file_name_that_cannot_be_listed_blocks(site: Site, name: str) -> None:
    """The list would need escapes for it: the file is kept under a name that it can have."""
    script = f"import os; open(os.environ['OUTDIR'] + '/' + {name!r}, 'w').write('kept')"
    run = site.start(plan_of(python(1, script)))
    run.ends(Verdict.BLOCKED, ExitCode.BLOCKED, "a file name that cannot be listed")
    (kept,) = (p for p in run.bundle.iterdir() if "%" in p.name)
    assert kept.read_text() == "kept"
