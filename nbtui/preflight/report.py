"""What a check hands back: results built from one subject, so that none forgets a field."""

from dataclasses import dataclass

from nbtui.preflight.model import CheckResult, CheckStatus


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at and what must hold.

    Parameters
    ----------
    id, title
        The result's name for machines and for people.
    expected
        What must hold, in words.
    source
        Where that expectation comes from.
    """

    id: str
    title: str
    expected: str
    source: str

    def ok(self, found: str, **facts: str) -> CheckResult:
        """Return the result when the expectation holds."""
        return self._result(CheckStatus.OK, found, "", facts)

    def warn(self, found: str, fix: str, **facts: str) -> CheckResult:
        """Return the result when a run is possible but somebody should know."""
        return self._result(CheckStatus.WARN, found, fix, facts)

    def block(self, found: str, fix: str, **facts: str) -> CheckResult:
        """Return the result when nothing may run."""
        return self._result(CheckStatus.BLOCK, found, fix, facts)

    def _result(
        self, status: CheckStatus, found: str, fix: str, facts: dict[str, str]
    ) -> CheckResult:
        return CheckResult(
            id=self.id,
            title=self.title,
            status=status,
            found=found,
            expected=self.expected,
            source=self.source,
            fix=fix,
            facts=facts,
        )


def gigabytes(count: float) -> str:
    """Return a number of bytes as ``12.3 GB`` (10⁹)."""
    return f"{count / 1e9:.1f} GB"
