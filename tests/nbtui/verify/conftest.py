"""The laboratory of the runs: verification looks at what all kinds of runs leave."""

from tests.nbtui.run.conftest import lab

__all__ = ["lab"]
