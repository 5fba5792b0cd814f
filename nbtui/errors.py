"""Errors a user can meet: what happened, where, and how to fix it, in one line."""

from typing import ClassVar

from nbtui.exit_codes import ExitCode


class NbtuiError(Exception):
    """Base of every expected error.

    Parameters
    ----------
    what
        What went wrong, a sentence without a full stop.
    where
        The file, line, option or setting it concerns.
    fix
        What the user can do about it, ideally a command.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE

    def __init__(self, what: str, *, where: str | None = None, fix: str | None = None) -> None:
        self.what = what
        self.where = where
        self.fix = fix
        super().__init__(what)

    def __str__(self) -> str:
        """Return the one line the user reads."""
        place = f"{self.where}: " if self.where else ""
        remedy = f"; fix: {self.fix}" if self.fix else ""
        return f"{place}{self.what}{remedy}"


class MemoError(NbtuiError):
    """The memo cannot be read or holds nothing that could be understood."""


class PlanError(NbtuiError):
    """The plan is inconsistent or does not match its schema."""


class ConfigError(NbtuiError):
    """``[tool.nbtui]`` or the project around it is not usable."""


class NotConfirmedError(NbtuiError):
    """Nothing runs unseen: the commands were shown but not confirmed."""

    exit_code = ExitCode.NOT_STARTED


class RecordingError(NbtuiError):
    """The evidence could not be recorded (disk full, read-only folder, failed fsync)."""

    exit_code = ExitCode.INTERRUPTED


class BundleError(NbtuiError):
    """A bundle is missing, damaged or not a bundle."""

    exit_code = ExitCode.VERIFY_FAILED


class SignOffError(NbtuiError):
    """A sign-off is missing, not valid, or asked for what nobody can waive."""

    exit_code = ExitCode.WAITING


class NothingComparedError(BundleError):
    """A run in which no two sides were compared has no difference to explain."""

    exit_code = ExitCode.NOTHING_TO_DO


class LockHeldError(NbtuiError):
    """Another run holds the machine lock."""

    exit_code = ExitCode.TEMPORARY


class SelfTestError(NbtuiError):
    """The gates cannot be tested here: a program is missing or cannot run."""

    exit_code = ExitCode.NOT_STARTED


class VcsError(NbtuiError):
    """git is missing or does not answer for this folder."""
