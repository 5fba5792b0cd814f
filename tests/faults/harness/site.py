"""One place for every fault: a project, a run that is started in it, and what must hold after.

A fault is put in while the run is where the test wants it, as told by its journal and logs.
:meth:`Run.ends` then checks what the test expects and everything that holds whatever happened.
"""

import contextlib
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from nbtui.errors import BundleError
from nbtui.evidence.records import Verdict
from nbtui.evidence.views import VIEWS
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan, encode
from nbtui.run import recover
from nbtui.run.catalog import bundles, is_sealed
from nbtui.run.journal import JOURNAL, parse
from nbtui.store import JournalFollower, RunState, read
from nbtui.verify.check import verify
from nbtui.verify.model import Level, Status
from tests.nbtui.dying import kill_supervisor
from tests.nbtui.run.lab import Lab, plan_of, processes_with, shell
from tests.nursery.client import Nursery, Process

NBTUI = str(Path(sys.executable).with_name("nbtui"))
FRONT = Path(__file__).with_name("front.py")
PATIENCE_S = 120.0
"""Ends a hang; it does not judge a busy machine."""
GOLDEN = b"golden" * 100
FIELDS = ("Reason", "Not run", "Inputs", "Hidden", "Variables", "Versions", "Python", "Host", "Git")
STAGE_FIELDS = ("Exit", "Command", "Directory", "Memo said", "Deviation", "Artifacts")
_MOST = 1 << 20
"""Bytes of each file that are remembered."""


