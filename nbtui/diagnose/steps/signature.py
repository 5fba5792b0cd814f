"""What kind of difference is it? The images alone tell scale, geometry, factors, writing, seeds."""

from collections.abc import Iterator

from engine.parity.diagnosis.arrangement import OTHER_BYTE_ORDER, Arrangement
from engine.parity.diagnosis.signature import MEANS, Kind, Signature
from nbtui.diagnose import confirm
from nbtui.diagnose.lab import Lab
from nbtui.diagnose.model import Finding, Line, Outcome, Side

CAUSES = {
    Kind.NOT_FINITE: "not finite",
    Kind.OVERFLOW: "float32 overflow",
    Kind.REARRANGED: "image layout",
    Kind.SCALE: "scale",
    Kind.ONE_SIDED: "range",
    Kind.SHIFTED: "beam centre",
    Kind.MAGNIFIED: "distance or wavelength",
    Kind.ROTATED: "rotation about the beam",
    Kind.SMOOTH: "polarisation or solid angle",
    Kind.BY_SPOT: "structure factors",
    Kind.LOCAL: "one place",
    Kind.WEAK: "weak pixels",
    Kind.NOISE: "random seed or race",
    Kind.SPOT_SHAPE: "crystal or sampling",
}
"""The cause that each kind of difference names."""


_LOOKS = {
    Kind.REARRANGED: "The pixels lie in other places",
    Kind.SCALE: "One ratio everywhere",
    Kind.ONE_SIDED: "Bright pixels are exactly zero on one side",
    Kind.SHIFTED: "Spots are shifted, all alike",
    Kind.MAGNIFIED: "Spots lie farther from the centre, or nearer to it",
    Kind.ROTATED: "Spots are turned about the centre",
    Kind.SMOOTH: "The ratio is a smooth function of position",
    Kind.BY_SPOT: "The ratio is constant inside spots and differs between them",
    Kind.LOCAL: "Nearly all of the difference lies in one tile",
    Kind.WEAK: "Bright pixels agree, weak ones differ",
    Kind.NOISE: "No pixel's difference resembles its neighbour's",
    Kind.SPOT_SHAPE: "Spots have other shapes",
}
"""How each kind looks; what it comes from follows."""


def look(lab: Lab) -> Outcome:
    """Name the kind of the difference; proven only where the pixels prove it."""
    found = lab.signature()
    if found is None:
        return Outcome(skipped="there are no two images of one size")
    lines = (Line(MEANS[found.kind]), *(Line(text) for text in _figures(found)))
    if found.kind is Kind.NONE:
        return Outcome(lines)
    sentence = f"{_sentence(found)}."
    finding = Finding(CAUSES[found.kind], sentence, _command(lab, found), certain=found.exact)
    return Outcome(lines, finding)


def _sentence(found: Signature) -> str:
    match found.kind:
        case Kind.REARRANGED if found.arrangement and found.arrangement.name == OTHER_BYTE_ORDER:
            return (
                "The port's image is in the other byte order: with the bytes of each pixel turned "
                "round it is the C program's, so it is written or read for another kind of machine"
            )
        case Kind.REARRANGED if found.arrangement:
            return (
                f"The port's image is {_arranged(found.arrangement)}: every pixel is right, "
                "in the wrong place, so it is written or read in another order"
            )
        case Kind.OVERFLOW:
            bad = found.survey.nonfinite
            side = Side.C if bad[0] else Side.PY
            other = found.survey.maximum[0 if side is Side.PY else 1]
            return (
                f"{max(bad)} pixels of {side.word} are infinite, just those that are brightest "
                f"on the other side (up to {other:.3g} photons): float32 ends at 3.4e38"
            )
        case Kind.NOT_FINITE:
            bad = found.survey.nonfinite
            return f"{bad[0]} pixels of the C side and {bad[1]} of the port are NaN or infinite"
        case Kind.SCALE if found.spread:
            return (
                f"One ratio everywhere, port / C = {found.spread.median:.8g}: {MEANS[found.kind]}"
            )
        case _:
            return f"{_LOOKS[found.kind]}: {MEANS[found.kind]}"


