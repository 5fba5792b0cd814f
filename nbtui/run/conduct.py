"""The state machine of a run: introduce, preflight, stages, summary, close.

Every step either goes on or raises :class:`Halt`; the first one that halts decides. What
follows is not run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from nbtui.durable import dump_json, sha256_file
from nbtui.errors import PlanError
from nbtui.evidence import provenance
from nbtui.evidence.collectors.model import Collector, Request
from nbtui.evidence.collectors.registry import COLLECTORS
from nbtui.evidence.experiment import same_experiment
from nbtui.evidence.records import Blocker, Collected, StageOutcome, Verdict
from nbtui.evidence.rederive import Rederivation, rederive
from nbtui.evidence.secrets import is_secret, redacted
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan, Role, Step
from nbtui.preflight.model import CheckStatus, Context
from nbtui.preflight.registry import run_all
from nbtui.project import Settings
from nbtui.run import closing, environment, events, kept, reuse
from nbtui.run.attempts import recalled
from nbtui.run.clock import Clock, iso_ms
from nbtui.run.console import Console
from nbtui.run.explain import explain
from nbtui.run.facts import facts_of
from nbtui.run.forecast import Forecast, forecasts
from nbtui.run.halt import Halt, failed_preflight, judge, other_experiment
from nbtui.run.interrupts import Interrupts
from nbtui.run.recorder import Recorder
from nbtui.run.sentry import Sentry
from nbtui.run.stage import StageRunner
from nbtui.run.waiving import Waivers
from nbtui.run.weigh import Scales, Weighed

SPEAKING = (Role.BENCHMARK, Role.COMPARE, Role.PYTEST)
"""Roles whose first stage must have run the plan's experiment."""

_RECALLED = frozenset({"preflight", "stage", "result", "gate", "console"})
"""Reasons that earlier runs may have met too."""
_SAME_LIMIT = {"memory": frozenset({"free-memory"}), "disk": frozenset({"free-disk"})}
"""What guards hold again that preflight held, by the check's id."""
_LONGEST_NAME = 1024


