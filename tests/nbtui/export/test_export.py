"""One archive with the same bytes every time, which verifies where it is unpacked."""

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate

from nbtui.errors import BundleError
from nbtui.export.archive import export
from nbtui.verify.check import verify
from tests.nbtui.verify.forgery import flip


@pytest.fixture(scope="module")
def unpacked(sealed_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that an archive of the bundle unpacks to."""
    folder = tmp_path_factory.mktemp("unpacked")
    done = export(sealed_bundle, folder / "e.tar", "https://spdx.org/licenses/CC0-1.0")
    with tarfile.open(done.path) as archive:
        archive.extractall(folder, filter="tar")
    return folder / f"{sealed_bundle.name}-crate"


def test_the_same_bundle_gives_the_same_bytes(bundle_copy: Path, tmp_path: Path) -> None:
    first = export(bundle_copy, tmp_path / "a.tar")
    (bundle_copy / "memo.md").touch()
    (bundle_copy / "plan.json").chmod(0o600)
    second = export(bundle_copy, tmp_path / "b.tar")
    assert first.sha256 == second.sha256
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()


def test_what_is_unpacked_verifies(unpacked: Path, sealed_bundle: Path) -> None:
    assert verify(unpacked / sealed_bundle.name).sound
    argv = [sys.executable, "-I", "-S", str(unpacked / sealed_bundle.name / "verify.py")]
    assert subprocess.run(argv, capture_output=True, check=False).returncode == 0
    assert (unpacked / sealed_bundle.name / "environment.json").stat().st_mode & 0o077 == 0


def test_rocrate_reads_the_metadata(unpacked: Path, sealed_bundle: Path) -> None:
    crate = ROCrate(str(unpacked))
    files = {e.id for e in crate.data_entities}
    assert f"{sealed_bundle.name}/full_frame/c_float.bin" in files
    assert f"{sealed_bundle.name}/events.jsonl" in files
    assert crate.root_dataset["license"].id == "https://spdx.org/licenses/CC0-1.0"
    actions = [e for e in crate.contextual_entities if e.type == "CreateAction"]
    assert {a.id for a in actions} == {"#01-compare", "#02-pytest", "#03-summary"}
    compare = next(a for a in actions if a.id == "#01-compare")
    assert compare["instrument"].get("name") == "nb-compare"
    assert compare["startTime"] < compare["endTime"]
    assert f"{sealed_bundle.name}/full_frame/summary.json" in {r.id for r in compare["result"]}


def test_every_file_of_the_crate_has_its_hash(unpacked: Path) -> None:
    import hashlib

    graph = json.loads((unpacked / "ro-crate-metadata.json").read_text())["@graph"]
    files = [e for e in graph if e["@type"] == "File"]
    assert len(files) > 20
    for entity in files:
        data = (unpacked / entity["@id"]).read_bytes()
        assert entity["sha256"] == hashlib.sha256(data).hexdigest()
        assert entity["contentSize"] == str(len(data))


def test_an_altered_bundle_is_not_passed_on(bundle_copy: Path, tmp_path: Path) -> None:
    flip(bundle_copy / "memo.md")
    with pytest.raises(BundleError, match=r"memo\.md"):
        export(bundle_copy, tmp_path / "e.tar")
    assert not list(tmp_path.glob("*.tar*"))


def test_an_archive_does_not_go_into_its_own_bundle(bundle_copy: Path) -> None:
    with pytest.raises(BundleError, match="inside the bundle"):
        export(bundle_copy, bundle_copy / "e.tar")
