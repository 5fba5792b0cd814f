"""Run the C program and the port with the same arguments and measure how far they agree."""

import dataclasses
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import EngineError
from engine.parity import figures, parameters, runner
from engine.parity.arguments import PreparedArguments, prepare, without_outputs
from engine.parity.errors import (
    ExitCode,
    ImageError,
    ParametersDifferError,
    RunnerError,
)
from engine.parity.images import (
    FLOAT32,
    Image,
    RawImage,
    Roi,
    checked_roi,
    same_shape,
    sha256_file,
)
from engine.parity.metrics import Metrics, compare_images
from engine.parity.parameters import EffectiveParameters
from engine.parity.results import utc_now, write_json

SUMMARY = "summary.json"
DEFAULT_THRESHOLD = 0.999
PEAKS = 50
PEAK_LIMIT_PX = 1.0
_OWN_FILES = (
    SUMMARY, "c_float.bin", "py_float.bin", "py_resampled.bin", "c.png", "py.png", "diff.png",
    "c_stdout.txt", "c_stderr.txt", "py_stdout.txt", "py_stderr.txt",
)  # fmt: skip
_SIDES = ("c", "py")


@dataclass(frozen=True, slots=True)
class Request:
    """One comparison.

    Attributes
    ----------
    args
        Forwarded nanoBragg arguments, as given.
    outdir
        Folder for everything that is written.
    c, py
        The programs.
    folder
        Where relative input paths in ``args`` start.
    roi
        Region to measure, half-open; the full frame when ``None``.
    threshold, threshold_source
        Least correlation, and where it comes from.
    resample
        Whether a port image of another shape is brought onto the C grid.
    timeout_s
        Longest time for each program.
    """

    args: tuple[str, ...]
    outdir: Path
    c: runner.Program
    py: runner.Program
    folder: Path
    roi: Roi | None = None
    threshold: float = DEFAULT_THRESHOLD
    threshold_source: str = "default"
    resample: bool = False
    timeout_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a comparison ended with: the content of ``summary.json`` and the exit code."""

    summary: Mapping[str, object]
    exit_code: ExitCode
    error: str | None = None


def compare(request: Request) -> Result:
    """Run both programs, measure, draw, judge; always leaves ``summary.json``.

    Raises
    ------
    FileError, ImageError
        The output folder cannot be written.
    """
    _clear(request.outdir)
    session = _Session(request)
    error: str | None = None
    try:
        code = session.run()
    except EngineError as failure:
        error, code = str(failure), ExitCode(failure.exit_code)
        session.summary["error"] = error
    session.summary["exit_code"] = int(code)
    session.summary["duration_s"] = round(time.monotonic() - session.started, 3)
    write_json(request.outdir / SUMMARY, session.summary)
    return Result(session.summary, code, error)


def _clear(outdir: Path) -> None:
    """Make the folder, and remove results of an earlier call: none may pass for this one's."""
    try:
        outdir.mkdir(parents=True, exist_ok=True)
        for name in _OWN_FILES:
            (outdir / name).unlink(missing_ok=True)
    except OSError as error:
        raise ImageError(
            f"cannot be used for results ({error.strerror})",
            where=str(outdir),
            fix="give --outdir a folder that can be written",
        ) from error


