"""``blockers.md``: everything the supervisor needs to decide, on one screen."""

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from nbtui.evidence import last_lines
from nbtui.evidence.console import SIDES, STRUCTURE_FACTORS
from nbtui.evidence.facts import RunFacts, StageFacts
from nbtui.evidence.records import GateResult
from nbtui.evidence.streams import Told
from nbtui.evidence.text import fenced, figure, one_line, printable, size
from nbtui.memo.paste import is_pasteable
from nbtui.memo.plan import Plan, Role, resolve
from nbtui.preflight.model import CheckStatus

_WIDTH = 10
WAIVABLE = frozenset({"preflight", "console", "gate", "unmoved"})
"""Kinds of reasons that a named person may sign to go on over."""
NOT_TAKEN = "unknown: the run ended before it was looked at"


def render(facts: RunFacts) -> str:
    """Return the blocker report as Markdown."""
    stage = facts.failing
    fields = [*_reason(facts), *_attempt(facts, stage), *_world(facts), *_past(facts)]
    block = "\n".join(f"{name:{_WIDTH}} : {printable(value)}" for name, value in fields)
    parts = [_title(facts, stage), fenced(block)]
    if facts.blocking_checks():
        parts.append(_checks(facts))
    if stage is not None and stage.log:
        # Where a figure blocks, what a program said aside explains nothing.
        own = facts.blocker is not None and facts.blocker.kind == "stage"
        told = stage.streams if own else Told()
        parts.append(last_lines.render(facts.bundle, stage.log, told))
    parts.append(_decision(facts))
    return "\n".join(parts)


def _title(facts: RunFacts, stage: StageFacts | None) -> str:
    item = one_line(facts.plan.focus or facts.plan.summary, 120)
    verdict = facts.verdict.value.upper() if facts.verdict else "BLOCKED"
    if stage is None:
        where = "preflight, nothing was run"
    else:
        stages = facts.plan.stages
        number = next((i for i, s in enumerate(stages, 1) if s.id == stage.step.id), 0)
        where = f"stage {number}/{len(stages)} {stage.step.id}"
    return f"# {verdict}: {item} - {where} - {facts.at}\n"


def _reason(facts: RunFacts) -> Iterator[tuple[str, str]]:
    blocker = facts.blocker
    if blocker is None:
        yield "Reason", "unknown: the journal ends without one"
        return
    yield "Reason", f"{blocker.kind}  {one_line(blocker.reason)}"
    for name, value in (
        ("Found", blocker.found), ("Expected", blocker.expected), ("Source", blocker.source),
        ("Fix", blocker.fix),
    ):  # fmt: skip
        if value:
            yield name, one_line(value)
    yield from _explanation(facts)


def _explanation(facts: RunFacts) -> Iterator[tuple[str, str]]:
    """Yield what the diagnosis found."""
    known = facts.explanation
    if known is None:
        return
    if known.sentence:
        yield "Diagnosis", one_line(known.sentence, 600)
    if known.command:
        yield "Confirm", one_line(known.command, 2000)
    if known.sentence and not known.explained:
        yield "Go on", f"nbtui diagnose {facts.stamp} asks both programs too, and traces them"
    for text in known.known:
        yield "Known", one_line(text)


def _attempt(facts: RunFacts, stage: StageFacts | None) -> Iterator[tuple[str, str]]:
    if stage is None:
        yield "Ran before", "nothing"
        yield "Not run", ", ".join(s.step.id for s in facts.stages) or "nothing"
        return
    yield "Exit", _exit(stage)
    yield "Command", shlex.join(stage.argv) or "none: nbtui does this step itself"
    yield "Directory", stage.cwd or str(facts.root)
    yield (
        "Memo said",
        f"{one_line(stage.step.memo_text)} ({facts.plan.memo_name}:{stage.step.lines.first})",
    )
    deviations = [f"{one_line(d.runs)} ({one_line(d.why)})" for d in stage.step.deviations]
    yield "Deviation", "; ".join(deviations) or "none"
    before = [
        _passed(s) for s in facts.stages
        if s.passed and s.step.id != stage.step.id and not s.information_only
    ]  # fmt: skip
    yield "Ran before", ", ".join(before) or "nothing"
    yield "Not run", ", ".join(s.step.id for s in facts.stages if not s.started) or "nothing"
    if after := _after(facts):
        yield "Ran after", f"{after} (information only: they change no verdict)"
    yield from _gates(stage)
    for problem in stage.collected.problems if stage.collected else ():
        yield "Result", one_line(problem)
    yield from _artifacts(facts, stage)


def _past(facts: RunFacts) -> Iterator[tuple[str, str]]:
    yield "Attempt", facts.attempt or "unknown"
    figures = facts.explanation.earlier if facts.explanation else ()
    for line in (*facts.recalled, *figures):
        yield "Seen before", one_line(line)
    for words in facts.waived:
        yield "Waived", one_line(words)


