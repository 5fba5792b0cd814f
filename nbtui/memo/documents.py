"""What besides the memo decides which figures are demanded: documents, cases, sources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nbtui.memo.asserted import Read
from nbtui.memo.citations import Cited
from nbtui.memo.gates import ThresholdRow


def _read_nothing(_: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Documents:
    """The project's own words on thresholds; with nothing given, only the memo's count."""

    thresholds: Sequence[ThresholdRow] = ()
    """The testing strategy's rows."""
    cases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The golden cases' arguments (:func:`nbtui.memo.cases.load`)."""
    cited: Sequence[Cited] = ()
    """Lines of the documents that the memo points at (:func:`nbtui.memo.citations.read`)."""
    read: Read = _read_nothing
    """Reads a file of the project, for the thresholds in the source of scripts and tests."""