@dataclass
class _Session:
    """The steps of one comparison; ``summary`` holds whatever is known so far."""

    request: Request
    summary: dict[str, object] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.summary = {
            "schema": 1,
            "tool": "nb-compare",
            "args": without_outputs(self.request.args),
            "shape": None,
            "roi": self.request.roi,
            "parameters": None,
            "metrics": None,
            "peaks": None,
            "gate": None,
            "c": None,
            "py": None,
            "images": None,
            "exit_code": None,
            "started": utc_now(),
            "notes": self.notes,
        }

    def run(self) -> ExitCode:
        prepared = prepare(self.request.args, self.request.folder)
        self.notes += prepared.notes
        for side in _SIDES:
            self._simulate(side, prepared)
        c, py = self._parameters(prepared)
        first, second = self._images(c, py)
        self.summary["shape"] = first.shape
        roi = checked_roi(self.request.roi, first.shape) if self.request.roi else None
        measured = compare_images(first, second, roi)
        self._record(measured, first, second, roi)
        return self._judge(measured)

    def _simulate(self, side: str, prepared: PreparedArguments) -> None:
        outdir = self.request.outdir
        program = self.request.c if side == "c" else self.request.py
        engine = prepared.engine if side == "py" else ()
        image = outdir / f"{side}_float.bin"
        with runner.scratch_folder(outdir) as scratch:
            # Our words come first: -misset_seed and others look at what follows them. The
            # integer image goes to the scratch folder; the others need not be computed.
            argv = [*program.argv, *engine, *runner.OUTPUT_WORDS, *prepared.physics]
            outcome = runner.run(
                argv,
                folder=scratch,
                stdout=outdir / f"{side}_stdout.txt",
                stderr=outdir / f"{side}_stderr.txt",
                timeout_s=self.request.timeout_s,
                environment=program.environment,
            )
            written = scratch / runner.FLOAT_IMAGE
            if written.is_file():
                written.replace(image)
        self.summary[side] = {
            "argv": argv,
            "exit_code": outcome.exit_code,
            "signal": outcome.signal,
            "timed_out": outcome.timed_out,
            "wall_s": outcome.wall_s,
            "user_s": outcome.user_s,
            "system_s": outcome.system_s,
            "peak_rss_bytes": outcome.peak_rss_bytes,
            "sha256_binary": program.sha256,
            "stdout": f"{side}_stdout.txt",
            "stderr": f"{side}_stderr.txt",
            "image": image.name if image.exists() else None,
            "image_sha256": sha256_file(image) if image.exists() else None,
        }
        if not outcome.ok:
            last = runner.tail(outdir / f"{side}_stderr.txt") or "nothing on stderr"
            raise RunnerError(
                f"{outcome.ending()}: {last}",
                where=_named(side),
                fix=f"read {outdir / f'{side}_stderr.txt'}",
            )

    def _parameters(
        self, prepared: PreparedArguments
    ) -> tuple[EffectiveParameters, EffectiveParameters]:
        found: list[EffectiveParameters] = []
        for side in _SIDES:
            text = (self.request.outdir / f"{side}_stdout.txt").read_text("utf-8", "replace")
            hidden = parameters.hidden_inputs(text, prepared.physics)
            if hidden:
                raise RunnerError(
                    f"used structure factors nobody named: {'; '.join(hidden)}",
                    where=_named(side),
                    fix="remove the file, or name the reflections with -hkl",
                )
            try:
                found.append(EffectiveParameters.from_run(text, prepared.physics))
            except parameters.ParametersError as error:
                error.where = _named(side)
                raise
        c, py = found
        self.summary["parameters"] = {
            "c": dict(c.values),
            "py": dict(py.values),
            "hash": c.digest() if c.digest() == py.digest() else None,
        }
        if c.shape == py.shape:
            self._refuse_difference(c, py)
        elif self.request.resample:
            grid = parameters.SAMPLING
            self._refuse_difference(c.without(grid), py.without(grid))
        return c, py

    def _refuse_difference(self, c: EffectiveParameters, py: EffectiveParameters) -> None:
        differences = parameters.diff(c, py)
        if not differences:
            return
        self.summary["parameter_differences"] = [dataclasses.asdict(d) for d in differences]
        table = "; ".join(f"{d.name}: C {d.c}, port {d.py}" for d in differences)
        raise ParametersDifferError(
            f"the two sides simulated different experiments ({table})",
            fix="name these parameters in the arguments, so that no default decides",
        )

    def _images(self, c: EffectiveParameters, py: EffectiveParameters) -> tuple[Image, Image]:
        outdir = self.request.outdir
        first = RawImage(outdir / "c_float.bin", c.shape)
        second = RawImage(outdir / "py_float.bin", py.shape)
        if self.request.resample and first.shape != second.shape:
            # SciPy is needed in this rare case only.
            from engine.parity.resample import resampled  # noqa: PLC0415

            target = outdir / "py_resampled.bin"
            resampled(second.mapped(), first.shape).astype(FLOAT32).tofile(target)
            self.notes.append(
                f"the port's image of {py.shape[0]} x {py.shape[1]} pixels was resampled by area "
                f"onto {c.shape[0]} x {c.shape[1]} ({target.name}); its sum is kept"
            )
            second = RawImage(target, first.shape)
        same_shape(first, second)
        return first, second

    def _record(self, measured: Metrics, c: Image, py: Image, roi: Roi | None) -> None:
        # SciPy takes a quarter of a second to import: after the programs, never before.
        from engine.parity.peaks import compare_peaks  # noqa: PLC0415

        slow0, slow1, fast0, fast1 = checked_roi(roi, c.shape)
        inside = (slice(slow0, slow1), slice(fast0, fast1))
        peaks = compare_peaks(
            c.mapped()[inside], py.mapped()[inside], count=PEAKS, limit_px=PEAK_LIMIT_PX
        )
        self.summary["metrics"] = dataclasses.asdict(measured)
        self.summary["peaks"] = dataclasses.asdict(peaks)
        self.notes += [f"{name} is undefined: {why}" for name, why in measured.undefined.items()]
        drawn = figures.render(c, py, roi)
        for name in ("c", "py", "diff"):
            (self.request.outdir / f"{name}.png").write_bytes(getattr(drawn, name))
        self.summary["images"] = {
            "c": "c.png",
            "py": "py.png",
            "diff": "diff.png",
            "scale": drawn.scale,
        }
        self._note_equal_digests()

    def _note_equal_digests(self) -> None:
        sides = [self.summary[s] for s in _SIDES]
        first, second = (s if isinstance(s, dict) else {} for s in sides)
        if first.get("image_sha256") == second.get("image_sha256"):
            self.notes.append("the two float images are byte-identical")
        if self.request.c.argv == self.request.py.argv:
            self.notes.append("both sides ran the same program: this proves nothing about a port")

    def _judge(self, measured: Metrics) -> ExitCode:
        value = measured.correlation
        passed = value is not None and value >= self.request.threshold
        self.summary["gate"] = {
            "metric": "correlation",
            "comparison": ">=",
            "threshold": self.request.threshold,
            "source": self.request.threshold_source,
            "measured": value,
            "passed": passed,
        }
        return ExitCode.OK if passed else ExitCode.BELOW_THRESHOLD


def _named(side: str) -> str:
    return "the C program" if side == "c" else "the port"
