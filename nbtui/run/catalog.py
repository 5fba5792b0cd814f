"""The bundles of a project: where they are, which is the newest, which were never closed."""

from pathlib import Path

from nbtui.errors import BundleError
from nbtui.evidence.manifest import MANIFEST
from nbtui.run.stamp import PATTERN

PLAN = "plan.json"


def bundles(root: Path, reports: str = "reports") -> tuple[Path, ...]:
    """Return all run folders below ``root / reports``, the newest STAMP first."""
    found = [
        path
        for path in (root / reports).glob("**/*T*Z")
        if PATTERN.fullmatch(path.name) and (path / PLAN).is_file() and not path.is_symlink()
    ]
    return tuple(sorted(found, key=lambda p: (p.name, str(p)), reverse=True))


def find_bundle(root: Path, stamp: str | None, reports: str = "reports") -> Path:
    """Return the run of a STAMP (or of a path to its folder), the newest one for ``None``.

    Raises
    ------
    BundleError
        When there is no such run.
    """
    if stamp is not None and (Path(stamp) / PLAN).is_file():
        return Path(stamp).resolve()
    known = bundles(root, reports)
    for bundle in known:
        if stamp is None or bundle.name == stamp:
            return bundle
    newest = f"; the newest is {known[0].name}" if known else ""
    raise BundleError(
        f"no run {stamp}{newest}" if stamp else "there is no run yet",
        where=str(root / reports),
        fix="nbtui runs lists them" if known else "nbtui --batch starts one",
    )


def is_sealed(bundle: Path) -> bool:
    """Return whether a bundle is complete and closed."""
    return (bundle / MANIFEST).is_file()