def _arranged(arrangement: Arrangement) -> str:
    if arrangement.name != "moved":
        return arrangement.name
    parts = [
        f"{count:+d} pixel{'s' if abs(count) > 1 else ''} along {axis}"
        for count, axis in ((arrangement.slow, "slow"), (arrangement.fast, "fast"))
        if count
    ]
    return f"moved by {' and '.join(parts)}"


def _figures(found: Signature) -> Iterator[str]:
    if ratio := found.spread:
        yield (
            f"ratio over {ratio.pixels} bright pixels: median {ratio.median:.8g}, 5 % "
            f"{ratio.low:.6g}, 95 % {ratio.high:.6g}; zero on one side only: {ratio.one_sided:.2%}"
        )
    if moved := found.displacements:
        yield (
            f"{moved.pairs} pairs of spots: shift slow {moved.shift_px[0]:+.4f}, fast "
            f"{moved.shift_px[1]:+.4f} px; magnification {moved.magnification:+.3e}; rotation "
            f"{moved.rotation_rad:+.3e} rad; RMS {moved.scatter_px:.4f} px, "
            f"{moved.explained_px:.4f} px without these"
        )
    if smooth := found.smoothness:
        yield (
            f"a smooth surface explains {smooth.explained:.1%} of the ratio's variance, distance "
            f"from the centre alone {smooth.radial:.1%}; it spans {smooth.amplitude:.3g}"
        )
    if spots := found.spots:
        yield (
            f"{spots.differing} of {spots.spots} spots differ; log-ratio RMS {spots.between:.3g} "
            f"between spots, {spots.within:.3g} inside of them"
        )
        for slow, fast, ratio_there in spots.worst[:3]:
            yield f"spot at slow {slow:.1f}, fast {fast:.1f}: ratio {ratio_there:.6g}"
    if found.neighbours is not None:
        yield f"neighbouring pixels' differences correlate by {found.neighbours:.3f}"


def _command(lab: Lab, found: Signature) -> str:
    files, shape = (lab.image_file(Side.C), lab.image_file(Side.PY)), lab.shape()
    if files[0] is None or files[1] is None or shape is None:
        return ""
    if not all(lab.case.party(side).image for side in Side):
        return confirm.grep(lab.case, "max_I")
    expression = _EXPRESSIONS.get(found.kind, "np.quantile((y / x)[x > 1e-3 * x.max()], "
                                              "[0.05, 0.5, 0.95])")  # fmt: skip
    if found.arrangement is not None:
        expression = _rearranged(found.arrangement)
    return confirm.pixels((files[0], files[1]), shape, expression)


_EXPRESSIONS = {
    Kind.OVERFLOW: "np.isinf(x).sum(), np.isinf(y).sum(), x.max(), y.max()",
    Kind.NOT_FINITE: "(~np.isfinite(x)).sum(), (~np.isfinite(y)).sum()",
    Kind.ONE_SIDED: "((x == 0) & (y != 0)).sum(), ((x != 0) & (y == 0)).sum()",
}


def _rearranged(arrangement: Arrangement) -> str:
    undone = {
        OTHER_BYTE_ORDER: "y.byteswap()",
        "transposed": "y.T",
        "mirrored in slow": "y[::-1]",
        "mirrored in fast": "y[:, ::-1]",
        "turned by 180 degrees": "y[::-1, ::-1]",
        "turned by 90 degrees": "np.rot90(y)",
        "turned by 270 degrees": "np.rot90(y, -1)",
        "transposed along the other diagonal": "y[::-1, ::-1].T",
        "moved": f"np.roll(y, ({-arrangement.slow}, {-arrangement.fast}), (0, 1))",
    }[arrangement.name]
    return f"np.linalg.norm({undone} - x) / np.linalg.norm(x)"