def _after(facts: RunFacts) -> str:
    """Return what ran after the block, for information only."""
    return ", ".join(
        _passed(stage) if stage.passed else f"{stage.step.id} FAIL"
        for stage in facts.stages
        if stage.information_only
    )


def _gates(stage: StageFacts) -> Iterator[tuple[str, str]]:
    missed = [r for r in stage.gates if not r.passed]
    for result in missed:
        if result.value is not None:
            yield "Gate", _gate(result)
    undefined = [r.gate.metric for r in missed if r.value is None]
    if undefined:
        yield "Gate", f"undefined, so none of them holds: {', '.join(undefined)}"


def _gate(result: GateResult) -> str:
    gate = result.gate
    return (
        f"{gate.metric} {figure(result.value)}, wanted {gate.comparison.value} "
        f"{gate.threshold:.10g} (source {gate.source}; measured from "
        f"{result.measured_from or 'nothing'})"
    )


def _exit(stage: StageFacts) -> str:
    outcome = stage.outcome
    if outcome is None:
        return "unknown: its end was not recorded"
    how = f"signal {outcome.signal}" if outcome.signal else f"exit code {outcome.exit_code}"
    if outcome.exit_code is None and outcome.signal is None:
        how = "never started"
    late = ", deadline passed" if outcome.timed_out else ""
    left = f", left running: {'; '.join(outcome.leftovers)}" if outcome.leftovers else ""
    return (
        f"{how}{late} after {outcome.wall_s:.1f} s, peak RSS {size(outcome.peak_rss_bytes)}, "
        f"limit {stage.timeout_s:g} s{left}"
    )


def _passed(stage: StageFacts) -> str:
    value = stage.value("correlation")
    return f"{stage.step.id} PASS" + ("" if value is None else f" (correlation {figure(value)})")


def _artifacts(facts: RunFacts, stage: StageFacts) -> Iterator[tuple[str, str]]:
    expected = [resolve(a, {"OUTDIR": str(facts.bundle)}) for a in stage.step.artifacts]
    missing = [a for a in expected if not _there(facts.bundle / a)]
    yield (
        "Artifacts",
        (
            f"expected {len(expected)}, present {len(expected) - len(missing)}, "
            f"missing: {', '.join(_short(facts, a) for a in missing) or 'none'}"
        ),
    )


