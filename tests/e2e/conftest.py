"""A checkout of its own for every end-to-end test, and the command line run inside it."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.golden.generate import ensure
from nbtui.memo.source import load
from tests.e2e.checkout import Checkout

ROOT = Path(__file__).parents[2]
GOLDEN = ("high_resolution_4096", "asymmetric_2048x1536")


@pytest.fixture(scope="session")
def built(reference_binary: Path) -> Path:
    """The project's own folder with every golden image the packaged plan needs."""
    for case in GOLDEN:
        ensure(case, ROOT)
    return ROOT


@pytest.fixture
def checkout(built: Path, reference_binary: Path, tmp_path: Path) -> Iterator[Checkout]:
    """A fresh clone whose files a test may damage."""
    with _clone(built, reference_binary, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def common_checkout(
    built: Path, reference_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Checkout]:
    """A fresh clone for all tests of a module, which must leave it as good as it was."""
    with _clone(built, reference_binary, tmp_path_factory.mktemp("common")) as made:
        yield made


@contextlib.contextmanager
def _clone(built: Path, reference_binary: Path, folder: Path) -> Iterator[Checkout]:
    root = folder / "nbtui"
    subprocess.run(["git", "clone", "--quiet", str(built), str(root)], check=True)
    subprocess.run(["git", "switch", "--quiet", "--force-create", "main"], cwd=root, check=True)
    _commit_engine(root)
    shutil.copytree(reference_binary.parent, root / "build" / "reference")
    for image in built.glob("golden_data/*/image.bin"):
        shutil.copytree(image.parent, root / "golden_data" / image.parent.name)
    env = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "VIRTUAL_ENV": sys.prefix,
        "LANG": "C.UTF-8",
        "NBTUI_LOCK_DIR": str(folder / "locks"),
    }
    yield Checkout(root=root, env=env)
    shutil.rmtree(root, ignore_errors=True)


def _commit_engine(root: Path) -> None:
    """Commit this folder's engine in the clone: preflight blocks when the stages run another."""
    shutil.rmtree(root / "engine")
    shutil.copytree(ROOT / "engine", root / "engine", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["git", "add", "--all", "engine"], cwd=root, check=True)
    if subprocess.run(["git", "diff", "--cached", "--quiet"], cwd=root, check=False).returncode:
        who = ["-c", "user.name=e2e", "-c", "user.email=e2e@example.org"]
        subprocess.run(["git", *who, "commit", "--quiet", "-m", "engine"], cwd=root, check=True)


@pytest.fixture
def scaled_reference(checkout: Checkout) -> Callable[[float], None]:
    """Replace the C program by one whose image is scaled: it computes something else."""

    def replace(factor: float) -> None:
        real = checkout.c_binary.with_name("real")
        checkout.c_binary.rename(real)
        checkout.c_binary.write_text(
            f"#!{sys.executable}\n"
            "import subprocess, sys\n"
            "import numpy as np\n"
            f"code = subprocess.call([{str(real)!r}, *sys.argv[1:]])\n"
            "name = sys.argv[sys.argv.index('-floatfile') + 1]\n"
            "image = np.fromfile(name, '<f4')\n"
            f"(image * np.float32({factor})).tofile(name)\n"
            "sys.exit(code)\n",
            encoding="utf-8",
        )
        checkout.c_binary.chmod(0o755)

    return replace


@pytest.fixture(scope="session")
def packaged_memo() -> str:
    """The text of the memo that is used when there is no other."""
    return load(ROOT).text


@pytest.fixture(scope="session")
def seed_memo() -> Path:
    """The memo this project started from, unchanged; it lies beside the checkout."""
    path = ROOT.parent / "shared" / "seed_memo.md"
    if not path.is_file():
        pytest.skip("the seed memo is not beside this checkout (../shared/seed_memo.md)")
    return path
