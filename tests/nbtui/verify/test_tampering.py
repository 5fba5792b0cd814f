"""Ten ways to tamper with a real bundle: each is caught, and the file is named."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nbtui.evidence import bundled_verify
from nbtui.verify.check import verify
from nbtui.verify.model import Level, Report, Status
from tests.nbtui.verify.forgery import flip, lines, rechain, replace, reseal, write_lines

Tamper = Callable[[Path], None]


def image_byte(bundle: Path) -> None:
    flip(bundle / "full_frame" / "py_float.bin", 5001)


def log_byte(bundle: Path) -> None:
    flip(bundle / "logs" / "compare.log", 3)


def summary_figure(bundle: Path) -> None:
    replace(bundle / "phase_a_summary.md", "0.99999999", "0.99999990")


def journal_line_removed(bundle: Path) -> None:
    path = bundle / "events.jsonl"
    write_lines(path, [raw for raw in lines(path) if b'"type":"gate"' not in raw])


def journal_line_moved(bundle: Path) -> None:
    path = bundle / "events.jsonl"
    raw = lines(path)
    raw[5], raw[6] = raw[6], raw[5]
    write_lines(path, raw)


def golden_hash(bundle: Path) -> None:
    path = bundle / "environment.json"
    digest = json.loads(path.read_text())["provenance"]["golden_sha256"]
    replace(path, digest, "0" * 64)


def attestation(bundle: Path) -> None:
    replace(bundle / "attestation.json", '"WARNED"', '"PASSED"')


def renamed(bundle: Path) -> None:
    (bundle / "full_frame" / "c.png").rename(bundle / "full_frame" / "d.png")


def added(bundle: Path) -> None:
    (bundle / "full_frame" / "better.bin").write_bytes(b"more")


def threshold(bundle: Path) -> None:
    replace(bundle / "plan.json", "0.999", "0.9")


TEN: dict[str, tuple[Tamper, str]] = {
    "image byte": (image_byte, "full_frame/py_float.bin"),
    "log byte": (log_byte, "logs/compare.log"),
    "summary figure": (summary_figure, "phase_a_summary.md"),
    "journal line removed": (journal_line_removed, "events.jsonl"),
    "journal lines in another order": (journal_line_moved, "events.jsonl"),
    "golden hash": (golden_hash, "environment.json"),
    "attestation": (attestation, "attestation.json"),
    "renamed file": (renamed, "full_frame/d.png"),
    "added file": (added, "full_frame/better.bin"),
    "threshold": (threshold, "plan.json"),
}


def wrong(report: Report) -> set[str]:
    """Return the files of the claims that do not hold."""
    return {f.file for f in report.of(Status.BAD)}


def test_the_untouched_copy_is_sound_although_it_lies_elsewhere(bundle_copy: Path) -> None:
    report = verify(bundle_copy)
    assert [f.what for f in report.of(Status.BAD)] == []
    assert report.sound
    assert report.verdict == "cleared"
    derived = [f for f in report.findings if f.level is Level.FIGURES and "holds" in f.what]
    assert len(derived) >= 4


@pytest.mark.parametrize("name", TEN)
def test_tampering_is_caught_and_named(bundle_copy: Path, name: str) -> None:
    tamper, file = TEN[name]
    tamper(bundle_copy)
    assert file in wrong(verify(bundle_copy))


@pytest.mark.parametrize("name", [n for n in TEN if n != "attestation"])
def test_the_program_in_the_bundle_catches_it_too(bundle_copy: Path, name: str) -> None:
    tamper, file = TEN[name]
    tamper(bundle_copy)
    program = str(bundle_copy / "verify.py")
    done = subprocess.run(
        [sys.executable, "-I", "-S", program, "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == bundled_verify.ALTERED
    assert file in {p["file"] for p in json.loads(done.stdout)["problems"]}


FORGED: dict[str, tuple[Tamper, str]] = {
    "image byte": (image_byte, "full_frame/summary.json"),
    "log byte": (log_byte, "logs/compare.log"),
    "summary figure": (summary_figure, "phase_a_summary.md"),
    "golden hash": (golden_hash, "environment.json"),
    "threshold": (threshold, "plan.json"),
    "added file": (lambda b: flip(b / "report.html", 100), "report.html"),
}


@pytest.mark.parametrize("name", FORGED)
def test_new_sums_and_a_new_attestation_do_not_hide_it(bundle_copy: Path, name: str) -> None:
    tamper, file = FORGED[name]
    tamper(bundle_copy)
    reseal(bundle_copy)
    assert not bundled_verify.check(str(bundle_copy))  # the hashes are whole again
    assert file in wrong(verify(bundle_copy))


def test_a_gate_taken_out_of_a_rewritten_journal_does_not_clear_it(bundle_copy: Path) -> None:
    journal_line_removed(bundle_copy)
    rechain(bundle_copy / "events.jsonl")
    reseal(bundle_copy)
    report = verify(bundle_copy)
    told = [f.what for f in report.of(Status.BAD)]
    assert any("was not held" in what for what in told)
    assert "gates.json" in wrong(report)


def test_a_better_figure_in_a_rewritten_journal_is_not_what_the_images_say(
    bundle_copy: Path,
) -> None:
    path = bundle_copy / "events.jsonl"
    raw = lines(path)
    for number, line in enumerate(raw):
        event = json.loads(line)
        result = event["event"].get("result", {})
        if event["event"]["type"] == "gate" and result["gate"]["metric"] == "relative_l2":
            result["value"] = 1e-13
            raw[number] = json.dumps(event, sort_keys=True, separators=(",", ":")).encode()
    write_lines(path, raw)
    rechain(path)
    reseal(bundle_copy)
    report = verify(bundle_copy)
    assert any("relative_l2" in f.what and f.claimed == 1e-13 for f in report.of(Status.BAD))


def test_a_sum_that_no_threshold_allows_is_not_cleared(bundle_copy: Path) -> None:
    path = bundle_copy / "events.jsonl"
    raw = lines(path)
    for number, line in enumerate(raw):
        event = json.loads(line)
        for metric in event["event"].get("collected", {}).get("metrics", ()):
            if metric["name"] == "sum_ratio":
                metric["value"] = 126451.0
                raw[number] = json.dumps(event, sort_keys=True, separators=(",", ":")).encode()
    write_lines(path, raw)
    rechain(path)
    reseal(bundle_copy)
    told = [f.what for f in verify(bundle_copy).of(Status.BAD)]
    assert any("cleared, although" in what and "no threshold widens" in what for what in told)


def test_a_threshold_loosened_everywhere_is_not_what_its_source_says(bundle_copy: Path) -> None:
    for name in ("plan.json", "events.jsonl", "gates.json"):
        path = bundle_copy / name
        path.write_text(re.sub(r'("threshold": ?)0\.999', r"\g<1>0.5", path.read_text()))
    rechain(bundle_copy / "events.jsonl")
    reseal(bundle_copy)
    findings = verify(bundle_copy).of(Status.BAD)
    assert any(f.level is Level.THRESHOLDS and f.file.endswith("strategy.md") for f in findings)


def test_links_are_no_part_of_a_bundle(bundle_copy: Path) -> None:
    target = bundle_copy / "full_frame" / "c.png"
    elsewhere = bundle_copy.parent / "elsewhere.png"
    os.link(target, elsewhere)
    assert "full_frame/c.png" in wrong(verify(bundle_copy))
    target.unlink()
    target.symlink_to(elsewhere)
    findings = verify(bundle_copy).of(Status.BAD)
    assert any(f.level is Level.FORM and "symbolic link" in f.what for f in findings)


def test_the_attestation_of_another_run_is_not_this_ones(bundle_copy: Path) -> None:
    replace(bundle_copy / "attestation.json", bundle_copy.name, "20200101T000000Z")
    assert "attestation.json" in wrong(verify(bundle_copy))


@pytest.mark.parametrize("name", ["attestation.json", "SHA256SUMS", "events.jsonl", "plan.json"])
def test_what_is_deleted_never_helps(bundle_copy: Path, name: str) -> None:
    (bundle_copy / name).unlink()
    assert name in wrong(verify(bundle_copy))


@pytest.mark.parametrize("word", ["null", "[[]]", "1e308", "", "99999999999999999999"])
@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("full_frame/summary.json", r"\[\s*64,\s*96\s*\]"),
        ("full_frame/summary.json", r'"c_float.bin"'),
        ("full_frame/summary.json", r'"peaks": \{'),
        ("events.jsonl", r'(?<="mono_ns":)\d+'),
        ("events.jsonl", r'(?<="event":)\{'),
        ("gates.json", r"\[\s*\{"),
        ("attestation.json", r'(?<="subject": )\['),
        ("sources/docs/strategy.md", r"0\.999"),
    ],
)
def test_nothing_a_bundle_holds_makes_the_verifier_fail(
    bundle_copy: Path, name: str, pattern: str, word: str
) -> None:
    path = bundle_copy / name
    text, count = re.subn(pattern, word, path.read_text("utf-8"), count=1)
    assert count == 1
    path.write_text(text, "utf-8")
    assert not verify(bundle_copy).sound


def test_one_changed_bit_in_each_file_is_found_and_the_file_named(bundle_copy: Path) -> None:
    names, _ = bundled_verify.entries(str(bundle_copy))
    for name in names:
        path = bundle_copy / name
        before = path.read_bytes()
        if not before:
            continue
        flip(path, len(before) // 2)
        report = verify(bundle_copy) if name == "attestation.json" else None
        found = (
            wrong(report) if report else {p.file for p in bundled_verify.check(str(bundle_copy))}
        )
        assert name in found, name
        path.write_bytes(before)
    assert not bundled_verify.check(str(bundle_copy))
