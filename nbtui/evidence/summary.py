"""The phase summary: criterion, threshold, source, measured, from file, verdict."""

import shlex
from collections.abc import Iterator

from nbtui.evidence.facts import RunFacts, StageFacts
from nbtui.evidence.records import GateResult, verdict_words
from nbtui.evidence.text import cell, figure, one_line, size
from nbtui.memo.plan import Role, StepKind
from nbtui.preflight.model import CheckStatus


def render(facts: RunFacts) -> str:
    """Return the summary as Markdown; every figure names the file it was read from."""
    parts = [
        _title(facts),
        _sign_offs(facts),
        _criteria(facts),
        _figures(facts),
        _provenance(facts),
        _stages(facts),
        _experiments(facts),
        _deviations(facts),
        _remarks(facts),
        _next(facts),
    ]
    return "\n".join(part for part in parts if part)


def _title(facts: RunFacts) -> str:
    waived = bool(facts.waived)
    verdict = verdict_words(facts.verdict, waived=waived) if facts.verdict else "open"
    return (
        f"# {one_line(facts.plan.focus or facts.plan.summary)}: {verdict}\n\n"
        f"STAMP {facts.stamp}, memo {cell(facts.plan.memo_name)} "
        f"(SHA-256 {facts.plan.memo_sha256}), plan {facts.plan.digest()}\n\n"
        f"Attempt {facts.attempt}\n"
    )


def _sign_offs(facts: RunFacts) -> str:
    """Return who signed for what: a waiver is the first thing a reader sees."""
    if not facts.waived:
        return ""
    lines = ["## Cleared with waiver\n"]
    lines += [f"- {one_line(words, 600)}" for words in facts.waived]
    for signed, signature in facts.sign_offs:
        lines.append(
            f"- sign-off of {one_line(signed.by)}, {signed.at}, {signature}, about run "
            f"{signed.stamp} (SHA256SUMS {signed.seal_sha256}): {one_line(signed.reason, 600)}"
        )
    return "\n".join(lines) + "\n"


def _criteria(facts: RunFacts) -> str:
    rows = [
        "## Criteria\n",
        _row("criterion", "threshold", "source", "measured", "from", "verdict"),
    ]
    rows.append(_row(*["---"] * 6))
    for stage in facts.stages:
        for result in stage.gates:
            gate = result.gate
            word = _word(result)
            rows.append(
                _row(
                    f"{stage.step.id}: {gate.metric}",
                    f"{gate.comparison.value} {gate.threshold:.10g}",
                    gate.source,
                    figure(result.value),
                    result.measured_from,
                    word,
                )
            )
        if stage.step.role is Role.PYTEST:
            rows.append(_pytest_row(stage))
    return "\n".join(rows) + "\n"


def _word(result: GateResult) -> str:
    if result.waived_by:
        return f"FAIL, waived by {result.waived_by}"
    if result.passed:
        return "pass"
    return "FAIL" if result.gate.binding else "below (not binding)"


def _pytest_row(stage: StageFacts) -> str:
    passed = stage.value("tests_passed")
    source = next((m.source for m in stage.collected.metrics), "") if stage.collected else ""
    return _row(
        f"{stage.step.id}: mapped tests",
        "all executed and passed",
        "memo: Mapped tests",
        f"{0 if passed is None else int(passed)} passed",
        source,
        "pass" if stage.passed else "FAIL",
    )


_WANTED = (
    (Role.COMPARE, "relative_l2", "relative L2 distance"),
    (Role.COMPARE, "digits", "digits that agree (-log10 of it)"),
    (Role.COMPARE, "correlation", "correlation"),
    (Role.COMPARE, "sum_ratio", "sum_ratio (PyTorch / C)"),
    (Role.COMPARE, "rmse", "rmse (RMSE)"),
    (Role.COMPARE, "max_abs_diff", "largest difference"),
    (Role.BENCHMARK, "c_s", "C program, start to end"),
    (Role.BENCHMARK, "py_cold_s", "PyTorch, cold: a fresh process, start to end"),
    (Role.BENCHMARK, "py_warm_s", "PyTorch, warm: simulate() in a live process"),
    (Role.BENCHMARK, "speedup_warm", "speed-up, warm (C time / PyTorch time)"),
    (Role.BENCHMARK, "speedup_cold", "speed-up, cold (C time / PyTorch time)"),
)


def _figures(facts: RunFacts) -> str:
    rows = ["## Figures\n", _row("figure", "stage", "value", "from"), _row(*["---"] * 4)]
    for role, name, title in _WANTED:
        for stage in facts.stages:
            if stage.step.role is not role or stage.collected is None:
                continue
            for metric in stage.collected.metrics:
                if metric.name != name:
                    continue
                note = f" ({metric.note})" if metric.note else ""
                unit = f" {metric.unit}" if metric.unit else ""
                value = f"{figure(metric.value)}{unit}{note}"
                rows.append(_row(title, stage.step.id, value, metric.source))
    return "\n".join(rows) + "\n" if len(rows) > 3 else ""


def _provenance(facts: RunFacts) -> str:
    known = facts.provenance
    rows = ["## Provenance\n", _row("what", "value"), _row("---", "---")]
    rows += [_row(title, known[key]) for key, title in PROVENANCE if known.get(key)]
    return "\n".join(rows) + "\n"


