"""Which rules the words of a pitfall state."""

import pytest

from nbtui.memo.guards import HELD, find_guards, memory_bytes
from nbtui.memo.parse import parse_memo


def found(*pitfalls: str) -> set[str]:
    """The ids of the guards in some pitfalls."""
    text = "Pitfalls To Avoid:\n" + "".join(f"- {p}\n" for p in pitfalls)
    return {g.id for g in find_guards(parse_memo(text.encode(), name="memo.md"))}


@pytest.mark.parametrize(
    ("pitfall", "guard"),
    [
        ("Never change golden data.", "golden-unchanged"),
        ("Leave all golden images as they are.", "golden-unchanged"),
        ("Golden reference frames are not regenerated here.", "golden-unchanged"),
        ("Do not touch the goldens.", "golden-unchanged"),
        ("Do not overwrite reference images", "golden-unchanged"),
        ("Do not commit `reports/`.", "reports-untracked"),
        ("Everything below reports/ stays untracked.", "reports-untracked"),
        ("Avoid committing; do not commit evidence bundles", "reports-untracked"),
        ("Keep LIB_OK set for every command.", "environment-fixed"),
        ("Forgetting `SHELF_DISABLE_COMPILE=1` brings the failures back.", "environment-fixed"),
        ("LIB_OK_X=TRUE is mandatory.", "environment-fixed"),
        ("Have 12 GiB of memory free.", "memory"),
        ("A rerun takes a fresh STAMP.", "new-stamp"),
        ("Reuse no timestamped folder.", "new-stamp"),
        ("No further selectors, please.", "pytest-selector"),
        ("Never use `pytest -k shelf`.", "pytest-selector"),
        ("Stick to the mapped tests.", "pytest-selector"),
        ("Do not run the full pytest suite.", "no-full-suite"),
        ("Full-suite runs are out of scope.", "no-full-suite"),
        ("No CUDA today.", "no-cuda"),
        ("Skip CUDA runs.", "no-cuda"),
        ("CPU only.", "no-cuda"),
        ("Run everything on the CPU.", "no-cuda"),
        ("Preserve all logs.", "logs-exact"),
        ("Note the git SHA.", "provenance"),
        ("Avoid rerunning before the cause is known.", "no-blind-rerun"),
        ("Do not loosen tolerances.", "thresholds-fixed"),
        ("Thresholds are hard stops.", "thresholds-fixed"),
        ("Do not edit simulator code.", "code-unchanged"),
        ("This is an evidence-only round.", "code-unchanged"),
        ("Respect Protected Assets.", "protected-assets"),
    ],
)
def test_a_rule_is_found_however_it_is_put(pitfall: str, guard: str) -> None:
    assert guard in found(pitfall)


@pytest.mark.parametrize(
    "pitfall",
    [
        "Keep the worktree clean; note leftovers in docs/fix_plan.md.",
        "Preserve device neutrality (no hard-coded .cpu()/.cuda()).",
        "Watch the disk: more than 10 GB must be free.",
        "Validate each selector file before the start.",
        "Verify that the listed files exist.",
        "If CUDA is absent, say so.",
        "Golden rule: think first.",
    ],
)
def test_other_words_state_no_rule(pitfall: str) -> None:
    assert found(pitfall) == set()


def test_room_on_a_disk_is_no_memory() -> None:
    def asked(text: str) -> int | None:
        return memory_bytes(parse_memo(f"Pitfalls To Avoid:\n- {text}\n".encode(), name="m"))

    assert asked("At least 10 GB of disk free.") is None
    assert asked("At least 10 GB of memory free.") == 10_000_000_000


def test_every_watched_rule_says_who_holds_it() -> None:
    assert "no-blind-rerun" not in HELD
    assert {"golden-unchanged", "no-cuda", "memory", "interpreter"} <= HELD.keys()
