"""Events in plain words: what ``--batch`` prints and every event line shows."""

import shlex

from nbtui.evidence.records import GateResult, verdict_words
from nbtui.evidence.text import figure
from nbtui.preflight.model import CheckResult
from nbtui.run import events as ev


def describe(event: ev.AnyEvent) -> str:
    """Return the event in one plain line: what ``--batch`` prints and the event line shows."""
    match event:
        case ev.RunStarted(stamp=stamp, bundle=bundle):
            after = f", attempt {event.attempt}, follows {event.follows}" if event.follows else ""
            return f"run {stamp} started in {bundle}{after}"
        case ev.DeviationNoted(step_id=step_id, deviation=d):
            return f"deviation [{step_id}] memo: {d.memo_says} | runs: {d.runs} | {d.why}"
        case ev.CheckDone(result=r):
            fix = f" | fix: {r.fix}" if r.fix and r.status != "ok" else ""
            return f"check {r.status.upper():5} {r.title}: {r.found}{_expected(r)}{fix}"
        case ev.PreflightEnded(blocked=blocked, warned=warned):
            return f"preflight ended: {blocked} blocking, {warned} warnings"
        case ev.StageStarted():
            return _describe_start(event)
        case ev.Sampled(step_id=step_id, elapsed_s=s, cpu_percent=cpu, rss_bytes=rss):
            return f"stage {step_id} {s:.1f} s, CPU {cpu:.0f} %, RSS {rss / 1e6:.0f} MB"
        case ev.StageSignalled(step_id=step_id, signal=signal, reason=reason):
            return f"stage {step_id} was sent {signal}: {reason}"
        case ev.StageEnded(outcome=o):
            end = f"failed: {o.failure}" if o.failure else "ended well"
            return (
                f"stage {o.step_id} {end} ({o.wall_s:.1f} s, peak {o.peak_rss_bytes / 1e6:.0f} MB)"
            )
        case ev.ResultsCollected(collected=c):
            if c.problems:
                return f"results of {c.step_id} cannot be believed: {'; '.join(c.problems)}"
            return f"results of {c.step_id}: {len(c.metrics)} figures"
        case ev.GateHeld(result=r):
            return describe_gate(r)
        case _:
            return _describe_rest(event)


def _describe_rest(event: ev.AnyEvent) -> str:
    match event:
        case ev.ProvenanceTaken(facts=facts):
            return f"provenance taken: commit {facts.get('git_sha', 'none')}, {len(facts)} facts"
        case ev.ConsoleRead(side=side, name=name, value=value, problem=problem, source=source):
            said = f"{source} ({side}) says {name} {value}"
            return f"{said}: {problem}" if problem else said
        case ev.StreamsTold():
            return _describe_streams(event)
        case ev.GuardChecked(guard=guard, ok=ok, found=found, when=when):
            return f"guard {guard} {'holds' if ok else 'BROKEN'} ({when}): {found}"
        case ev.Attested(attestation=a):
            return f"{a.by} attests {a.step_id} {'done' if a.done else 'NOT DONE'}: {a.note}"
        case ev.Answered(answer=a):
            return f"{a.by} answers {a.step_id} ({a.question}): {a.answer}"
        case ev.Asked(step_id=step_id, what=what, text=text):
            return f"waiting for the operator [{step_id}], {what}: {text}"
        case ev.Noted(text=text):
            return text
        case ev.CancelRequested(by=by):
            return f"cancel requested by {by}"
        case ev.Blocked(blocker=b):
            return f"BLOCKED at {b.where}: {b.reason}"
        case ev.FileWritten(path=path, what=what):
            return f"wrote {path} ({what})"
        case _:
            return _describe_decision(event)


def _describe_decision(event: ev.AnyEvent) -> str:
    match event:
        case ev.RunEnded(verdict=verdict, wall_s=wall):
            return f"verdict {verdict_words(verdict, waived=event.waived)} after {wall:.1f} s"
        case ev.SignedOff(sign_off=s, signature=signature):
            return f"{s.by} signed off at {s.at} ({signature}): {s.reason}"
        case ev.Waived(by=by, reason=reason, was=was, now=now):
            return f"WAIVED by {by}: {was}; goes on with {now} (reason: {reason})"
        case ev.Recalled(lines=lines):
            return "; ".join(lines)
        case ev.Explained(explanation=e):
            said = (e.sentence, *e.earlier, *e.known)
            return f"diagnosis: {' | '.join(text for text in said if text)}"
        case _:
            return type(event).__name__


def _describe_start(event: ev.StageStarted) -> str:
    if event.reused_from:
        return f"stage {event.step_id} is taken over from {event.reused_from}"
    words = f": {shlex.join(event.argv)}" if event.argv else ""
    only = " for information only" if event.information_only else ""
    return f"stage {event.step_id} started{only}{words}"


def _describe_streams(event: ev.StreamsTold) -> str:
    if event.why_not:
        return f"stdout and stderr of {event.step_id} are not told apart: {event.why_not}"
    said = ", ".join(f"{s.end - s.start} bytes {s.stream.value}" for s in event.spans[:3])
    more = f" and {len(event.spans) - 3} more" if len(event.spans) > 3 else ""
    return f"the log of {event.step_id} goes on with {said}{more}"


def describe_gate(result: GateResult) -> str:
    """Return a gate result in one line: value, comparison, threshold, source."""
    gate = result.gate
    word = "PASS" if result.passed else ("FAIL" if gate.binding else "NOTE")
    word = f"WAIVED by {result.waived_by}" if result.waived_by else word
    return (
        f"gate {word} [{result.step_id}] {gate.metric} {figure(result.value)} "
        f"{gate.comparison.value} {gate.threshold:.10g} (source {gate.source})"
    )


def _expected(result: CheckResult) -> str:
    return "" if result.status == "ok" else f" (expected {result.expected}; {result.source})"
