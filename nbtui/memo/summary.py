"""The summary that a memo asks for: its name, its golden image, where the hash comes from."""

import re
from dataclasses import dataclass

from nbtui.memo.aliases import map_path
from nbtui.memo.model import Memo, SectionKey
from nbtui.memo.plan import Deviation
from nbtui.memo.programs import is_golden
from nbtui.project import Aliases

_ASKED = re.compile(
    r"\b(?:summari[sz]e|summary|write|record|report)\b.*?(?P<name>[\w.-]*summary[\w.-]*\.md)",
    re.IGNORECASE | re.DOTALL,
)
_HASH = re.compile(r"\bhash(?:es)? of\s+`?(?P<path>[\w./-]+)`?", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s+`?(?P<path>[\w./-]*checksums?[\w.-]*)`?", re.IGNORECASE)
_STARTS = re.compile(r"^\s*(?:summari[sz]e|write|record)\b", re.IGNORECASE)
DEFAULT_NAME = "phase_summary.md"
CHECKSUMS = "golden_data/cases.json"


@dataclass(frozen=True, slots=True)
class SummaryRequest:
    """What the summary is called and what it must cite."""

    name: str = DEFAULT_NAME
    golden: str | None = None
    deviations: tuple[Deviation, ...] = ()


def is_summary(text: str) -> bool:
    """Whether a bullet asks for the run's summary file."""
    return bool(_STARTS.match(text)) and _ASKED.search(text) is not None


def find_summary(memo: Memo, aliases: Aliases) -> SummaryRequest:
    """Return the memo's request for a summary; the defaults when it makes none."""
    for bullet in memo.bullets(SectionKey.HOW_TO):
        if is_summary(bullet.text):
            return _request(bullet.text, aliases)
    return SummaryRequest()


def _request(text: str, aliases: Aliases) -> SummaryRequest:
    asked = _ASKED.search(text)
    name = asked["name"] if asked else DEFAULT_NAME
    deviations: list[Deviation] = []
    golden: str | None = None
    if (hashed := _HASH.search(text)) is not None:
        said = hashed["path"].rstrip(".")
        path = map_path(said, aliases)
        golden = path if is_golden(path) else None
        if path != said:
            deviations.append(
                Deviation(
                    memo_says=said,
                    runs=path,
                    why="[tool.nbtui.aliases] maps it to this project's layout",
                )
            )
    if (source := _FROM.search(text)) is not None and golden:
        deviations.append(
            Deviation(
                memo_says=f"hash from {source['path'].rstrip('.')}",
                runs=f"hash of the file itself, held against {CHECKSUMS}",
                why="a recorded checksum says nothing about the file that was used",
            )
        )
    return SummaryRequest(name=name, golden=golden, deviations=tuple(deviations))