def eventually(condition: Callable[[], object], what: str) -> None:
    """Wait until something holds; fail with its name when it never does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"never happened: {what}")
        time.sleep(0.01)


REPORTS = ("blockers.md", "attempt_failed.log", "attestation.json", *(v.name for v in VIEWS))
"""Views, written anew by whoever closes a run."""


MEMO = b"the memo\n"


def of_memo(plan: Plan) -> Plan:
    """Return the plan as if the memo here had been compiled to it."""
    return msgspec.structs.replace(plan, memo_sha256=hashlib.sha256(MEMO).hexdigest())


def kept(bundle: Path) -> dict[str, bytes]:
    """Return what a bundle holds now: the beginning of every published file, log and journal."""
    found = {}
    for path in bundle.rglob("*"):
        if path.name in REPORTS or path.name.startswith("."):
            continue
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as stream:
                found[str(path.relative_to(bundle))] = stream.read(_MOST)
    return found


def assert_sealed(bundle: Path, before: dict[str, bytes] | None = None) -> RunState:
    """Check a closed bundle: chain, seal, reports, nothing lost, nobody left; return its state."""
    chain = parse((bundle / JOURNAL).read_bytes())
    assert chain.torn == b""
    state = read(bundle)
    assert state.ended
    present = {str(p.relative_to(bundle)) for p in bundle.rglob("*") if not p.is_dir()}
    _assert_verified(state)
    assert [n for n in present if Path(n).name.startswith(".")] == [], "half-written files"
    for name, data in (before or {}).items():
        path = bundle / name
        if name == "phase_a_summary.md" and state.verdict is not Verdict.CLEARED:
            path = bundle / f"{name}.withdrawn"  # it says that the run was cleared
        with path.open("rb") as stream:
            now = stream.read(len(data))
        # A torn last line of the journal is set aside; its whole lines stay as they were.
        whole = data[: data.rfind(b"\n") + 1] if name == JOURNAL else data
        assert now.startswith(whole), f"{name} lost something"
    assert processes_with(state.facts.get("token", "no token")) == []
    if state.verdict is Verdict.CLEARED:
        _assert_cleared(state)
    else:
        _assert_explained(state)
    return state


def _assert_verified(state: RunState) -> None:
    """Check that ``nbtui verify`` finds the bundle whole; of figures that lie it says so."""
    wrong = [f for f in verify(state.bundle).findings if f.status is Status.BAD]
    if state.blocker is not None and state.blocker.kind == "result":
        wrong = [f for f in wrong if f.level is not Level.FIGURES]
    assert wrong == [], "\n".join(f"{f.level} {f.file}: {f.what}" for f in wrong)


def _assert_cleared(state: RunState) -> None:
    assert all(g.passed or g.waived_by or not g.gate.binding for g in state.gates())
    signed = {s.step_id for s in state.stages if any(g.waived_by for g in s.gates)}
    outcomes = [s.outcome for s in state.stages if s.step_id not in signed]
    assert all(outcome is not None and not outcome.failure for outcome in outcomes)
    assert state.blocker is None
    assert not (state.bundle / "blockers.md").exists()
    assert (state.bundle / "phase_a_summary.md").stat().st_size > 0


def _assert_explained(state: RunState) -> None:
    """Check that blocker report and attempt log are whole, and nothing says "cleared"."""
    assert not (state.bundle / "phase_a_summary.md").exists()
    text = (state.bundle / "blockers.md").read_text("utf-8")
    assert re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text) is None
    failing = "nothing was run" not in text.splitlines()[0]
    for name in (*FIELDS, *(STAGE_FIELDS if failing else ())):
        assert re.search(rf"^{name} +: \S", text, flags=re.MULTILINE), f"{name} is missing:\n{text}"
    assert "## Decision needed" in text
    assert state.blocker is not None
    attempt = (state.bundle / "attempt_failed.log").read_bytes()
    assert attempt.startswith(b"run: " + state.bundle.name.encode())


@dataclass(slots=True)
class Run:
    """A run as its operator sees it: a process in front, a bundle that fills."""

    site: "Site"
    viewer: Process | None
    out: Path
    err: Path
    before: dict[str, bytes] = field(default_factory=dict)
    _bundle: Path | None = None

    @property
    def front(self) -> Process:
        """The process in front."""
        assert self.viewer is not None, "somebody else's"
        return self.viewer

    @property
    def bundle(self) -> Path:
        """The run's folder, as soon as there is one."""
        if self._bundle is None:
            eventually(self._found, "a bundle")
        assert self._bundle is not None
        return self._bundle

    @property
    def state(self) -> RunState:
        """What the journal says now."""
        return read(self.bundle)

    @property
    def supervisor(self) -> int:
        """The supervisor's process."""
        started = self.state.started
        assert started is not None
        return started.supervisor_pid

    @property
    def stage(self) -> int:
        """The process of the newest stage."""
        pid = self.state.stages[-1].pid
        assert pid is not None
        return pid

    def said(self, text: str, log: str = "logs/1.log") -> "Run":
        """Wait until a stage's log holds a text; remember what the bundle holds then."""
        path = self.bundle / log
        words = text.encode()
        eventually(lambda: path.exists() and words in path.read_bytes(), f"{text!r} in {log}")
        return self.keep()

    def told(self, condition: Callable[[RunState], object], what: str) -> "Run":
        """Wait until the journal tells of something; remember what the bundle holds then."""
        follower = JournalFollower(self.bundle)

        def holds() -> object:
            follower.poll()
            return condition(follower.state)

        eventually(holds, what)
        return self.keep()

    def loses_all(self) -> None:
        """Kill viewer and supervisor, and wait until nothing of either can write any more."""
        self.front.kill()
        kill_supervisor(self.bundle)
        self.returns(-signal.SIGKILL)

    def keep(self) -> "Run":
        """Remember what is there: it must still be there at the end."""
        self.before = kept(self.bundle)
        return self

    def returns(self, code: int) -> str:
        """Wait for the process in front, check its exit code, return what it said."""
        if self.viewer is None:
            return ""
        try:
            found = self.viewer.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            pytest.fail(f"the viewer never ended; it said: {self.err.read_text()[-2000:]}")
        said = self.out.read_text("utf-8", "replace") + self.err.read_text("utf-8", "replace")
        assert found == code, said[-800:]
        assert "Traceback" not in said
        return said

    def ends(
        self, verdict: Verdict, code: ExitCode, because: str = "", *, front: int | None = None
    ) -> RunState:
        """Wait for the end; check codes, verdict, reason and all that holds whatever happened.

        Parameters
        ----------
        verdict, code, because
            Of the run: what the journal's last line says.
        front
            Exit code of the process in front; the run's own one when ``None``.
        """
        self.returns(code if front is None else front)
        eventually(lambda: is_sealed(self.bundle), "the seal")
        eventually(lambda: not recover.supervisor_alive(self.state), "the supervisor's exit")
        state = assert_sealed(self.bundle, self.before)
        assert (state.verdict, state.exit_code) == (verdict, code), state.reason
        assert because in state.reason
        assert because in (self.bundle / "blockers.md").read_text() if because else True
        self.site.assert_untouched()
        return state

    def _found(self) -> bool:
        for line in self.err.read_text("utf-8", "replace").splitlines():
            if line.startswith("bundle "):
                self._bundle = Path(line.removeprefix("bundle "))
                return True
        if self.viewer is None or self.viewer.poll() is not None:
            pytest.fail(f"no run was started: {self.err.read_text()[-2000:]}")
        return False


