"""The seal, the environment record, safe text, and the same-experiment rule."""

import subprocess
from pathlib import Path

import pytest

from nbtui.durable import (
    StrictJsonError,
    dump_json,
    load_json,
    sha256_file,
    write_bytes,
    write_json,
)
from nbtui.errors import BundleError, RecordingError
from nbtui.evidence.experiment import same_experiment
from nbtui.evidence.manifest import MANIFEST, digests, files, seal
from nbtui.evidence.provenance import environment_record
from nbtui.evidence.records import Collected
from nbtui.evidence.text import cell, fenced, figure, one_line, printable, size


def test_the_seal_is_what_sha256sum_checks(tmp_path: Path) -> None:
    for name in ("b.txt", "a/c d.bin", "a/ä.txt", "Z"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
    seal(tmp_path)
    command = ["sha256sum", "--check", "--strict", "--quiet", MANIFEST]
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0
    listed = [line.split("  ")[1] for line in (tmp_path / MANIFEST).read_text().splitlines()]
    assert listed == sorted(["b.txt", "a/c d.bin", "a/ä.txt", "Z"], key=str.encode)
    (tmp_path / "b.txt").chmod(0o644)
    (tmp_path / "b.txt").write_text("other")
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode != 0


def test_only_what_changed_is_hashed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("same", "grown"):
        (tmp_path / name).write_text(name)
    known = digests(tmp_path)
    (tmp_path / "grown").write_text("grown more")
    (tmp_path / "new").write_text("new")
    hashed: list[str] = []

    def counted(path: Path) -> str:
        hashed.append(path.name)
        return sha256_file(path)

    monkeypatch.setattr("nbtui.evidence.manifest.sha256_file", counted)
    fresh = {name: d.sha256 for name, d in digests(tmp_path, known).items()}
    assert hashed == ["grown", "new"]
    assert fresh == {name: sha256_file(tmp_path / name) for name in ("grown", "new", "same")}


@pytest.mark.parametrize("name", ["with\nnewline", "back\\slash"])
def test_names_that_cannot_be_listed_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    with pytest.raises(BundleError):
        files(tmp_path)


def test_links_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(BundleError, match="link"):
        seal(tmp_path)
    assert not (tmp_path / MANIFEST).exists()


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    write_bytes(path, b"old")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nbtui.durable.os.fsync", full)
    with pytest.raises(RecordingError, match="No space left"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_json_is_strict_both_ways(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": 1, "a": [0.1, None]})
    assert load_json((tmp_path / "a.json").read_bytes()) == {"a": [0.1, None], "b": 1}
    with pytest.raises(StrictJsonError):
        dump_json({"x": float("nan")})
    with pytest.raises(StrictJsonError):
        load_json(b"\xff\xfe")


def test_values_that_are_not_listed_are_only_hashed() -> None:
    env = {"HOME": "/h", "API_TOKEN": "canary"}
    record = environment_record(env, frozenset({"HOME", "UNSET"}))
    assert record["values"] == {"HOME": "/h"}
    assert "canary" not in dump_json(record).decode()
    assert (
        environment_record(env, frozenset())["hidden"]
        != environment_record(env, frozenset())["hidden"]
    )  # salted anew


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "\x1b]52;c;x\x07", "\x9b31m", "a\u202eb", "\r", "\udcff", "\x00"]
)
def test_nothing_that_moves_a_terminal_is_printed(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert shown != text


def test_text_stays_in_its_place() -> None:
    assert one_line("a\n  b\tc") == "a b c"
    assert one_line("x" * 500, 10) == "xxxxxxxxxx... (490 more)"
    assert cell("a|b\nc") == "a\\|b c"
    assert fenced("has ``` inside").startswith("````text\n")
    assert size(999) == "999 B"
    assert size(67_108_864) == "67.1 MB"
    assert figure(0.99999999999999) == "0.99999999999999"
    assert figure(1.0) == "1"
    assert figure(None) == "undefined"


def collected(step_id: str, digest: str | None, **parameters: str) -> Collected:
    return Collected(step_id=step_id, parameter_hash=digest, parameters=parameters)


def test_one_experiment_or_the_differing_values() -> None:
    a = collected("a", "1", N="5", lam="1")
    assert same_experiment([a]) is None
    assert same_experiment([a, collected("b", None)]) is None
    same = same_experiment([a, collected("b", "1")])
    assert same is not None
    assert same.ok
    other = same_experiment([a, collected("b", "1"), collected("c", "2", N="1", lam="1")])
    assert other is not None
    assert not other.ok
    assert "N: 5 in a, 1 in c" in other.found
    assert "lam" not in other.found
