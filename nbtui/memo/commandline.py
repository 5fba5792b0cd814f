"""Shell text of a memo to what runs, with every difference on record.

Plain words run without a shell. What needs one runs as the shell text it is, under
``bash -o pipefail``. What cannot run as it stands comes back with questions: nothing is
guessed.
"""

import re
from dataclasses import dataclass

from nbtui.memo import shelltext
from nbtui.memo.aliases import map_command, map_path, map_paths
from nbtui.memo.boundaries import masked
from nbtui.memo.names import OUTDIR, Names, spell_stamp, spell_stamp_in_shell, unknown_variables
from nbtui.memo.plan import SHELL, Deviation
from nbtui.memo.programs import is_pytest, why_not_run
from nbtui.memo.shelledits import with_aliases
from nbtui.memo.shellwords import Simple, Word, simple, tokens
from nbtui.memo.variables import Peeled, peel
from nbtui.project import Settings

_PLACEHOLDER = re.compile(r"<[A-Za-z][\w .|,/-]*>(?!\()|(?<=[\w/])##(?=\W|$)")
_ELLIPSIS = re.compile(r"\.{3}|…")
_CHOICE = re.compile(r"\[[\w.-]+(?:\|[\w.-]+)+\]|(?<=\s)\{[\w.-]+(?:,[\w.-]+)+\}(?=\s|$)")
_OWNED = re.compile(r"\$(?:OUTDIR|STAMP)\b|\$\{(?:OUTDIR|STAMP)\}")
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_STATE = frozenset({"?", "!", "PIPESTATUS", "_", "$"})
"""Variables that only the shell knows in which the command before ran."""
_BORROWED = frozenset({"HOME", "PATH", "PWD", "USER", "TMPDIR", "STAMP", "OUTDIR", "RANDOM"})


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
    cwd: str = ""
    """The working folder; empty for the root."""
    writes: tuple[str, ...] = ()
    """Files that shell text writes by redirection or ``tee``."""

    def same_as(self, other: "CommandLine") -> bool:
        """Whether both run the same program with the same words and environment."""
        return (
            self.argv == other.argv and dict(self.env) == dict(other.env) and self.cwd == other.cwd
        )


def resolve_command(text: str, names: Names, settings: Settings, cwd: str = "") -> CommandLine:
    """Return what the shell text runs as.

    Parameters
    ----------
    text
        One command as the memo writes it.
    names
        STAMP, OUTDIR and the memo's own variables.
    settings
        The project's aliases.
    cwd
        The folder that a ``cd`` before it names.
    """
    shell, dotted = _without_full_stop(text.strip())
    command = simple(spell_stamp(shell))
    folder = names.resolve(spell_stamp(re.sub(r"[\"']", "", cwd))).rstrip("/")
    if command.obstacles and not _captures(command, names, folder):
        text, mapped_words = with_aliases(spell_stamp_in_shell(shell), settings.aliases)
        found = (*dotted, *mapped_words)
        return _script(text, names, found, command.obstacles, folder)
    questions = placeholders(f"{folder} {shell}") or typographic(shell)
    deviations = list(dotted)
    peeled = peel(command.assignments, command.words)
    argv = tuple(names.resolve(w) for w in peeled.words)
    mapped = map_command(argv, settings.aliases)
    paths = map_paths(mapped.words, settings.aliases)
    argv = paths.words
    deviations += [*mapped.deviations, *paths.deviations]
    env, env_deviations = _environment(peeled, names, settings)
    deviations += env_deviations
    if not questions:
        questions.extend(_refusals(argv, env, folder))
    capture = command.tee or command.capture
    log = names.resolve(_below(folder, capture)) if capture else None
    deviations.extend(_captured(command.tee_text, log))
    timeout_s = _seconds(peeled.timeout)
    deviations.extend(_taken_over(peeled, timeout_s))
    return CommandLine(argv, env, log, timeout_s, tuple(deviations), tuple(questions), folder)


def _captures(command: Simple, names: Names, folder: str) -> bool:
    """Whether the only obstacle is a redirection that the tool's own capture replaces.

    ``> x.log 2>&1`` below OUTDIR does; ``> x`` alone only for pytest, whose errors belong
    to its output.
    """
    if command.capture is None or command.obstacles != ("a redirection",):
        return False
    words = peel(command.assignments, command.words).words
    if not (command.merged or (words and is_pytest(words))):
        return False
    return names.resolve(_below(folder, command.capture)).startswith(f"{OUTDIR}/")


def _below(folder: str, path: str) -> str:
    return path if not folder or path.startswith(("/", "$", "~")) else f"{folder}/{path}"