@dataclass(slots=True)
class Site:
    """A project of its own, and everything that is started in it.

    Attributes
    ----------
    golden
        What the golden image must hold at the end; a test that alters it says so here.
    """

    lab: Lab
    home: Path
    born: Nursery
    golden: bytes = GOLDEN
    runs: list[Run] = field(default_factory=list)

    @property
    def root(self) -> Path:
        """The project's root."""
        return self.lab.root

    def start(
        self,
        plan: Plan,
        *,
        wrap: tuple[str, ...] = (),
        env: dict[str, str] | None = None,
        resume: Path | None = None,
    ) -> Run:
        """Start a run as ``nbtui --batch`` does once the plan is confirmed.

        Parameters
        ----------
        plan
            What to run.
        wrap
            A program and its arguments that start the rest of the command line.
        env
            More variables of the operator.
        resume
            An interrupted run whose completed stages may be taken over.
        """
        number = len(self.runs)
        memo, file = self.home / f"{number}.memo", self.home / f"{number}.plan"
        memo.write_bytes(MEMO)
        file.write_bytes(encode(of_memo(plan)))
        words = [str(self.root), str(memo), str(file)]
        words += [str(resume)] if resume is not None else []
        if wrap or "PYTHONPATH" in {**self.lab.env, **(env or {})}:
            return self._spawn([*wrap, sys.executable, str(FRONT), *words], env or {})
        return self._fork("start_plan", words, env or {})

    def watch(self, bundle: str) -> Run:
        """Return a run that somebody else looks at."""
        nothing = self.home / "none"
        return self._known(Run(self, None, nothing, nothing, _bundle=Path(bundle)))

    def held_plan(self) -> Plan:
        """Return a plan whose first stage lasts until :meth:`let_go`."""
        wait = f"until [ -e '{self.gate}' ]; do sleep 0.02; done"
        return plan_of(shell(1, f"echo begun; {wait}; echo ended"), shell(2, "echo later"))

    @property
    def gate(self) -> Path:
        """The file that ends the first stage of a held run; no part of the project."""
        return self.home / "gate"

    def let_go(self) -> None:
        """Let the first stage of a held run end."""
        self.gate.touch()

    def nbtui(self, *words: str) -> Run:
        """Start the command line."""
        return self._fork("nbtui", words, {})

    def run(self, *words: str, code: int) -> str:
        """Run the command line to its end, check its exit code, return what it said."""
        return self.nbtui(*words).returns(code)

    def bundles(self) -> tuple[Path, ...]:
        """Return every run of the project."""
        return bundles(self.root)

    def assert_untouched(self) -> None:
        """Check that nobody but the test itself changed golden data."""
        assert (self.root / "golden" / "image.bin").read_bytes() == self.golden

    def end(self) -> None:
        """Leave nothing running, whatever the test did."""
        for run in self.runs:
            if run.viewer is not None and run.viewer.poll() is None:
                run.viewer.kill()
                run.viewer.wait()
        for bundle in self.bundles():
            with contextlib.suppress(BundleError):  # a test damaged its journal
                self._end_run(read(bundle))

    def _end_run(self, state: RunState) -> None:
        if recover.supervisor_alive(state) and state.started is not None:
            os.kill(state.started.supervisor_pid, signal.SIGKILL)
        for pid in processes_with(state.facts.get("token", "no token")):
            os.kill(pid, signal.SIGKILL)

    def _fork(self, role: str, words: Sequence[str], env: dict[str, str]) -> Run:
        out, err = self._streams()
        whole = self.lab.env | env
        with out.open("wb") as stdout, err.open("wb") as stderr:
            front = self.born.start(
                f"tests.nursery.roles:{role}", words, cwd=self.root, env=whole,
                out=stdout.fileno(), err=stderr.fileno(),
            )  # fmt: skip
        return self._known(Run(self, front, out, err))

    def _spawn(self, words: list[str], env: dict[str, str]) -> Run:
        out, err = self._streams()
        with out.open("wb") as stdout, err.open("wb") as stderr:
            front = subprocess.Popen(
                words, cwd=self.root, env=self.lab.env | env, stdin=subprocess.DEVNULL,
                stdout=stdout, stderr=stderr, start_new_session=True,
            )  # fmt: skip
        return self._known(Run(self, front, out, err))

    def _streams(self) -> tuple[Path, Path]:
        number = len(self.runs)
        return self.home / f"{number}.out", self.home / f"{number}.err"

    def _known(self, run: Run) -> Run:
        self.runs.append(run)
        return run
