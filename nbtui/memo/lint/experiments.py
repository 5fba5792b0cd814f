"""Rules about what is simulated: the same experiment in every stage, golden data safe."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from nbtui.memo.cases import grouped, identify, load
from nbtui.memo.lint.finding import Finding, Scope
from nbtui.memo.plan import Role, Step
from nbtui.memo.programs import is_golden, is_own_tool, option, outputs

CANONICAL = "high_resolution_4096"
"""The case that ``nb-benchmark`` runs when it is given no arguments."""

_BREAKING = (
    "-misset", "-mat", "-hkl", "-detector_rot", "-twotheta", "-Xbeam", "-Ybeam", "-Xclose",
    "-Yclose", "-ORGX", "-ORGY", "-phi", "-osc", "-img", "-sourcefile",
)  # fmt: skip
"""Arguments that (as far as arguments can tell) break the symmetry under transposition."""


def check_golden_outputs(scope: Scope) -> Iterator[Finding]:
    """Report golden files named as outputs."""
    for step in scope.plan.stages:
        argv = step.command.argv if step.command else ()
        for flag, path in outputs(argv):
            if not is_golden(path):
                continue
            line = step.lines.first
            if is_own_tool(argv) and "--" in argv:
                text = f"{flag} names a golden file as output: {path}; {argv[0]} leaves it out"
                yield scope.warn("golden-output", line, text, f"remove {flag} {path}")
            else:
                text = f"{flag} would overwrite the golden file {path}"
                fix = f"write below $OUTDIR: {flag} $OUTDIR/image.bin"
                yield scope.block("golden-output", line, text, fix)


def check_device(scope: Scope) -> Iterator[Finding]:
    """Report a stage on CUDA where a pitfall keeps the gate on the CPU."""
    guard = next((g for g in scope.plan.guards if g.id == "no-cuda"), None)
    if guard is None:
        return
    for step in scope.plan.stages:
        device = option(step.command.argv, "--device") if step.command else None
        if device is not None and device.startswith("cuda"):
            text = f"--device {device}, but {guard.source} keeps the gate on the CPU"
            yield scope.block("cuda", step.lines.first, text, "--device cpu")


def check_full_frame(scope: Scope) -> Iterator[Finding]:
    """Report a comparison of a region where the table's thresholds, for the full frame, bind.

    The figures do not show it: 16 x 16 pixels may meet what 4096 x 4096 do not.
    """
    strategy = scope.settings.strategy
    for step in scope.plan.stages:
        if step.role is not Role.COMPARE or step.command is None:
            continue
        bound = [g for g in scope.plan.gates if g.binding and g.applies_to(step)]
        from_table = any(f"{strategy}:" in f"{g.source} {' '.join(g.overrides)}" for g in bound)
        if from_table and option(step.command.argv, "--roi") is not None:
            text = f"--roi, but the thresholds of {strategy} are for the full frame"
            yield scope.block("partial-frame", step.lines.first, text, "remove --roi")


def check_port(scope: Scope) -> Iterator[Finding]:
    """Report a comparison of another port than the one that is timed and tested here."""
    for step in scope.plan.stages:
        argv = step.command.argv if step.command else ()
        port = option(argv, "--py-bin") if step.role is Role.COMPARE else None
        if port is not None and is_own_tool(argv):
            text = f"--py-bin {port}: the comparison says nothing about this checkout's engine"
            yield scope.warn("other-port", step.lines.first, text, "remove --py-bin")


def check_same_experiment(scope: Scope) -> Iterator[Finding]:
    """Report a benchmark of another experiment than the one compared."""
    compared = [s for s in scope.plan.stages if s.role is Role.COMPARE and s.experiment]
    for step in scope.plan.stages:
        if step.role is not Role.BENCHMARK or not compared:
            continue
        line = step.lines.first
        if step.experiment is not None:
            yield from _explicit(scope, step, compared)
        elif not is_own_tool(step.command.argv if step.command else ()):
            text = "the benchmark names no experiment: it may simulate another than is compared"
            fix = "name its nanoBragg arguments in the memo"
            yield scope.warn("experiment-unknown", line, text, fix)
        elif (cases := load(scope.root)) and not any(
            identify(s.experiment, cases) == CANONICAL for s in compared
        ):
            text = f"the benchmark runs {CANONICAL}; no comparison does"
            fix = "give the benchmark the comparison's arguments after --"
            yield scope.warn("experiments-differ", line, text, fix)


def _explicit(scope: Scope, step: Step, compared: Sequence[Step]) -> Iterator[Finding]:
    own = _without_size(step.experiment or ())
    if any(_without_size(c.experiment or ()) == own for c in compared):
        return
    other = compared[0]
    left, right = own, _without_size(other.experiment or ())
    text = (
        f"benchmark and comparison (line {other.lines.first}) simulate different experiments: "
        f"{_words(left - right)} here, {_words(right - left)} there"
    )
    fix = "give both the same nanoBragg arguments"
    yield scope.block("experiments-differ", step.lines.first, text, fix)


def _without_size(arguments: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Return arguments by option; the benchmark's ``--sizes`` sets the pixel count itself."""
    return frozenset(g for g in grouped(arguments) if g[0] != "-detpixels")


def _words(groups: frozenset[tuple[str, ...]]) -> str:
    return ", ".join(" ".join(w.removesuffix(".0") for w in g) for g in sorted(groups)) or "nothing"


def check_symmetry(scope: Scope) -> Iterator[Finding]:
    """Report a plan whose every image may equal its own transpose: swapped axes stay unseen."""
    compared = [s for s in scope.plan.stages if s.role is Role.COMPARE and s.experiment]
    if compared and all(_may_be_symmetric(s.experiment or ()) for s in compared):
        yield scope.warn(
            "symmetric-only",
            compared[0].lines.first,
            "every compared image may equal its own transpose: no metric can see swapped axes",
            "compare the case asymmetric_2048x1536 too",
        )


def _may_be_symmetric(arguments: Sequence[str]) -> bool:
    if any(word.startswith(_BREAKING) for word in arguments):
        return False
    pairs = dict(pairwise(arguments))
    for stem in ("-detpixels", "-detsize"):
        fast = pairs.get(f"{stem}_f") or pairs.get(f"{stem}_x")
        slow = pairs.get(f"{stem}_s") or pairs.get(f"{stem}_y")
        if fast != slow:
            return False
    return True
