"""The search itself: its order, where it ends, what it does with half of what it needs."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nbtui.diagnose.examine import diagnose
from nbtui.diagnose.known import known_issues
from nbtui.diagnose.model import Case, Diagnosis, Finding, Line, Outcome, Party, Side, State
from nbtui.diagnose.options import Asked, AskedSide, case_of
from nbtui.diagnose.registry import STEPS, Step
from nbtui.diagnose.text import diagnosis_record, diagnosis_text
from nbtui.errors import PlanError

Pixels = NDArray[np.float32]


def spots(side: int = 64) -> Pixels:
    """Return an image with spots of several pixels and no symmetry."""
    s, f = np.mgrid[:side, :side].astype(float)
    places = [(9, 14, 50), (20, 45, 30), (33, 8, 80), (47, 30, 60), (55, 52, 20), (12, 33, 45)]
    rows = sum(h * np.exp(-((s - a) ** 2 + (f - b) ** 2) / 4.0) for a, b, h in places)
    return np.asarray(rows + 1e-3, np.float32)


def images(folder: Path, **sides: Pixels) -> Case:
    parties = {}
    for name, pixels in sides.items():
        path = folder / f"{name}.bin"
        pixels.astype("<f4").tofile(path)
        parties[name] = Party(Side(name), image=path)
    return Case("two images", parties["c"], parties["py"], root=folder)


def cause(found: Diagnosis) -> str:
    assert found.finding is not None
    return found.finding.cause


def test_two_images_alone_are_enough_for_a_likely_cause(tmp_path: Path) -> None:
    x = spots()
    found = diagnose(images(tmp_path, c=x, py=x * np.float32(1.25)))
    assert cause(found) == "scale"
    assert not found.explained
    assert found.sentence.startswith("Likely: One ratio everywhere, port / C = 1.25")
    assert "numpy" in found.command
    skipped = {s.id for s in found.steps if s.state is State.SKIPPED}
    assert skipped == {"identity", "reports", "hidden-inputs", "repeats", "folders", "trace"}


def test_what_the_pixels_prove_ends_the_search(tmp_path: Path) -> None:
    x = spots()
    found = diagnose(images(tmp_path, c=x, py=np.ascontiguousarray(x.T)))
    assert cause(found) == "image layout"
    assert found.explained
    assert found.steps[-1].id == "signature"


def test_images_of_other_sizes_are_said_so(tmp_path: Path) -> None:
    case = images(tmp_path, c=spots(64), py=spots(32))
    found = diagnose(case)
    assert found.finding is None
    assert not found.agree
    tiles = next(s for s in found.steps if s.id == "tiles")
    assert "py.bin has 4096 bytes, 64 x 64 pixels are 16384" in tiles.skipped


def test_the_cheap_steps_are_all_taken_and_the_one_that_says_most_decides(tmp_path: Path) -> None:
    def step(name: str, together: int | None, outcome: Outcome | None = None) -> Step:
        looked: list[str] = []

        def look(_: object) -> Outcome:
            looked.append(name)
            taken.append(name)
            return outcome or Outcome()

        return Step(name, name, look, together)

    taken: list[str] = []
    a, b = (Outcome(finding=Finding(n, n, "")) for n in ("a", "b"))
    steps = (step("one", 2, a), step("two", 1, b), step("three", None, a))
    found = diagnose(images(tmp_path, c=spots(), py=spots()), steps=steps)
    assert taken == ["one", "two"]
    assert cause(found) == "b"


def test_a_step_that_cannot_look_does_not_keep_the_others_from_it(tmp_path: Path) -> None:
    def broken(_: object) -> Outcome:
        raise OSError(5, "Input/output error")

    signature = next(s for s in STEPS if s.id == "signature")
    steps = (Step("broken", "broken", broken), signature)
    found = diagnose(images(tmp_path, c=spots(), py=spots() * 2), steps=steps)
    assert found.steps[0].state is State.SKIPPED
    assert "Input/output error" in found.steps[0].skipped
    assert cause(found) == "scale"


def test_nothing_is_run_when_nothing_may_be_run(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    asked = Asked(AskedSide((str(program),)), AskedSide((str(program),)))
    case = case_of(asked, tmp_path, tmp_path)
    diagnose(case, run_programs=False)
    assert not (tmp_path / "ran").exists()
    found = diagnose(case)
    assert (tmp_path / "ran").exists()
    assert found.finding is None


def test_a_program_that_fails_is_the_cause(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("#!/bin/sh\n")
    bad.write_text("#!/bin/sh\necho no such library >&2\nexit 3\n")
    for program in (good, bad):
        program.chmod(0o755)
    asked = Asked(AskedSide((str(good),)), AskedSide((str(bad),)))
    found = diagnose(case_of(asked, tmp_path, tmp_path))
    assert cause(found) == "program fails"
    assert "exit code 3: no such library" in found.sentence


def test_a_program_that_prints_nothing_leaves_its_images(tmp_path: Path) -> None:
    x, y = spots(), spots() * np.float32(2.0)
    for name, pixels in (("a", x), ("b", y)):
        pixels.astype("<f4").tofile(tmp_path / f"{name}.bin")
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\ncat {tmp_path}/{name}.bin > float.bin\n")
        program.chmod(0o755)
    asked = Asked(
        AskedSide((str(tmp_path / "a"),)), AskedSide((str(tmp_path / "b"),)), (), (64, 64)
    )
    found = diagnose(case_of(asked, tmp_path, tmp_path))
    assert cause(found) == "scale"
    trace = next(s for s in found.steps if s.id == "trace")
    assert "prints no trace" in trace.skipped


@pytest.mark.parametrize(
    "change",
    [
        np.transpose, np.flipud, np.fliplr, lambda a: np.rot90(a, 1), lambda a: np.rot90(a, 2),
        lambda a: np.rot90(a, 3), lambda a: np.rot90(a.T, 2), lambda a: np.roll(a, (2, -1), (0, 1)),
    ],
)  # fmt: skip
def test_the_command_shows_what_the_sentence_says(
    tmp_path: Path, change: Callable[[Pixels], Pixels]
) -> None:
    x = spots()
    found = diagnose(images(tmp_path, c=x, py=np.ascontiguousarray(change(x))))
    assert cause(found) == "image layout"
    words = shlex.split(found.command)
    done = subprocess.run([sys.executable, *words[1:]], check=True, capture_output=True, text=True)
    assert float(done.stdout) < 0.2  # a moved image keeps its edges


def test_a_trace_may_be_on_stderr(tmp_path: Path) -> None:
    for name, factor in (("a", 100), ("b", 342)):
        (spots() * np.float32(factor)).astype("<f4").tofile(tmp_path / f"{name}.bin")
        program = tmp_path / name
        program.write_text(
            f"#!/bin/sh\ncat {tmp_path}/{name}.bin > float.bin\n"
            f"echo 'TRACE_C: F_latt 5' >&2\necho 'TRACE_C: F_cell {factor}' >&2\n"
        )
        program.chmod(0o755)
    sides = [AskedSide((str(tmp_path / name),)) for name in ("a", "b")]
    found = diagnose(case_of(Asked(sides[0], sides[1], (), (64, 64)), tmp_path, tmp_path))
    assert cause(found) == "structure factors"
    assert "F_cell = 100 e on the C side, F_cell = 342 e in the port" in found.sentence


def test_what_is_neither_image_nor_program_is_refused(tmp_path: Path) -> None:
    asked = Asked(AskedSide(("nowhere",)), AskedSide(("nowhere",)))
    with pytest.raises(PlanError, match="neither an image nor a program"):
        case_of(asked, tmp_path, tmp_path)


def test_the_report_is_text_and_plain_data(tmp_path: Path) -> None:
    x = spots()
    found = diagnose(images(tmp_path, c=x, py=np.ascontiguousarray(x.T)))
    record = json.loads(json.dumps(diagnosis_record(found)))
    assert record["cause"] == "image layout"
    assert record["steps"][-1]["state"] == "found"
    text = diagnosis_text(found)
    assert "confirm: python3 -c" in text
    assert "8. What kind of difference is it? [FOUND" in text


def test_known_issues_are_cited(tmp_path: Path) -> None:
    bugs = tmp_path / "docs" / "bugs"
    bugs.mkdir(parents=True)
    (bugs / "005.md").write_text("# Flaw 5\n\nC loads Fdump.bin when no -hkl is given.\n")
    (bugs / "006.md").write_text("# Flaw 6\n\nSomething else.\n")
    finding = Finding("hidden input", "sentence", "command")
    found = Diagnosis("t", (), finding, 0.0)
    assert known_issues(tmp_path, found) == (
        Line("C loads Fdump.bin when no -hkl is given.", "docs/bugs/005.md:3"),
    )