PROVENANCE = (
    ("git_sha", "git SHA"),
    ("git_branch", "branch"),
    ("git_dirty", "changed files"),
    ("golden", "golden image"),
    ("golden_sha256", "golden image SHA-256"),
    ("c_binary", "C program"),
    ("c_binary_sha256", "C program SHA-256"),
    ("python", "Python"),
    ("python_executable", "interpreter"),
    ("version_torch", "torch"),
    ("version_numpy", "numpy"),
    ("version_pytest", "pytest"),
    ("version_nbtui", "nbtui"),
    ("host", "host"),
    ("system", "system"),
    ("cpu", "CPU"),
    ("cpu_count", "cores"),
    ("load_1m", "load before"),
)


def _stages(facts: RunFacts) -> str:
    heads = ("stage", "verdict", "wall", "CPU", "peak RSS", "exit", "parameters", "log")
    rows = ["## Stages\n", _row(*heads), _row(*["---"] * len(heads))]
    rows += [_stage_row(stage) for stage in facts.stages if stage.outcome is not None]
    rows.append(
        "\nPeak RSS is the largest process of the stage (`wait4`). The exact commands are in "
        "`stages/*/command.json`.\n"
    )
    return "\n".join(rows)


def _stage_row(stage: StageFacts) -> str:
    outcome = stage.outcome
    if outcome is None:
        return ""
    hashed = stage.collected.parameter_hash if stage.collected else None
    own = not outcome.argv
    return _row(
        stage.step.id,
        _stage_word(stage),
        f"{outcome.wall_s:.2f} s",
        "" if own else f"{outcome.cpu_s:.2f} s",
        "" if own else size(outcome.peak_rss_bytes),
        "" if own else str(outcome.signal or outcome.exit_code),
        (hashed or "")[:16],
        outcome.log,
    )


def _stage_word(stage: StageFacts) -> str:
    word = "pass" if stage.passed else "FAIL"
    if any(g.waived_by for g in stage.gates):
        word = f"{word}, with waiver"
    return f"{word}, reused from {stage.reused_from}" if stage.reused_from else word


def _experiments(facts: RunFacts) -> str:
    hashes = [
        (s.step.id, s.collected.parameter_hash)
        for s in facts.stages
        if s.collected is not None and s.collected.parameter_hash
    ]
    if not hashes:
        return ""
    main = hashes[0][1]
    lines = ["## Experiments\n"]
    for step_id, found in hashes:
        same = "the plan's experiment" if found == main else "another experiment, of its own"
        lines.append(f"- {step_id}: `{found}` ({same})")
    return "\n".join(lines) + "\n"


def _deviations(facts: RunFacts) -> str:
    lines = ["## Deviations from the memo\n"]
    for step_id, deviation in facts.deviations:
        lines.append(
            f"- {step_id}: memo says `{one_line(deviation.memo_says)}`, runs "
            f"`{one_line(deviation.runs)}`: {one_line(deviation.why)}"
        )
    if not facts.deviations:
        lines.append("None: what ran is what the memo says.")
    return "\n".join(lines) + "\n"


def _remarks(facts: RunFacts) -> str:
    lines = list(_remark_lines(facts))
    return "## Warnings and remarks\n\n" + "\n".join(lines or ["None."]) + "\n"


def _remark_lines(facts: RunFacts) -> Iterator[str]:
    for check in facts.checks:
        if check.status is CheckStatus.WARN:
            yield f"- preflight {check.id}: {one_line(check.found)} (expected {check.expected})"
    for gate in facts.plan.gates:
        for looser in gate.overrides:
            yield (
                f"- {gate.metric} {gate.comparison.value} {gate.threshold:.10g} ({gate.source}) "
                f"holds; also set, and not stricter: {looser}"
            )
    yield from (f"- {one_line(note)}" for note in facts.notes)
    attested = {said.step_id for _, said in facts.attestations}
    for t, said in facts.attestations:
        word = "done" if said.done else "not done"
        whose = f"{said.by} ({said.initials})" if said.initials else said.by
        yield f"- {one_line(whose)} attests {said.step_id} {word} at {t}: {one_line(said.note)}"
    for step in facts.plan.steps:
        if step.kind is StepKind.MANUAL and step.id not in attested:
            yield f"- for a person to attest: {one_line(step.title)} (memo line {step.lines.first})"


def _next(facts: RunFacts) -> str:
    if facts.blocker is not None:
        return "## Next action\n\nSee blockers.md: a decision of the supervisor is needed.\n"
    how = ", by waiver only" if facts.waived else ""
    return (
        "## Next action\n\n"
        f"The gate is clear{how}. Archive this folder, enter the run in the ledger "
        "(`nbtui ledger --patch`: the commit then vouches for the hash of `SHA256SUMS`), and "
        "leave the folder out of version control.\n\n"
        f"Check it at any time: `nbtui verify {facts.stamp}`, or, without nbtui, "
        f"`python3 {shlex.quote(str(facts.bundle / 'verify.py'))}`\n"
    )


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell(c) for c in cells) + " |"
