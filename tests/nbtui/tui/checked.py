"""What a verification may say: an altered file, a wrong figure, something lost, something sound."""

from nbtui.tui.services import Verified
from nbtui.verify.face import integrity
from nbtui.verify.model import Finding, Level, Report, Status, bad, note, ok, unknown

ALTERED = bad(Level.INTACT, "is not what SHA256SUMS says", "logs/nb_compare.log")
FIGURE = Finding(
    level=Level.FIGURES, status=Status.BAD, what="correlation is not that of the images",
    file="full_frame/summary.json", claimed=0.9999, derived=0.721177,
)  # fmt: skip
LOST = unknown(Level.FIGURES, "the image is not stored", "full_frame/c.bin")
HOLDS = ok(Level.JOURNAL, "the chain of the journal is whole and ends with the verdict")
REMARK = note(Level.SIGNATURE, "not signed")


def verified(*findings: Finding) -> Verified:
    """Return what the command says, given its findings."""
    report = Report(
        bundle="/data/reports/x/20261124T101500Z", stamp="20261124T101500Z", verdict="blocked",
        version="0.1.0", written_by="0.1.0", findings=findings,
    )  # fmt: skip
    return Verified(report, integrity(report), 6 if not report.sound else 0)
