"""An answer given during a run, made into a step as a plan file would make it.

What comes back has been linted and resolved but not run: somebody sees and confirms it first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbtui.errors import PlanError
from nbtui.memo import lint, shelltext
from nbtui.memo.compile import answer_step
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import Plan, Step
from nbtui.memo.variables import peel
from nbtui.project import Project, find
from nbtui.run import launch
from nbtui.run.environment import resolve_program
from nbtui.run.prepare import documents_of
from nbtui.run.surroundings import look_around


@dataclass(frozen=True, slots=True)
class Compiled:
    """What an answer makes of a plan."""

    plan: Plan
    step: Step
    """The step that was answered."""
    findings: tuple[lint.Finding, ...]
    """What lint says about it; none of them blocks."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Compiles answers for one run.

    Parameters
    ----------
    project
        The project.
    memo
        The memo's exact bytes.
    env
        The operator's environment; programs are looked up along its ``PATH``.
    """

    project: Project
    memo: bytes
    env: Mapping[str, str]

    @classmethod
    def of_bundle(cls, bundle: Path, root: Path, env: Mapping[str, str]) -> "Answering":
        """Return it for a run that has begun: the memo is the bundle's."""
        return cls(find(root), (bundle / "memo.md").read_bytes(), env)

    def compile(self, plan: Plan, step_id: str, answer: str) -> Compiled:
        """Return the plan with a step's question answered by a command line.

        Raises
        ------
        PlanError
            The answer is no command line, leaves something open, names no program that
            exists, writes outside the bundle, or lint blocks it. The message says which.
        """
        root, settings = self.project.root, self.project.settings
        memo = parse_memo(self.memo, name=plan.memo_name)
        documents = documents_of(self.project, memo)
        changed = answer_step(plan, step_id, answer, memo, settings, documents=documents)
        step = next(s for s in changed.steps if s.id == step_id)
        self._look_for_programs(step)
        launch.check_paths(changed)
        around = look_around(self.project, memo, changed).around
        report = lint.lint(changed, memo, root, settings=settings, around=around)
        # the questions that are still open are asked when their turn comes
        blocking = [f for f in lint.blocking(report.findings) if f.id != "needs-answer"]
        if blocking:
            first = blocking[0]
            raise PlanError(first.text, where=step_id, fix=first.fix or None)
        here = range(step.lines.first, step.lines.last + 1)
        said = (f for f in report.findings if f.line in here and f.id != "needs-answer")
        return Compiled(changed, step, tuple(said))

    def _look_for_programs(self, step: Step) -> None:
        """Raise :class:`PlanError` for words that are no command on this machine."""
        command = step.command
        if command is None:
            return
        if command.script is None:
            names = [command.argv[0]]
        else:
            found = (peel((), w).words for w in shelltext.commands(command.script))
            names = [w[0].strip("\"'") for w in found if w]
        for name in names:
            if name in _BUILTINS or not re.match(r"[\w./-]+$", name):
                continue
            try:
                resolve_program(name, self.project.root, self.env.get("PATH", ""))
            except PlanError as error:
                raise PlanError(
                    f"there is no program {name!r}: the answer must be a command line",
                    where=step.id,
                    fix="correct the name, or do the step by hand",
                ) from error


_BUILTINS = frozenset(
    {
        ":", ".", "[", "[[", "break", "cd", "command", "continue", "declare", "echo", "eval",
        "exec", "exit", "export", "false", "hash", "let", "local", "popd", "printf", "pushd",
        "pwd", "read", "readonly", "return", "set", "shift", "source", "test", "times", "trap",
        "true", "type", "ulimit", "umask", "unset", "wait",
    }
)  # fmt: skip
"""Commands that bash has in itself."""
