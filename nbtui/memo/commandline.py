"""Shell text of a memo to the argv that runs, with every difference on record.

What cannot run as plain argv comes back with questions instead: nothing is guessed, and
nothing that needs a shell is executed.
"""

import re
from dataclasses import dataclass

from nbtui.memo.aliases import map_command, map_path, map_paths
from nbtui.memo.names import OUTDIR, Names, spell_stamp, unknown_variables
from nbtui.memo.plan import Deviation
from nbtui.memo.programs import why_not_run
from nbtui.memo.shellwords import simple
from nbtui.memo.variables import Peeled, peel
from nbtui.project import Settings

_PLACEHOLDER = re.compile(r"<[A-Za-z][\w .|,/-]*>(?!\()")
_ELLIPSIS = re.compile(r"\.{3}|…")
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command of the memo, resolved."""

    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    log: str | None
    """Where the memo wanted the output, when it said so."""
    timeout_s: float | None
    deviations: tuple[Deviation, ...]
    questions: tuple[str, ...]
    """Why it cannot run as it stands; empty when it can."""

    def same_as(self, other: "CommandLine") -> bool:
        """Whether both run the same program with the same words and environment."""
        return self.argv == other.argv and dict(self.env) == dict(other.env)


def resolve_command(text: str, names: Names, settings: Settings) -> CommandLine:
    """Return what the shell text runs as.

    Parameters
    ----------
    text
        One command as the memo writes it.
    names
        STAMP, OUTDIR and the memo's own variables.
    settings
        The project's aliases.
    """
    shell, dotted = _without_full_stop(spell_stamp(text.strip()))
    command = simple(shell)
    questions = [*_placeholders(shell)] or [f"it needs a shell: {o}" for o in command.obstacles]
    deviations = list(dotted)
    peeled = peel(command.assignments, command.words)
    argv = tuple(names.resolve(w) for w in peeled.words)
    for mapped in (map_command(argv, settings.aliases),):
        argv = mapped.words
        deviations.extend(mapped.deviations)
    paths = map_paths(argv, settings.aliases)
    argv = paths.words
    deviations.extend(paths.deviations)
    env, env_deviations = _environment(peeled, names, settings)
    deviations.extend(env_deviations)
    if not questions:
        questions.extend(_refusals(argv, env))
    log = names.resolve(command.tee) if command.tee else None
    deviations.extend(_captured(command.tee_text, log))
    timeout_s = _seconds(peeled.timeout)
    deviations.extend(_taken_over(peeled, timeout_s))
    return CommandLine(argv, env, log, timeout_s, tuple(deviations), tuple(questions))


def _without_full_stop(text: str) -> tuple[str, tuple[Deviation, ...]]:
    """Cut a sentence's full stop off the last word."""
    if not text.endswith(".") or text.endswith((" .", "/.", "..")):
        return text, ()
    word = text.rsplit(maxsplit=1)[-1]
    return text[:-1], (
        Deviation(memo_says=word, runs=word[:-1], why="the full stop ends the sentence"),
    )


def _placeholders(text: str) -> list[str]:
    found = [m[0] for m in _PLACEHOLDER.finditer(text)]
    reasons = [f"what stands for the placeholder {p}?" for p in dict.fromkeys(found)]
    if _ELLIPSIS.search(text):
        reasons.append("what was left out at the ellipsis (...)?")
    return reasons


def _refusals(argv: tuple[str, ...], env: tuple[tuple[str, str], ...]) -> list[str]:
    if not argv:
        return ["which program runs here?"]
    words = (*argv, *(value for _, value in env))
    unknown = unknown_variables(" ".join(words))
    if unknown:
        return [f"what is the value of {', '.join('$' + n for n in unknown)}?"]
    stray = [w for w in words if "$" in w.replace(OUTDIR, "")]
    if stray:
        return [f"what does the dollar sign in {stray[0]} stand for?"]
    reason = why_not_run(argv)
    return [f"may it run? {reason}"] if reason else []


def _environment(
    peeled: Peeled, names: Names, settings: Settings
) -> tuple[tuple[tuple[str, str], ...], list[Deviation]]:
    env: dict[str, str] = {}
    deviations: list[Deviation] = []
    for name, raw in peeled.env:
        value = names.resolve(raw)
        mapped = map_path(value, settings.aliases)
        if mapped != value:
            deviations.append(
                Deviation(
                    memo_says=f"{name}={value}",
                    runs=f"{name}={mapped}",
                    why="[tool.nbtui.aliases] maps it to this project's layout",
                )
            )
        env[name] = mapped
    return tuple(env.items()), deviations


def _captured(tee_text: str, log: str | None) -> list[Deviation]:
    if not tee_text:
        return []
    return [
        Deviation(
            memo_says=tee_text,
            runs=f"stdout and stderr go to {log or 'the log'}",
            why="the tool captures both itself; a pipe would hide the exit code",
        )
    ]


def _taken_over(peeled: Peeled, timeout_s: float | None) -> list[Deviation]:
    """Say what the tool does in place of ``timeout`` and ``time``."""
    found: list[Deviation] = []
    if peeled.timeout:
        found.append(
            Deviation(
                memo_says=f"timeout {peeled.timeout}",
                runs=f"the stage's own deadline of {timeout_s:g} s",
                why="the whole process group is ended, and the journal says so",
            )
        )
    if peeled.timer:
        found.append(
            Deviation(
                memo_says=peeled.timer,
                runs="wall time, CPU time and peak memory of every stage",
                why="the tool measures each stage itself (wait4)",
            )
        )
    return found


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    unit = text[-1] if text[-1] in _UNITS else ""
    return float(text.removesuffix(unit)) * _UNITS[unit]
