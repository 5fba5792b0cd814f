"""Run the C program and the port with the same arguments and measure how far they agree."""

import dataclasses
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import EngineError
from engine.parity import figures, runner
from engine.parity.arguments import PreparedArguments, prepare, without_outputs
from engine.parity.errors import ExitCode, ImageError
from engine.parity.images import (
    FLOAT32,
    Image,
    RawImage,
    Roi,
    checked_roi,
    same_shape,
    sha256_file,
)
from engine.parity.metrics import Measurement, measure
from engine.parity.metrics.summary import describe, explain
from engine.parity.parameters import SAMPLING, EffectiveParameters
from engine.parity.results import utc_now, write_json
from engine.parity.simulation import (
    SIDES,
    Say,
    Simulation,
    Started,
    both,
    refuse_differences,
    say_nothing,
    started,
)

SUMMARY = "summary.json"
DEFAULT_THRESHOLD = 0.999
PEAKS = 50
PEAK_LIMIT_PX = 1.0
SIDE_BY_SIDE = "both programs ran at the same time: how long they took says nothing about speed"
_OWN_FILES = (
    SUMMARY, "c_float.bin", "py_float.bin", "py_resampled.bin", "c.png", "py.png", "diff.png",
    "c_stdout.txt", "c_stderr.txt", "py_stdout.txt", "py_stderr.txt",
)  # fmt: skip


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
    say: Say = say_nothing


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
            "measures": None,
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
        ran = self._simulate(prepared)
        c, py = (simulation.effective_parameters() for simulation in ran)
        self._agree_on_parameters(c, py)
        first, second = self._images(c, py)
        self.summary["shape"] = first.shape
        roi = checked_roi(self.request.roi, first.shape) if self.request.roi else None
        self.request.say(f"measuring {first.shape[0]} x {first.shape[1]} pixels ...")
        measured = measure(first, second, roi, beam=c.beam_px)
        self._record(measured, first, second, roi)
        return self._judge(measured)

    def _simulate(self, prepared: PreparedArguments) -> list[Simulation]:
        """Run both sides at once: each leaves a core idle while it starts or writes."""
        request = self.request
        request.say(f"running {SIDES['c']} and {SIDES['py']} side by side ...")
        self.notes.append(SIDE_BY_SIDE)
        with (
            started("c", request.c, prepared, outdir=request.outdir) as c,
            started("py", request.py, prepared, outdir=request.outdir) as py,
        ):
            return [self._end(going) for going in (c, py)]

    def _end(self, going: Started) -> Simulation:
        done = going.end(self.request.timeout_s)
        self.summary[done.side] = done.record()
        self.request.say(f"{SIDES[done.side]} ended after {done.outcome.wall_s:.2f} s")
        done.check_ended_well()
        return done

    def _agree_on_parameters(self, c: EffectiveParameters, py: EffectiveParameters) -> None:
        self.summary["parameters"] = both(c, py)
        if c.shape == py.shape:
            refuse_differences(c, py)
        elif self.request.resample:
            refuse_differences(c.without(SAMPLING), py.without(SAMPLING))

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
            self._name_compared(target)
            second = RawImage(target, first.shape)
        same_shape(first, second)
        return first, second

    def _name_compared(self, image: Path) -> None:
        """Let the port's record name the image that was measured, and the one it wrote."""
        port = self.summary["py"]
        if isinstance(port, dict):
            port["original_image"] = port["image"]
            port |= {"image": image.name, "image_sha256": sha256_file(image)}

    def _record(self, measured: Measurement, c: Image, py: Image, roi: Roi | None) -> None:
        # SciPy takes a quarter of a second to import: after the programs, never before.
        from engine.parity.peaks import compare_peaks  # noqa: PLC0415

        slow0, slow1, fast0, fast1 = checked_roi(roi, c.shape)
        inside = (slice(slow0, slow1), slice(fast0, fast1))
        peaks = compare_peaks(
            c.mapped()[inside], py.mapped()[inside], count=PEAKS, limit_px=PEAK_LIMIT_PX
        )
        self.summary["metrics"] = {**measured.values, "undefined": measured.undefined}
        self.summary["measures"] = describe(measured)
        self.summary["peaks"] = dataclasses.asdict(peaks)
        self.notes += explain(measured)
        self.request.say("drawing both images and their difference ...")
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
        sides = [self.summary[s] for s in SIDES]
        first, second = (s if isinstance(s, dict) else {} for s in sides)
        if first.get("image_sha256") == second.get("image_sha256"):
            self.notes.append("the two float images are byte-identical")
        if self.request.c.argv == self.request.py.argv:
            self.notes.append("both sides ran the same program: this proves nothing about a port")

    def _judge(self, measured: Measurement) -> ExitCode:
        value = measured.number("correlation")
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
