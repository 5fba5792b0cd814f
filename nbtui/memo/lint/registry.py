"""All rules of lint. A new one is a file in ``checks/`` and a line here."""

from nbtui.memo.lint.checks.artifacts import check_artifacts
from nbtui.memo.lint.checks.binary import check_binary
from nbtui.memo.lint.checks.branch import check_branch
from nbtui.memo.lint.checks.captured import check_captured_output
from nbtui.memo.lint.checks.characters import check_characters
from nbtui.memo.lint.checks.collected import check_collected
from nbtui.memo.lint.checks.committed import check_committed
from nbtui.memo.lint.checks.defaults import check_defaults
from nbtui.memo.lint.checks.device import check_device
from nbtui.memo.lint.checks.experiments import check_same_experiment
from nbtui.memo.lint.checks.files import check_files
from nbtui.memo.lint.checks.floor import check_floor
from nbtui.memo.lint.checks.frame import check_full_frame
from nbtui.memo.lint.checks.golden import check_golden_outputs
from nbtui.memo.lint.checks.hidden import check_hidden_inputs
from nbtui.memo.lint.checks.independent import check_independent
from nbtui.memo.lint.checks.labels import check_labels
from nbtui.memo.lint.checks.mapped import check_mapped_tests
from nbtui.memo.lint.checks.nodes import check_nodes
from nbtui.memo.lint.checks.options import check_options
from nbtui.memo.lint.checks.pointers import check_pointers
from nbtui.memo.lint.checks.port import check_port
from nbtui.memo.lint.checks.programs import check_programs
from nbtui.memo.lint.checks.questions import check_questions
from nbtui.memo.lint.checks.selectors import check_selectors
from nbtui.memo.lint.checks.stale import check_stale
from nbtui.memo.lint.checks.symmetry import check_symmetry
from nbtui.memo.lint.checks.thresholds import check_thresholds
from nbtui.memo.lint.checks.variables import check_variables
from nbtui.memo.lint.scope import Rule

RULES: tuple[Rule, ...] = (
    check_characters,
    check_labels,
    check_variables,
    check_questions,
    check_branch,
    check_stale,
    check_programs,
    check_binary,
    check_files,
    check_committed,
    check_hidden_inputs,
    check_nodes,
    check_collected,
    check_selectors,
    check_options,
    check_device,
    check_golden_outputs,
    check_port,
    check_same_experiment,
    check_defaults,
    check_full_frame,
    check_symmetry,
    check_artifacts,
    check_captured_output,
    check_independent,
    check_thresholds,
    check_floor,
    check_mapped_tests,
    check_pointers,
)
