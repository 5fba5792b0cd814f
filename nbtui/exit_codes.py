"""The exit codes of every ``nbtui`` command: one table, frozen (docs/exit-codes.md)."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell is told; scripts may rely on these numbers."""

    CLEARED = 0
    """Cleared, or the command did what it says."""
    BLOCKED = 1
    """A stage, gate or guard failed; the evidence of that is complete."""
    USAGE = 2
    """Usage, memo, plan or configuration not understood."""
    NOT_STARTED = 3
    """Lint or preflight blocks, or not confirmed: nothing ran."""
    INTERRUPTED = 4
    """Interrupted, cancelled, or the evidence could not be recorded."""
    NOTHING_TO_DO = 5
    """No runnable step, or this plan already has its verdict."""
    VERIFY_FAILED = 6
    """Verification failed: altered, incomplete or not re-derivable."""
    WAITING = 7
    """Waiting for the operator: a manual step or a sign-off."""
    BUG = 70
    """A bug in the tool."""
    TEMPORARY = 75
    """The machine lock is held; try again."""
    HANGUP = 129
    """Ended by SIGHUP."""
    SIGINT = 130
    """Ended by SIGINT, after sealing the bundle."""
    SIGTERM = 143
    """Ended by SIGTERM, after sealing the bundle."""