def _script(
    text: str,
    names: Names,
    deviations: tuple[Deviation, ...],
    obstacles: tuple[str, ...],
    folder: str,
) -> CommandLine:
    """Return the command as shell text."""
    if names.leaf != "$STAMP":
        text = names.place(text)
    visible = _outside_documents(text)
    questions = placeholders(f"{folder} {visible}") or typographic(visible)
    questions = questions or _shell_questions(text, names, obstacles)
    own = names.values.keys() - names.exported - _BORROWED
    used = [n for n in shelltext.variables(text) if n in own]
    env = tuple((n, names.resolve(names.values[n])) for n in used)
    why = f"it needs a shell ({'; '.join(obstacles)}); one part that fails makes it fail"
    shown = text if len(text) <= 200 else text[:197] + "..."
    deviation = Deviation(memo_says=shown, runs="bash -o pipefail -c, the text as it is", why=why)
    written = (w.replace('"', "").replace("'", "") for w in shelltext.writes(text))
    return CommandLine(
        argv=(*SHELL, text),
        env=env,
        log=None,
        timeout_s=None,
        deviations=(*deviations, deviation),
        questions=tuple(questions),
        cwd=folder,
        writes=tuple(names.resolve(_below(folder, w)) for w in written),
    )


def _shell_questions(text: str, names: Names, obstacles: tuple[str, ...]) -> list[str]:
    if not shelltext.is_whole(masked(text)):
        if "<<" in text:
            return ["what does the here-document hold? its text never comes"]
        return [f"what is the whole command? {obstacles[0]}"]
    found = shelltext.variables(text)
    if state := [n for n in found if n in _STATE]:
        why = "every stage has a shell of its own; stages/<step>/exit.json holds its exit code"
        return [f"which command's exit code is ${state[0]}? {why}"]
    known = {*names.values, *names.exported, *_BORROWED}
    if unknown := [n for n in found if n not in known and not n.isdigit()]:
        return [f"what is the value of {', '.join('$' + n for n in unknown)}?"]
    stdin = "<<" in text
    for words in shelltext.commands(text):
        argv = peel((), [w.strip("\"'") for w in words]).words
        if argv and not argv[0].startswith("$") and (reason := why_not_run(argv, stdin=stdin)):
            return [f"may it run? {reason}"]
    return []


def _outside_documents(text: str) -> str:
    """Return shell text without the bodies of its here-documents."""
    head, newline, _ = text.partition("\n")
    return head if newline and "<<" in head else text


def _without_full_stop(text: str) -> tuple[str, tuple[Deviation, ...]]:
    """Cut a sentence's full stop off the last word."""
    if not text.endswith(".") or text.endswith((" .", "/.", "..")):
        return text, ()
    word = text.rsplit(maxsplit=1)[-1]
    return text[:-1], (
        Deviation(memo_says=word, runs=word[:-1], why="the full stop ends the sentence"),
    )


def placeholders(text: str) -> list[str]:
    """Return the questions that placeholders, ellipses and choices in a text ask."""
    text = spell_stamp(text)
    found = [m[0] for m in _PLACEHOLDER.finditer(text)]
    reasons = [f"what stands for the placeholder {p}?" for p in dict.fromkeys(found)]
    if _ELLIPSIS.search(text):
        reasons.append("what was left out at the ellipsis (...)?")
    reasons += [f"which of {m[0]}?" for m in _CHOICE.finditer(text)]
    return reasons


def typographic(text: str) -> list[str]:
    """Return the question that a word processor's quotes and dashes ask: a shell knows neither."""
    try:
        words = [t for t in tokens(text) if isinstance(t, Word)]
    except ValueError:
        return []
    quotes = any(
        c in _TYPOGRAPHIC and m == "u"
        for word in words
        for c, m in zip(word.text, word.mask, strict=True)
    )
    dashes = any(re.match(r"[–—]\w", word.text) for word in words if word.plain)
    if not (quotes or dashes):
        return []
    return [f"are the typographic {'quotes' if quotes else 'dashes'} in it meant as plain ones?"]


_TYPOGRAPHIC = frozenset("“”„‟‘‛")


def _refusals(argv: tuple[str, ...], env: tuple[tuple[str, str], ...], folder: str) -> list[str]:
    if not argv:
        return ["which program runs here?"]
    words = (*argv, *(value for _, value in env), folder)
    unknown = unknown_variables(" ".join(words))
    if unknown:
        return [f"what is the value of {', '.join('$' + n for n in unknown)}?"]
    stray = [w for w in words if "$" in _OWNED.sub("", w)]
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
