"""The words of a step: its argument list, or every command inside its shell text."""

from pathlib import PurePosixPath

from nbtui.memo.names import OUTDIR
from nbtui.memo.plan import Step
from nbtui.memo.shelltext import commands


def words_of(step: Step) -> tuple[str, ...]:
    """Return a step's argument list; empty where no program is started."""
    return step.command.argv if step.command else ()


def commands_of(step: Step) -> tuple[tuple[str, ...], ...]:
    """Return every command that a step starts: one, or those inside its shell text."""
    if step.command is None:
        return ()
    text = step.command.script
    if text is None:
        return (step.command.argv,)
    found = (tuple(w.strip("\"'") for w in words) for words in commands(text))
    return tuple(words for words in found if words and words[0])


def located(step: Step, path: str) -> str | None:
    """Return a path of a step relative to the root; ``None`` when it lies in the bundle."""
    folder = step.command.cwd if step.command else ""
    if not folder or PurePosixPath(path).is_absolute():
        return path
    if folder.startswith(OUTDIR):
        return None
    return PurePosixPath(folder, path).as_posix()