@dataclass(slots=True)
class Conductor:
    """Conducts one run.

    Parameters
    ----------
    root, plan, settings, env
        What to run, where, and the operator's environment.
    recorder, interrupts, clock
        Where facts go, who may ask to stop, what time it is.
    token, grace_s
        The run's token and the time between TERM and KILL.
    lock_fd
        The descriptor that holds the machine lock.
    waivers
        What sign-offs allow to go on over.
    earlier
        An interrupted run whose completed stages may be taken over.
    """

    root: Path
    plan: Plan
    settings: Settings
    env: Mapping[str, str]
    recorder: Recorder
    interrupts: Interrupts
    clock: Clock
    token: str
    grace_s: float
    lock_fd: int | None = None
    waivers: Waivers = field(default_factory=Waivers)
    earlier: reuse.Earlier | None = None
    _informing: bool = False
    _begin: int = 0
    _expected: dict[str, Forecast] = field(default_factory=dict)
    _sentry: Sentry = field(init=False)
    _facts: dict[str, str] = field(default_factory=dict)
    _speaking: dict[Role, Collected] = field(default_factory=dict)
    _rederived: list[Rederivation] = field(default_factory=list)
    _sampling_s: list[float] = field(default_factory=list)
    _look: Callable[[], None] = lambda: None
    """Reads what the running stage's programs print."""

    def __post_init__(self) -> None:
        """Set the sentry that watches what must hold."""
        self._sentry = Sentry(
            self.root, self.plan, self.settings, self.env, self.recorder, self.clock, self.lock_fd
        )

    def run(self) -> ExitCode:
        """Conduct the run to its verdict and seal the bundle; return the exit code.

        Raises
        ------
        RecordingError
            When the evidence cannot be written.
        """
        self._begin = self.clock.mono_ns()
        verdict, exit_code = Verdict.CLEARED, ExitCode.CLEARED
        try:
            self._introduce()
            self._preflight()
            self._sentry.check("before the first stage", another=True)
            self._work()
            self._keep_records()
            self._summarise()
        except Halt as halt:
            if self.recorder.state.blocker is None:
                self._block(halt.blocker)
            verdict, exit_code = halt.verdict, halt.exit_code
            self._keep_records()
            if verdict is Verdict.BLOCKED:
                explain(self.recorder, self.interrupts, self.plan, self.root, self.env)
        closing.close(
            self.recorder,
            self.plan,
            self.clock,
            verdict=verdict,
            exit_code=exit_code,
            wall_s=self._seconds(),
        )
        return exit_code

    def _block(self, blocker: Blocker) -> None:
        """Record why the run stops, after what earlier runs say about that."""
        if blocker.kind in _RECALLED:
            stage = self.recorder.state.stage(blocker.where)
            known = stage.collected.parameter_hash if stage and stage.collected else None
            bundle, reports = self.recorder.bundle, self.settings.reports
            lines = recalled(self.root, reports, bundle, blocker, known)
            self.recorder.emit(events.Recalled(lines=lines))
        self.recorder.emit(events.Blocked(blocker=blocker))

    def _introduce(self) -> None:
        for step_id, deviation in self.plan.all_deviations():
            self.recorder.emit(events.DeviationNoted(step_id=step_id, deviation=deviation))
        for name in environment.held_back(self.env):
            self.recorder.emit(events.Noted(text=f"{name} is set and was not passed to any stage"))
        facts = provenance.collect(self.root, self.plan, self.env)
        planned = environment.planned(self.plan, None, self.env)
        facts |= {f"env:{n}": v for n, v in redacted(planned).items()}
        self._facts = facts
        facts |= kept.sources(self.root, self.plan, self.recorder.bundle)
        self.recorder.emit(events.ProvenanceTaken(facts=facts))
        kept.announce(self.recorder)
        self._sentry.begin()
        self._forecast()

    def _forecast(self) -> None:
        self._expected = forecasts(self.plan, self.root, self.settings.reports)
        for step in self.plan.stages:
            expected = self._expected.get(step.id)
            if expected and expected.wall_s > step.timeout_s:
                text = (
                    f"{step.id}: its limit of {step.timeout_s:g} s is shorter than the "
                    f"{expected.wall_s:.3g} s that it took before"
                )
                self.recorder.emit(events.Noted(text=text))

    def _preflight(self) -> None:
        context = Context(root=self.root, plan=self.plan, env=self.env, settings=self.settings)
        results = []
        for result in run_all(context):
            results.append(result)
            self.recorder.emit(events.CheckDone(result=result))
            self._heed()
        blocking = [
            r for r in results
            if r.status is CheckStatus.BLOCK and not self._waive(self.waivers.check(r))
        ]  # fmt: skip
        warned = sum(r.status is CheckStatus.WARN for r in results)
        self.recorder.emit(events.PreflightEnded(blocked=len(blocking), warned=warned))
        self.recorder.publish(
            "preflight.json", dump_json({"schema": 1, "checks": results}), "preflight results"
        )
        if not blocking:
            return
        raise failed_preflight(blocking, len(results))

    def _work(self) -> None:
        """Do the plan's steps; the summary comes after all of them."""
        stages = [s for s in self.plan.stages if s.role is not Role.SUMMARY]
        for number, step in enumerate(stages, start=1):
            try:
                self._stage(step)
            except Halt as halt:
                self._inform(halt.blocker, [s for s in stages[number:] if s.independent])
                raise

    def _inform(self, blocker: Blocker, independent: Sequence[Step]) -> None:
        """Run the stages that depend on nothing that failed; they change no verdict."""
        if not independent or blocker.kind not in _RECALLED - {"preflight"}:
            return
        self._block(blocker)
        self._informing = True
        for step in independent:
            try:
                self._stage(step)
            except Halt as halt:
                text = f"{step.id}, for information only: {halt.blocker.reason}"
                self.recorder.emit(events.Noted(text=text))
                if halt.blocker.kind in {"guard", "stopped"}:
                    return

    def _waive(self, waived: events.Waived | None) -> bool:
        """Record that the run goes on over something, and return whether it does."""
        if waived is None:
            return False
        self.recorder.emit(waived)
        if waived.kind == "check":
            self._sentry.excused |= _SAME_LIMIT.get(waived.id, frozenset())
        return True

    def _follows(self, step: Step) -> bool:
        """Whether another stage with a process of its own comes after this one."""
        stages = [s for s in self.plan.stages if s.role is not Role.SUMMARY]
        return step in stages[:-1]

    def _perform(self, step: Step, resolved: environment.Resolved) -> StageOutcome:
        """Run the program of a stage to its end."""
        return self._runner().run(step, resolved)

    def _runner(self) -> StageRunner:
        return StageRunner(
            self.recorder,
            self.interrupts,
            self.clock,
            self.token,
            self.grace_s,
            self._sampling_s,
            self.settings,
            self._expected,
            self._look,
            information_only=self._informing,
        )

    def _stage(self, step: Step) -> None:
        self._heed()
        resolved = self._resolve(step)
        collector = COLLECTORS.get(step.role)
        path = collector.locate(resolved.argv, self.root) if collector else None
        existed = path is not None and path.exists()
        started = self.clock.now().timestamp()
        console = Console(step, resolved, self.root, self.recorder.bundle, self.recorder.emit)
        self._look = console.look
        reused = self._take_over(step, resolved, path)
        if reused is not None:
            outcome, started = reused.outcome, reused.started
        else:
            outcome = self._perform(step, resolved)
        console.look()
        console.close()
        self._sentry.no_links(step.id)
        self._write_step(step, "exit.json", outcome, "how the stage ended")
        self._heed(step)
        collected: Collected | None = None
        weighed = Weighed()
        # A failed stage that left no result has said all it can; one that did may tell why.
        if collector is not None and not (outcome.failure and (path is None or not path.exists())):
            request = Request(
                step=step,
                argv=resolved.argv,
                bundle=self.recorder.bundle,
                log=resolved.log,
                started=started,
                c_binary_sha256=self._facts.get("c_binary_sha256", ""),
                golden_sha256=self._facts.get("golden_sha256", ""),
                existed_before=existed,
            )
            collected = self._collect(collector, request, path)
            self.recorder.emit(events.ResultsCollected(collected=collected))
            weighed = self._scales.weigh(step, collected, self._facts)
        self._sentry.check(f"after {step.id}", another=self._follows(step))
        said = [r for r in console.problems if not self._waive(self.waivers.reading(r))]
        if self.settings.console_findings != "block":
            said = []
        blocker = judge(outcome, collected, said, weighed.gates, weighed.blocker)
        if blocker is not None:
            raise Halt(blocker)
        if collected is not None:
            self._same_experiment(step, collected)

    @property
    def _scales(self) -> Scales:
        return Scales(self.root, self.settings.reports, self.plan, self.waivers, self.recorder)

    def _take_over(
        self, step: Step, resolved: environment.Resolved, path: Path | None
    ) -> reuse.Reused | None:
        """Take a stage over from the run that is resumed, if nothing of it has changed."""
        if self.earlier is None:
            return None
        bundle = self.recorder.bundle
        why = reuse.differs(
            self.earlier, step, env_sha256=reuse.environment_digest(resolved, bundle),
            inputs=resolved.inputs, facts=self._facts,
        )  # fmt: skip
        folder = None
        if path is not None and path.is_relative_to(bundle):
            folder = path.parent.relative_to(bundle)
        reused = reuse.take_over(self.earlier, step, bundle, folder) if why is None else None
        stamp = self.earlier.bundle.name
        if reused is None:
            text = f"{step.id} runs again: {why or 'its files are not intact'} (in {stamp})"
            self.recorder.emit(events.Noted(text=text))
            # What follows may build on what is made anew.
            self.earlier = None
            return None
        self._runner().announce_reused(step, resolved, reused, stamp)
        text = (
            f"{step.id} was not run again: its results of {stamp} were taken over (same plan, "
            "commit, inputs and environment)"
        )
        self.recorder.emit(events.Noted(text=text))
        return reused

    def _resolve(self, step: Step) -> environment.Resolved:
        try:
            resolved = environment.resolve_step(
                self.plan,
                step,
                self.env,
                root=self.root,
                bundle=self.recorder.bundle,
                token=self.token,
            )
            resolved = replace(resolved, inputs=self._inputs(resolved))
        except PlanError as error:
            raise Halt(
                Blocker(kind="stage", where=step.id, reason=str(error), fix=error.fix or "")
            ) from error
        record = {
            "schema": 1,
            "argv": resolved.argv,
            "cwd": str(resolved.cwd),
            "environment_added": redacted(resolved.delta),
            "timeout_s": step.timeout_s,
            "log": str(resolved.log.relative_to(self.recorder.bundle)),
            "inputs": resolved.inputs,
            "memo_says": step.memo_text,
            "memo_lines": [step.lines.first, step.lines.last],
        }
        self._write_step(step, "command.json", record, "the command as run")
        return resolved

    def _inputs(self, resolved: environment.Resolved) -> dict[str, str]:
        """Return the files that the command line names, with their hashes."""
        named = dict.fromkeys(resolved.argv)
        paths = {w: resolved.cwd / w for w in named if not w.startswith("-") and "\n" not in w}
        return {
            word: self._sentry.hashes.of(path)
            for word, path in paths.items()
            if len(word) < _LONGEST_NAME and path.is_file()
            and not path.is_relative_to(self.recorder.bundle)
        }  # fmt: skip

    def _collect(self, collector: Collector, request: Request, path: Path | None) -> Collected:
        if path is None:
            problem = "the command line does not say where its results go"
            return Collected(step_id=request.step.id, problems=(problem,))
        collected = collector.read(request, path)
        if path.is_file():
            collected = msgspec.structs.replace(collected, result_sha256=sha256_file(path))
        if request.step.role is not Role.COMPARE or not collected.metrics:
            return collected
        derived = rederive(request.step.id, path, request.bundle)
        self._rederived.append(derived)
        self._note_golden(request, derived.image_sha256.get("c"))
        return msgspec.structs.replace(collected, problems=(*collected.problems, *derived.problems))

    def _note_golden(self, request: Request, c_image: str | None) -> None:
        """Say whether the C program's image is the golden one; of another experiment, if it is."""
        if not c_image or not request.golden_sha256:
            return
        same = c_image == request.golden_sha256
        if same or Role.COMPARE not in self._speaking:
            word = "is" if same else "is not"
            golden = f"{self.plan.golden_image}, bit for bit"
            text = f"{request.step.id}: the C program's image {word} {golden}"
            self.recorder.emit(events.Noted(text=text))

    def _same_experiment(self, step: Step, collected: Collected) -> None:
        if step.role not in SPEAKING:
            return
        if step.role in self._speaking:
            main = self._speaking[step.role].parameter_hash
            if collected.parameter_hash != main:
                text = (
                    f"{step.id} measures another experiment than the first {step.role.value}, as "
                    f"its memo wants (parameters {collected.parameter_hash})"
                )
                self.recorder.emit(events.Noted(text=text))
            return
        self._speaking[step.role] = collected
        agreement = same_experiment(tuple(self._speaking.values()))
        if agreement is None:
            return
        self.recorder.emit(
            events.GuardChecked(
                guard="same-experiment",
                ok=agreement.ok,
                found=agreement.found,
                expected=agreement.expected,
                when=f"after {step.id}",
            )
        )
        if not agreement.ok:
            raise other_experiment(step.id, agreement)

    def _summarise(self) -> None:
        step = next((s for s in self.plan.stages if s.role is Role.SUMMARY), None)
        started, begin = iso_ms(self.clock.now()), self._seconds()
        if step is not None:
            self.recorder.emit(events.StageStarted(step_id=step.id, title=step.title, pid=None))
        facts = facts_of(
            self.recorder.state,
            self.plan,
            self.clock,
            wall_s=self._seconds(),
            verdict=Verdict.CLEARED,
        )
        closing.write_summary(self.recorder, facts)
        if step is not None:
            outcome = StageOutcome(
                step_id=step.id,
                role=step.role,
                title=step.title,
                argv=(),
                cwd=str(self.root),
                log="",
                started=started,
                wall_s=round(self._seconds() - begin, 3),
                exit_code=0,
            )
            self.recorder.emit(events.StageEnded(outcome=outcome))

    def _keep_records(self) -> None:
        if self._sampling_s:
            spent = sum(self._sampling_s) * 1e3
            text = f"sampling CPU and memory took {spent:.0f} ms of one core in all"
            self.recorder.emit(events.Noted(text=text))
        derived = {"schema": 1, "stages": self._rederived}
        self.recorder.publish("rederived.json", dump_json(derived), "metrics from the images")
        planned = environment.planned(self.plan, None, self.env)
        shown = {*environment.passed_on(self.env), *planned}
        safe = frozenset(n for n in shown if not is_secret(n, self.env.get(n, "")))
        record = {
            "schema": 1,
            "provenance": self._facts,
            "held_back": environment.held_back(self.env),
            **provenance.environment_record(self.env, safe),
        }
        self.recorder.publish(
            "environment.json", dump_json(record), "environment and versions", mode=0o600
        )

    def _write_step(self, step: Step, name: str, record: object, what: str) -> None:
        self.recorder.publish(f"stages/{step.id}/{name}", dump_json(record), what)

    def _heed(self, step: Step | None = None) -> None:
        """Stop here when somebody asked for it."""
        asked = self.interrupts.requested
        if asked is None:
            return
        if not self.interrupts.announced:
            self.recorder.emit(events.CancelRequested(by=asked))
            self.interrupts.announced = True
        raise Halt(
            Blocker(
                kind="stopped",
                where=step.id if step else "between stages",
                reason=f"the run was asked to stop ({asked})",
                fix="start a new run when ready",
            ),
            Verdict.CANCELLED if asked == "SIGINT" else Verdict.INTERRUPTED,
            ExitCode.INTERRUPTED,
        )

    def _seconds(self) -> float:
        return (self.clock.mono_ns() - self._begin) / 1e9
