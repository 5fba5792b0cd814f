"""The checklist as a conversation: step by step, over any terminal and screen reader.

Everything said here is recorded in a bundle as any run records it: events in the journal,
gates held against what was measured, a verdict at the end.
"""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from nbtui.checklist.sheet import Sheet, make_sheet
from nbtui.checklist.talk import Talk
from nbtui.checklist.text import entry_lines
from nbtui.errors import NotConfirmedError
from nbtui.evidence.text import one_line
from nbtui.exit_codes import ExitCode
from nbtui.listing import findings_text
from nbtui.memo.plan import Step
from nbtui.memo.planfile import command_words
from nbtui.narration import describe
from nbtui.run import by_hand, events
from nbtui.run.answering import Compiled
from nbtui.run.environment import Resolved
from nbtui.run.interrupts import Interrupts
from nbtui.run.operator import How, LeftError, Reply, Said, identity, initials_of
from nbtui.run.prepare import Prepared, prepare


def lead(start: Path, memo: Path | None, env: Mapping[str, str] = os.environ) -> int:
    """Lead an operator through the plan; return the exit code of the run.

    Raises
    ------
    NotConfirmedError
        The operator did not want to begin.
    NbtuiError
        Memo or project are not understood, or the run cannot be started.
    """
    prepared = prepare(start, memo)
    talk = Talk()
    root = prepared.project.root
    sheet = make_sheet(prepared.plan, prepared.memo, root, env)
    talk.say(f"Checklist: {sheet.title}")
    talk.say(f"Memo {sheet.memo}, {len(sheet.entries)} steps, plan {sheet.digest[:12]}.")
    if prepared.findings or prepared.history:
        name = prepared.plan.memo_name
        talk.say(findings_text(prepared.findings, name, prepared.history))
    # Open questions block a machine; here somebody is asked.
    blocking = [f for f in prepared.blocking if f.id != "needs-answer"]
    if blocking:
        talk.say(f"Nothing ran: {len(blocking)} lint findings block.")
        return int(ExitCode.NOT_STARTED)
    try:
        name = talk.insist("Your name", identity(root, env))
        initials = talk.insist("Your initials", initials_of(name))
        begin = talk.choose("Begin the run now?", {"y": "yes", "n": "no"})
    except LeftError:
        begin = "n"
        name = initials = ""
    if begin != "y":
        raise NotConfirmedError(
            "not confirmed: nothing ran", where=sheet.memo, fix="nbtui checklist --interactive"
        )
    operator = TerminalOperator(name, initials, talk, sheet, prepared)
    code = by_hand.run(prepared, env, operator)
    talk.say(f"bundle: {operator.bundle}")
    return code


_SILENT = (
    events.Sampled, events.StreamsTold, events.FileWritten, events.DeviationNoted, events.Asked,
)  # fmt: skip
"""Events that need no line: the conversation itself says them, or the bundle does."""


class TerminalOperator:
    """The operator at a terminal, as :mod:`nbtui.run.by_hand` sees them."""

    def __init__(
        self, name: str, initials: str, talk: Talk, sheet: Sheet, prepared: Prepared
    ) -> None:
        self.name = name
        self._initials = initials
        self.bundle = Path()
        self._talk = talk
        self._entries = {
            step.id: entry for step, entry in zip(prepared.plan.steps, sheet.entries, strict=True)
        }
        self._count = len(sheet.entries)

    def attend(self, interrupts: Interrupts) -> None:
        """Let Ctrl-C and SIGTERM end a wait for an answer."""
        self._talk.stopped = lambda: interrupts.requested is not None

    def begins(self, bundle: Path) -> None:
        """Say where the run is recorded, and what stands for it in commands."""
        self.bundle = bundle
        self._talk.say(f"Recorded in {bundle}")
        self._talk.say("For commands that you run yourself, in a shell of their own:")
        self._talk.say(f"  export STAMP={bundle.name} OUTDIR={shlex.quote(str(bundle))}")

    def hears(self, event: events.AnyEvent) -> None:
        """Print an event as one line; samples and guards that hold are left out."""
        if isinstance(event, _SILENT):
            return
        if isinstance(event, events.GuardChecked) and event.ok:
            return
        if isinstance(event, events.CheckDone) and event.result.status == "ok":
            return
        self._talk.say(one_line(describe(event), 1000))

    def runs_itself(self, step: Step, resolved: Resolved) -> bool:
        """Show a command and ask who runs it; one just answered was shown already."""
        if not step.answer:
            self._show(step)
        self._talk.say(f"    as it is run: {shlex.join(resolved.argv)}")
        self._talk.say(f"    in {resolved.cwd}, log {resolved.log}")
        choices = {"r": "run it here", "h": "I run it by hand", "q": "stop"}
        answer = self._talk.choose("Who runs it?", choices)
        if answer == "q":
            raise LeftError(f"{self.name} stopped the run")
        return answer == "h"

    def exit_code(self, step: Step) -> int:
        """Wait until the operator has run the command; ask for its exit code."""
        return self._talk.number(
            f"Run {one_line(step.title, 60)} in your shell. Its exit code (echo $?)"
        )

    def attests(self, step: Step) -> Said:
        """Ask whether a step was done, and for a note about it."""
        if not step.question:
            self._show(step)
        return self._signed("Is it done?", "Note (what was done and seen)")

    def signs_off(self) -> Said:
        """Ask for the signature below the whole list."""
        self._talk.say()
        self._talk.say("All steps are behind you.")
        return self._signed("Do you sign the whole checklist as done?", "Note to your signature")

    def _signed(self, question: str, note: str) -> Said:
        choices = {"d": "done", "n": "not done", "q": "stop"}
        answer = self._talk.choose(question, choices)
        if answer == "q":
            raise LeftError(f"{self.name} stopped the run")
        return Said(answer == "d", self._talk.insist(note), initials=self._initials)

    def answers(self, step: Step) -> Reply:
        """Ask a step's question: which command, or whose work it is."""
        self._show(step)
        proposed = {"p": "run the proposed command"} if step.proposal else {}
        choices = proposed | {
            "c": "type a command",
            "h": "I do it by hand",
            "l": "leave it out",
            "q": "stop",
        }
        match self._talk.choose("What answers it?", choices):
            case "p":
                return Reply(How.COMMAND, step.proposal)
            case "c":
                return Reply(How.COMMAND, self._talk.insist("The whole command line"))
            case "h":
                return Reply(How.HAND)
            case "l":
                return Reply(How.LEAVE_OUT, self._talk.insist("Why it is not needed here"))
            case _:
                raise LeftError(f"{self.name} stopped the run")

    def confirms(self, compiled: Compiled) -> bool:
        """Show what an answer made: the command, every difference, what lint says."""
        self._talk.say("    this is what would run:")
        self._talk.say(f"    $ {command_words(compiled.step)}")
        for deviation in compiled.step.deviations:
            self._talk.say(
                f"    deviation: memo says {one_line(deviation.memo_says)}, "
                f"runs {one_line(deviation.runs)} ({one_line(deviation.why)})"
            )
        for finding in compiled.findings:
            self._talk.say(f"    lint {finding.severity.value}: {one_line(finding.text)}")
        return self._talk.choose("Is this the command?", {"y": "yes", "n": "no"}) == "y"

    def _show(self, step: Step) -> None:
        entry = self._entries[step.id]
        self._talk.say()
        for line in entry_lines(entry, room=False):
            self._talk.say(line.lstrip("\n"))
        self._talk.say(f"    step {entry.number} of {self._count}")
