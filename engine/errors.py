"""Errors a user of the engine can meet: what happened, where, and how to fix it, in one line."""

from typing import ClassVar


def one_line(text: str) -> str:
    """Return text with line feeds and other control characters written as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class EngineError(Exception):
    """Base of every expected error of the engine.

    Parameters
    ----------
    what
        What went wrong, a sentence without a full stop.
    where
        The flag, file or quantity it concerns.
    fix
        What the user can do about it.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, what: str, *, where: str | None = None, fix: str | None = None) -> None:
        self.what = what
        self.where = where
        self.fix = fix
        super().__init__(what)

    def __str__(self) -> str:
        """Return the one line the user reads."""
        place = f"{self.where}: " if self.where else ""
        remedy = f"; fix: {self.fix}" if self.fix else ""
        return one_line(f"{place}{self.what}{remedy}")


class UsageError(EngineError):
    """The command line cannot be understood."""


class UnsupportedError(EngineError):
    """The command line asks for something nanoBragg does and this engine does not do yet."""


class PhysicsError(EngineError):
    """The experiment has no meaning: an impossible cell, a zero wavelength, no pixels."""


class OutOfMemoryError(EngineError):
    """The image does not fit the machine's memory."""

    exit_code = 1


class MissingInputError(EngineError):
    """No structure factors or no unit cell: nanoBragg prints its usage and exits with 9."""

    exit_code = 9


class FileError(EngineError):
    """A file cannot be read, is damaged, or cannot be written."""

    exit_code = 5
