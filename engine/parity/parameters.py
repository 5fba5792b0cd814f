"""Which experiment a program really simulated, read from what it printed.

Two images may be compared only when both programs ran the same physics. What they ran is
not what they were told (defaults differ: ``-N`` is 1 in one program and 5 in another), so
the identity is taken from the console report (specification 12.2) that the C program and
the port both print, and only what no report line tells comes from the arguments.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from engine.parity.arguments import names_structure_factors, silent_physics, without_outputs
from engine.parity.errors import RunnerError

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf)"
_N = rf"({_NUMBER})"
_SIGNIFICANT = 6
_TINY = 1e-9
"""Components of unit vectors and metres below this are rounding: cos 90 deg is 6e-17."""
_TINY_ANGSTROM = 1e-6

# (pattern, names of its groups). "NAME*" normalises the number with the threshold above.
_LINES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^\s*(\w+) convention selected", ("convention",)),
    (r"^\s*pivoting detector around (sample|direct beam spot)", ("pivot",)),
    (rf"wave=\s*{_N} meters \+/- {_N}% in (\d+) steps", ("lambda_m", "dispersion_percent",
                                                        "wavelengths")),
    (rf"incident fluence:\s*{_N} photons", ("fluence",)),
    (rf"distance=\s*{_N}", ("distance_m",)),
    (rf"sensor is {_N} m thick in (\d+) layers with mu=\s*{_N}", ("sensor_thickness_m",
                                                                 "sensor_layers", "sensor_mu")),
    (rf"Fbeam=\s*{_N}\s+Sbeam=\s*{_N}", ("Fbeam_m*", "Sbeam_m*")),
    (rf"Fclose=\s*{_N}\s+Sclose=\s*{_N}", ("Fclose_m*", "Sclose_m*")),
    (rf"hdivrange=\s*{_N}\s+hdivstep=\s*{_N}", ("hdivrange_rad", "hdivstep_rad")),
    (rf"vdivrange=\s*{_N}\s+vdivstep=\s*{_N}", ("vdivrange_rad", "vdivstep_rad")),
    (r"^\s*(-?\d+) divergence steps", ("divergence_steps",)),
    (r"^\s*(\d+) sources\s*$", ("sources",)),
    (rf"^\s*(\d+) mosaic domains over mosaic spread of {_N} deg", ("mosaic_domains",
                                                                  "mosaic_spread_deg")),
    (rf"^\s*(\d+) phi steps from {_N} to {_N} deg", ("phi_steps", "phi_from_deg", "phi_to_deg")),
    (rf"(\d+) initialized hkls \(all others =\s*{_N}\)", ("hkls", "default_F")),
)  # fmt: skip
_VECTORS: tuple[tuple[str, str], ...] = (
    (r"Unit Cell:", "cell"),
    (r"DIRECTION_OF_DETECTOR_X-AXIS=", "fast_axis"),
    (r"DIRECTION_OF_DETECTOR_Y-AXIS=", "slow_axis"),
    (r"DIRECTION_OF_DETECTOR_Z-AXIS=", "normal_axis"),
    (r"INCIDENT_BEAM_DIRECTION=", "beam_axis"),
    (r"spindle ROTATION_AXIS=", "spindle_axis"),
    (r"POLARIZATION_PLANE_NORMAL=", "polarization_normal"),
    (r"random orientation misset angles:", "misset_random_deg"),
)
REQUIRED = ("N", "shape", "lambda_m", "distance_m", "pixel_m", "pixels", "oversample")
"""Without these lines a text is not a console report."""
SAMPLING = frozenset(
    {"pixel_m", "pixels", "detsize_m", "roi", "oversample", "oversample_factors"}
    | {"Fbeam_m", "Sbeam_m", "Fclose_m", "Sclose_m"}
)
"""Names that describe the pixel grid: what ``--resample`` bridges."""

DETAILS = frozenset(
    {"layer_depths_um", "phi_angles_deg", "deviations_rad", "wavelengths_m"}
    | {"source_positions_m", "source_wavelengths_m"}
)
"""Lists: a port that prints only how many there are is not another experiment for that."""


class ParametersError(RunnerError):
    """A program printed no console report, so nobody knows what it simulated."""


@dataclass(frozen=True, slots=True)
class EffectiveParameters:
    """The experiment a program really simulated, as normalised strings.

    Numbers have six significant digits, the precision of the report itself, so that two
    programs that differ in the last bit of a double print the same. Units are in the names.
    """

    values: Mapping[str, str]

    @classmethod
    def from_console(cls, text: str) -> Self:
        """Read the console report of either program.

        Raises
        ------
        ParametersError
            A line that every report has is missing: the program did not get that far, or
            it does not print nanoBragg's report.
        """
        values: dict[str, str] = {}
        for pattern, names in _LINES:
            _take(text, pattern, names, values)
        for label, name in _VECTORS:
            match = re.search(rf"{label}((?:\s+(?:{_NUMBER}))+)", text)
            if match:
                values[name] = _vector(match.group(1).split(), _TINY)
        _take_grid(text, values)
        _take_crystal(text, values)
        _take_lists(text, values)
        if values.get("sensor_thickness_m") == "0":
            # Nothing absorbs in no thickness; programs differ in how they print "unset".
            values["sensor_mu"] = "0"
        missing = [name for name in REQUIRED if name not in values]
        if missing:
            raise ParametersError(
                f"no console report: {', '.join(missing)} not printed",
                fix="look at the program's stdout and stderr; it must print nanoBragg's report",
            )
        return cls(dict(sorted(values.items())))

    @classmethod
    def from_run(cls, console: str, args: Sequence[str]) -> Self:
        """Read the report and add from the arguments what no report line tells.

        Parameters
        ----------
        console
            What the program printed on stdout.
        args
            Its nanoBragg arguments. Flags that name output files do not matter.

        Raises
        ------
        ParametersError
            See :meth:`from_console`.
        """
        reported = cls.from_console(console).values
        told = silent_physics(without_outputs(args))
        told["interpolation"] = _interpolation(console, args)
        return cls(dict(sorted({**told, **reported}.items())))

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of pixels ``(slow, fast)``."""
        fast, slow = self.values["pixels"].split()
        return int(slow), int(fast)

    @property
    def beam_px(self) -> tuple[float, float] | None:
        """Where the direct beam hits, ``(slow, fast)`` in pixels from the corner, if printed."""
        try:
            pixel = float(self.values["pixel_m"])
            return float(self.values["Sbeam_m"]) / pixel, float(self.values["Fbeam_m"]) / pixel
        except (KeyError, ValueError, ZeroDivisionError):
            return None

    def digest(self) -> str:
        """Return the SHA-256 of the canonical JSON: the parameter hash."""
        canonical = json.dumps(dict(self.values), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def without(self, names: frozenset[str]) -> Self:
        """Return the parameters without some names."""
        return type(self)({k: v for k, v in self.values.items() if k not in names})


@dataclass(frozen=True, slots=True)
class Difference:
    """One parameter the two programs disagree on; ``None`` where one did not print it."""

    name: str
    c: str | None
    py: str | None


def diff(c: EffectiveParameters, py: EffectiveParameters) -> tuple[Difference, ...]:
    """Return the names whose values differ, in alphabetical order."""
    names = sorted(c.values.keys() | py.values.keys())
    pairs = (Difference(n, c.values.get(n), py.values.get(n)) for n in names)
    return tuple(d for d in pairs if d.c != d.py and not _is_untold_detail(d))


def _is_untold_detail(d: Difference) -> bool:
    """Whether one program prints a list of which both print the count."""
    return d.name in DETAILS and None in (d.c, d.py)


_PLACES = {
    "detsize_m": r"detsize=", "pixel_m": r"pixel=", "pixels": r" pixels\)", "roi": r"roi:",
    "oversample": r"oversample steps", "oversample_factors": r"oversample steps",
    "shape": r"xtal:", "N": r"xtal:", "real_space_x_A": r"^\s*X:\s", "real_space_y_A": r"^\s*Y:\s",
    "real_space_z_A": r"^\s*Z:\s",
}  # fmt: skip


def line_of(console: str, name: str) -> int | None:
    """Return the line of a console report that tells a parameter, counted from 1.

    ``None`` for what no line tells and for what is not printed.
    """
    patterns = [p for p, names in _LINES if name in {n.rstrip("*") for n in names}]
    patterns += [label for label, vector in _VECTORS if vector == name]
    patterns += [p for p, listed, _ in _LISTS if listed == name]
    patterns += [_PLACES[name]] if name in _PLACES else []
    for pattern in patterns:
        match = re.search(pattern, console, re.MULTILINE)
        if match:
            return console.count("\n", 0, match.end()) + 1
    return None


def hidden_inputs(console: str, args: Sequence[str]) -> tuple[str, ...]:
    """Return the report lines that tell of structure factors nobody named.

    nanoBragg without ``-hkl`` reads ``Fdump.bin`` from the current folder when there is one
    (specification 4.2), also when ``-default_F`` is given.
    """
    if names_structure_factors(args):
        return ()
    found = re.findall(r"^.*reading Fs from.*$", console, re.MULTILINE)
    counted = re.findall(r"^.*?\b(\d+) initialized hkls.*$", console, re.MULTILINE)
    if any(int(n) for n in counted):
        found += re.findall(r"^.*initialized hkls.*$", console, re.MULTILINE)
    return tuple(line.strip() for line in found)


def normalised(text: str, tiny: float = 0.0) -> str:
    """Return a printed number with six significant digits; integers stay whole.

    Magnitudes below ``tiny`` become 0, and a negative zero loses its sign.
    """
    if re.fullmatch(r"[+-]?\d+", text):
        return str(int(text))
    value = float(text)
    return "0" if abs(value) <= tiny else f"{value:.{_SIGNIFICANT}g}"


def _vector(numbers: Sequence[str], tiny: float) -> str:
    return " ".join(normalised(n, tiny) for n in numbers)


def _take(text: str, pattern: str, names: tuple[str, ...], values: dict[str, str]) -> None:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        return
    for name, group in zip(names, match.groups(), strict=True):
        numeric = re.fullmatch(_NUMBER, group) is not None
        tiny = _TINY if name.endswith("*") else 0.0
        values[name.rstrip("*")] = normalised(group, tiny) if numeric else group


def _take_grid(text: str, values: dict[str, str]) -> None:
    match = re.search(rf"detsize=\s*{_N}x{_N}\s+pixel=\s*{_N} meters \((\d+)x(\d+) pixels\)", text)
    if match:
        values["detsize_m"] = _vector(match.groups()[:2], 0.0)
        values["pixel_m"] = normalised(match.group(3))
        values["pixels"] = _vector(match.groups()[3:], 0.0)
    match = re.search(r"roi:\s*(-?\d+) < x < (-?\d+) && (-?\d+) < y < (-?\d+)", text)
    if match:
        values["roi"] = " ".join(match.groups())
    match = re.search(r"(\d+)x\d+ pixel oversample steps(.*)$", text, re.MULTILINE)
    if match:
        values["oversample"] = match.group(1)
        values["oversample_factors"] = " ".join(sorted(re.findall(r"\+(\w+)", match.group(2))))


def _take_crystal(text: str, values: dict[str, str]) -> None:
    match = re.search(rf"(\S+) xtal:\s*{_N}x{_N}x{_N} cells", text)
    if match:
        values["shape"] = match.group(1)
        values["N"] = _vector([f"{float(n):g}" for n in match.groups()[1:]], 0.0)
    rows = [re.search(rf"^\s*{axis}:\s+{_N}\s+{_N}\s+{_N}", text, re.MULTILINE) for axis in "XYZ"]
    for axis, row in zip("XYZ", rows, strict=True):
        if row:
            values[f"real_space_{axis.lower()}_A"] = _vector(row.groups(), _TINY_ANGSTROM)


# One line for each sensor layer, spindle position, direction, wavelength.
_LISTS: tuple[tuple[str, str, float], ...] = (
    (rf"^thick\d+ = {_N} um", "layer_depths_um", 0.0),
    (rf"^phi\d+ = {_N}", "phi_angles_deg", _TINY),
    (rf"^divergence deviation: {_N} {_N}", "deviations_rad", _TINY),
    (rf"^lambda\d+ = {_N}", "wavelengths_m", 0.0),
)
_LONGEST_LIST = 9


def _take_lists(text: str, values: dict[str, str]) -> None:
    """Read what is averaged over: not only how many there are, but which."""
    for pattern, name, tiny in _LISTS:
        rows = re.findall(pattern, text, re.MULTILINE)
        numbers = [n for row in rows for n in (row if isinstance(row, tuple) else (row,))]
        if numbers:
            values[name] = _shortened([normalised(n, tiny) for n in numbers])
    match = re.search(r"^\s*created a total of (\d+) sources:\n", text, re.MULTILINE)
    if match:
        rows = text[match.end() :].splitlines()[: int(match.group(1))]
        # The weights are printed and not used: those of a grid need not agree.
        words = [row.split() for row in rows]
        numbers = [normalised(n, _TINY) for row in words for n in row[:3]]
        wavelengths = [normalised(row[4]) for row in words if len(row) == 5]
        values["source_positions_m"] = _shortened(numbers)
        values["source_wavelengths_m"] = _shortened(wavelengths)


def _shortened(numbers: Sequence[str]) -> str:
    """Return a list as text, or the digest of a long one."""
    whole = " ".join(numbers)
    if len(numbers) <= _LONGEST_LIST:
        return whole
    return f"{len(numbers)} numbers, sha256 {hashlib.sha256(whole.encode()).hexdigest()[:16]}"


def _interpolation(console: str, args: Sequence[str]) -> str:
    choice = re.search(r"auto-selected (tricubic|no) interpolation", console)
    mode = {"tricubic": "tricubic", "no": "nearest"}[choice.group(1)] if choice else "automatic"
    for word in args:
        if word.startswith("-") and "-interpolate" in word:
            mode = "tricubic"
        elif word.startswith("-") and "-nointerpolate" in word:
            mode = "nearest"
    return mode
