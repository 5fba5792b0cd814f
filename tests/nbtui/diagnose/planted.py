"""Programs with one planted fault each: the C reference behind a small shell script.

What the diagnosis is told are the nominal arguments; what the script does with them it has
to find out.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtui.diagnose.examine import diagnose
from nbtui.diagnose.model import Diagnosis
from nbtui.diagnose.options import Asked, AskedSide, case_of

BASE = shlex.split(
    "-cell 62 71 83 78 97 104 -misset 12 -34 56 -N 6 -default_F 100 -lambda 1.2 -distance 60 "
    "-pixel 0.05 -detpixels 96 -twotheta 25 -polar 0.9 -oversample 1 -Xbeam 2.425 -Ybeam 3.225"
)
"""Spots of some pixels each, no symmetry, wide angles: what a fault can show itself in."""

_HEAD = "#!/bin/sh\nprogram={program}\n"
_PICTURE = """\
import array, sys
from pathlib import Path
path = Path("float.bin")
pixels = array.array("f", path.read_bytes())
n = round(len(pixels) ** 0.5)
rows = [pixels[i * n : (i + 1) * n] for i in range(n)]
{change}
path.write_bytes(b"".join(row.tobytes() for row in rows))
"""


@dataclass(frozen=True, slots=True)
class Bench:
    """The reference program and a folder to plant faults in."""

    reference: Path
    folder: Path

    def side(self, name: str) -> Path:
        """Return an empty folder of one side."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def program(self, *more: str, leave_out: str = "") -> str:
        """Return a program that adds arguments, or leaves a flag and its operand out."""
        body = f'exec "$program" "$@" {shlex.join(more)}\n'
        if leave_out:
            body = (
                'for word do shift\n  if [ "$skip" ]; then skip=; continue; fi\n'
                f'  if [ "$word" = {leave_out} ]; then skip=1; continue; fi\n'
                '  set -- "$@" "$word"\ndone\n' + body
            )
        return self._script(body)

    def replacing(self, flag: str, value: str) -> str:
        """Return a program that takes another operand for a flag."""
        body = (
            "for word do shift\n"
            f'  if [ "$hit" ]; then hit=; word={shlex.quote(value)}; fi\n'
            f'  if [ "$word" = {flag} ]; then hit=1; fi\n'
            '  set -- "$@" "$word"\ndone\nexec "$program" "$@"\n'
        )
        return self._script(body)

    def repainting(self, change: str) -> str:
        """Return a program that changes ``rows`` of the image after it was written."""
        painter = self.folder / "painter.py"
        painter.write_text(_PICTURE.format(change=change))
        python = shlex.quote(sys.executable)
        return self._script(f'"$program" "$@" && exec {python} -S {shlex.quote(str(painter))}\n')

    def render(self, args: Sequence[str], image: Path) -> Path:
        """Make an image with the reference itself."""
        argv = [str(self.reference), "-floatfile", str(image), "-nopgm", "-nonoise", *args]
        subprocess.run(argv, cwd=self.side("render"), check=True, capture_output=True)
        (self.side("render") / "Fdump.bin").unlink(missing_ok=True)
        return image

    def diagnose(
        self,
        c: Sequence[str] = (),
        py: Sequence[str] = (),
        args: Sequence[str] = BASE,
        c_folder: Path | None = None,
    ) -> Diagnosis:
        """Diagnose two sides; the reference itself stands for a side that is not given."""
        asked = Asked(
            AskedSide(tuple(c) or (str(self.reference),), c_folder or self.side("c")),
            AskedSide(tuple(py) or (str(self.reference),), self.side("py")),
            tuple(args),
        )
        case = case_of(asked, self.side("here"), self.folder)
        return diagnose(case, scratch=self.folder)

    def _script(self, body: str) -> str:
        path = self.folder / f"program{len(list(self.folder.iterdir()))}"
        path.write_text(_HEAD.format(program=shlex.quote(str(self.reference))) + body)
        path.chmod(0o755)
        return str(path)


def reflections(path: Path, changed: dict[tuple[int, int, int], float] | None = None) -> Path:
    """Write a reflection list in which every F differs from its neighbours'."""
    span = range(-9, 10)
    rows = [
        f"{h} {k} {m} {(changed or {}).get((h, k, m), 50 + abs(7 * h + 3 * k - 5 * m) % 60)}\n"
        for h in span for k in span for m in span
    ]  # fmt: skip
    path.write_text("".join(rows))
    return path


def cache_of(bench: Bench, folder: Path) -> None:
    """Leave a structure-factor cache in a folder, as an earlier run with ``-hkl`` does."""
    listed = reflections(bench.folder / "earlier.hkl")
    argv = [str(bench.reference), *BASE, "-hkl", str(listed), "-nopgm", "-nonoise"]
    subprocess.run(argv, cwd=folder, check=True, capture_output=True, env=dict(os.environ))
    for name in ("floatimage.bin", "intimage.img"):
        (folder / name).unlink()