def _there(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _short(facts: RunFacts, path: str) -> str:
    return path.removeprefix(f"{facts.bundle}/")


def _world(facts: RunFacts) -> Iterator[tuple[str, str]]:
    known = facts.provenance
    yield from _inputs(facts)
    yield "Variables", "; ".join(_variables(facts.plan, known)) or "none demanded"
    yield "Versions", ", ".join(_versions(known)) or NOT_TAKEN
    for check in facts.checks:
        if check.id == "engine-source":
            yield "Engine", one_line(check.found)
    yield "Python", known.get("python_executable", NOT_TAKEN)
    yield "Host", _host(known) if "host" in known else NOT_TAKEN
    yield "Git", _git(facts)


def _versions(known: dict[str, str]) -> Iterator[str]:
    for key, title in (
        ("python", "Python"), ("version_torch", "torch"), ("version_numpy", "numpy"),
        ("version_pytest", "pytest"), ("version_nbtui", "nbtui"),
    ):  # fmt: skip
        if key in known:
            yield f"{title} {known[key]}"


def _host(known: dict[str, str]) -> str:
    return (
        f"{known['host']}, {known.get('cpu', '?')}, {known.get('cpu_count', '?')} cores, "
        f"memory available {size(float(known.get('memory_available_bytes', 0)))} "
        f"of {size(float(known.get('memory_total_bytes', 0)))}"
    )


def _inputs(facts: RunFacts) -> Iterator[tuple[str, str]]:
    known = facts.provenance
    program = known.get("c_binary", "not named")
    built = f", built {_utc(known['c_binary_mtime'])}" if "c_binary_mtime" in known else ""
    yield "Inputs", f"C program {program} {_digest(known, 'c_binary')}{built}"
    if facts.plan.golden_image:
        published = any(c.id == "golden" and c.status is CheckStatus.OK for c in facts.checks)
        same = ", as published" if published else ""
        yield "", f"golden {facts.plan.golden_image} {_digest(known, 'golden')}{same}"
    stage = facts.failing
    for name, digest in sorted((stage.inputs if stage else {}).items()):
        yield "", f"{name} {digest}"
    yield "Hidden", "; ".join(_hidden(facts)) or "not looked for"
    yield from _effective(facts)
    for check in facts.checks:
        if check.status is CheckStatus.WARN:
            yield "Warning", f"{check.title}: {one_line(check.found)}"
    for guard in facts.guards:
        if not guard.ok:
            yield "Guard", f"{guard.guard} ({guard.when}): {guard.found}; expected {guard.expected}"


def _utc(seconds: str) -> str:
    moment = datetime.fromtimestamp(float(seconds), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _hidden(facts: RunFacts) -> Iterator[str]:
    """Yield the files that a program reads unasked, and who was seen to read one."""
    looked = [c for c in facts.checks if c.id.startswith("hidden-input")]
    yield from (one_line(c.found) for c in looked)
    for guard in facts.guards:
        if guard.guard == "hidden-inputs" and not guard.ok:
            yield f"{one_line(guard.found)} ({guard.when})"
    for stage in facts.stages:
        for read in stage.console:
            if read.name == STRUCTURE_FACTORS:
                named = "" if read.problem else ", as asked"
                yield f"{read.value} READ BY {SIDES[read.side]} ({read.source}){named}"


def _effective(facts: RunFacts) -> Iterator[tuple[str, str]]:
    """Yield what the programs of the failing stage ran with where that is not as it should be."""
    stage = facts.failing
    if stage is None or not stage.console:
        return
    wrong = [c for c in stage.console if c.problem]
    for read in wrong:
        yield "Effective", f"{one_line(read.problem)} ({read.source})"
    if not wrong:
        said = {c.name: c.value for c in stage.console}
        values = ", ".join(f"{name} {value}" for name, value in said.items())
        yield "Effective", f"as asked, on both sides: {values}"


def _digest(known: dict[str, str], name: str) -> str:
    if f"{name}_sha256" in known:
        return f"sha256 {known[f'{name}_sha256']}"
    return f"not hashed ({known.get(f'{name}_error', 'not looked at')})"


def _variables(plan: Plan, known: dict[str, str]) -> Iterator[str]:
    for variable in plan.environment:
        value = known.get(f"env:{variable.name}")
        if variable.value is not None:
            yield f"{variable.name}={variable.value} (set by {variable.source})"
        elif value is not None:
            yield f"{variable.name}={value} (demanded by {variable.source}, set by the shell)"
        else:
            yield f"{variable.name} UNSET (demanded by {variable.source})"


def _git(facts: RunFacts) -> str:
    known = facts.provenance
    if "git_sha" not in known:
        return known.get("git", NOT_TAKEN)
    dirty = [n for n in known.get("git_dirty", "").splitlines() if n]
    untracked = [n for n in known.get("git_untracked", "").splitlines() if n]
    tree = f"{len(dirty)} changed ({', '.join(dirty[:5])})" if dirty else "clean"
    looks = [g for g in facts.guards if g.guard == "tree"]
    if looks and looks[-1].ok:
        tree = f"{tree} before and after"
    elif looks:
        tree = f"{tree} before; after: {looks[-1].found}"
    return (
        f"{known['git_sha']}, branch {known.get('git_branch', '?')} "
        f"(memo expects {facts.plan.branch or 'none'}), {tree}, {len(untracked)} untracked"
    )


def remedy(fix: str) -> str:
    """Return a fix for Markdown: in backticks only what can be pasted into a shell."""
    command, mark, remark = one_line(fix, 4000).partition(" # ")
    if not is_pasteable(command):
        return one_line(fix)
    return f"`{command}` ({remark})" if mark else f"`{command}`"


def _checks(facts: RunFacts) -> str:
    lines = ["## Blocking checks\n"]
    for check in facts.blocking_checks():
        lines += [
            f"- **{one_line(check.title)}** (`{check.id}`)",
            f"  - found: {one_line(check.found)}",
            f"  - expected: {one_line(check.expected)} ({one_line(check.source)})",
            f"  - fix: {remedy(check.fix)}",
        ]
    return "\n".join(lines) + "\n"


def _decision(facts: RunFacts) -> str:
    compared = facts.failing is not None and facts.failing.step.role is Role.COMPARE
    measured = facts.failing is not None and facts.failing.value("c_sum") is not None
    hint = (
        "Look at diff.png and at the parameters of both sides first."
        if compared and measured
        else "Everything the stage said is in attempt_failed.log."
    )
    if facts.nothing_ran:
        hint = "Nothing was run. After the fixes above, start again: it gets a new STAMP."
    waive = "- [ ] waive (name, reason): ..."
    if facts.blocker is not None and facts.blocker.kind in WAIVABLE:
        waive = (
            f'- [ ] waive: `nbtui sign-off {facts.stamp} --as NAME --reason "..."`, then run again'
        )
    return (
        f"## Decision needed from the supervisor\n\n{hint}\n\n"
        "- [ ] retry the same\n- [ ] retry with a change: ...\n"
        f"{waive}\n\n"
        "This tool changed no threshold and no golden data.\n"
    )
