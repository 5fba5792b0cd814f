"""Errors and exit codes of the parity tools: what happened, where, and how to fix it."""

from enum import IntEnum
from typing import ClassVar

from engine.errors import EngineError


class ExitCode(IntEnum):
    """Published exit codes of ``nb-compare`` and ``nb-benchmark``."""

    OK = 0
    USAGE = 1
    RUNNER_FAILED = 2
    """A simulator failed, read a hidden input, or ran with other parameters than its peer."""
    BELOW_THRESHOLD = 3
    SHAPES_DIFFER = 4
    IO_FAILED = 5


class ParityError(EngineError):
    """Base of every expected error of the parity tools: what, where and fix in one line."""

    exit_code: ClassVar[ExitCode] = ExitCode.IO_FAILED


class UsageError(ParityError):
    """The command line asks for something that cannot be done."""

    exit_code = ExitCode.USAGE


class RunnerError(ParityError):
    """A simulator could not be started, failed, or did not run what was asked."""

    exit_code = ExitCode.RUNNER_FAILED


class ParametersDifferError(RunnerError):
    """The two sides simulated different experiments; their images say nothing together."""


class ShapesDifferError(ParityError):
    """The two images have different numbers of pixels."""

    exit_code = ExitCode.SHAPES_DIFFER


class ImageError(ParityError):
    """A float image is missing, truncated, or not what its shape says."""


class ThresholdTableError(ParityError):
    """The table of acceptance thresholds cannot be read without doubt."""
