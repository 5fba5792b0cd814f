"""GitHub's step summary: the page of a workflow run shows what the run or the check found.

GitHub names a file in ``GITHUB_STEP_SUMMARY``; Markdown that is appended to it is shown. A
file that cannot be written is said and changes no exit code: it is a view.
"""

from collections.abc import Mapping
from pathlib import Path

from nbtui.evidence.text import printable

VARIABLE = "GITHUB_STEP_SUMMARY"
_MOST = 900_000
"""Characters; GitHub drops a summary of more than one MiB."""


def append(env: Mapping[str, str], text: str) -> str | None:
    """Append Markdown to the step summary, where there is one; return what went wrong.

    Parameters
    ----------
    env
        The environment that may name the file.
    text
        Markdown.
    """
    name = env.get(VARIABLE)
    if not name:
        return None
    shown = printable(text)
    if len(shown) > _MOST:
        shown = f"{shown[:_MOST]}\n\n(cut; the whole is in the bundle)\n"
    try:
        with Path(name).open("a", encoding="utf-8") as stream:
            stream.write(f"{shown.rstrip()}\n\n")
    except OSError as error:
        return f"{VARIABLE} cannot be written: {error.strerror} ({name})"
    return None


def of_run(bundle: Path, summary_name: str) -> str:
    """Return what a run has to say: its summary, else why it stopped."""
    for name in ("blockers.md", summary_name):
        path = bundle / name
        if path.is_file():
            return path.read_text("utf-8", "replace")
    return f"Run {bundle.name} left neither summary nor blocker report.\n"
