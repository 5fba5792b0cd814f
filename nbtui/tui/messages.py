"""What workers tell the app: they run in threads and never touch a widget."""

from pathlib import Path

from textual.message import Message

from nbtui.preflight.model import CheckResult


class Told(Message):
    """A worker found something out: fields of the model and their new values."""

    def __init__(self, **changes: object) -> None:
        super().__init__()
        self.changes = changes


class Found(Message):
    """A check was made."""

    def __init__(self, result: CheckResult) -> None:
        super().__init__()
        self.result = result


class Rechecked(Message):
    """One check was made again; it may give several results."""

    def __init__(self, asked: str, results: tuple[CheckResult, ...]) -> None:
        super().__init__()
        self.asked = asked
        self.results = results


class Failed(Message):
    """Something went wrong; it is shown, and the app goes on."""

    def __init__(self, what: str, error: Exception) -> None:
        super().__init__()
        self.what = what
        self.error = error


class Started(Message):
    """A run was started here."""

    def __init__(self, bundle: Path) -> None:
        super().__init__()
        self.bundle = bundle


class Attached(Message):
    """A run that somebody started elsewhere is under way."""

    def __init__(self, bundle: Path) -> None:
        super().__init__()
        self.bundle = bundle
