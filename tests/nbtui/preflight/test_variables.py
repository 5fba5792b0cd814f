"""The memo's environment against the shell's."""

from collections.abc import Callable

import pytest

from nbtui.memo.plan import Variable
from nbtui.preflight.model import CheckResult, CheckStatus, Context
from nbtui.preflight.variables import check_inherited, check_near_names, check_variables

MakeContext = Callable[..., Context]
GIVEN = Variable(name="NB_RUN_PARALLEL", value="1", source="memo.md:7")
DEMANDED = Variable(name="NB_LICENCE", value=None, source="memo.md:20")
BINARY = Variable(name="NB_C_BIN", value="./bin/prog", source="memo.md:3")


def one(context: Context) -> CheckResult:
    (result,) = check_variables(context)
    return result


def test_a_variable_that_the_shell_lacks_is_set_for_the_stages(context: MakeContext) -> None:
    result = one(context(environment=(GIVEN,)))
    assert result.status is CheckStatus.OK
    assert "set to 1 for the stages" in result.found
    assert result.facts["set_by"] == "memo"


def test_the_same_value_is_fine(context: MakeContext) -> None:
    assert one(context({"NB_RUN_PARALLEL": "1"}, environment=(GIVEN,))).status is CheckStatus.OK


def test_a_contradiction_blocks_with_both_values(context: MakeContext) -> None:
    result = one(context({"NB_RUN_PARALLEL": "0"}, environment=(GIVEN,)))
    assert result.status is CheckStatus.BLOCK
    assert result.found == "the shell says NB_RUN_PARALLEL=0"
    assert result.expected == "NB_RUN_PARALLEL=1"
    assert result.source == "memo.md:7"
    assert result.fix == "export NB_RUN_PARALLEL=1  # or unset it"


def test_an_empty_value_is_a_contradiction_too(context: MakeContext) -> None:
    result = one(context({"NB_RUN_PARALLEL": ""}, environment=(GIVEN,)))
    assert result.status is CheckStatus.BLOCK


@pytest.mark.parametrize("spelling", ["bin/prog", "./bin/../bin/prog", "{root}/bin/prog"])
def test_two_paths_to_one_place_agree(context: MakeContext, spelling: str) -> None:
    root = context().root
    env = {"NB_C_BIN": spelling.format(root=root)}
    assert one(context(env, environment=(BINARY,))).status is CheckStatus.OK


def test_a_variable_without_a_value_anywhere_blocks(context: MakeContext) -> None:
    result = one(context(environment=(DEMANDED,)))
    assert result.status is CheckStatus.BLOCK
    assert "export NB_LICENCE=" in result.fix


def test_the_shell_may_give_what_the_memo_only_demands(context: MakeContext) -> None:
    result = one(context({"NB_LICENCE": "x"}, environment=(DEMANDED,)))
    assert result.status is CheckStatus.OK
    assert result.facts == {"value": "x", "set_by": "shell"}


@pytest.mark.parametrize("name", ["NB_C_BINS", "NB_CBIN", "NANOBRAG_DISABLE_COMPILE"])
def test_a_slip_in_a_name_is_noticed(context: MakeContext, name: str) -> None:
    (result,) = check_near_names(context({name: "1"}, environment=(BINARY,)))
    assert (result.id, result.status) == (f"env-near:{name}", CheckStatus.WARN)


@pytest.mark.parametrize("name", ["HOME", "OMP_NUM_TEAMS", "NB_C_BIN", "CUDA_HOME", "PATH"])
def test_other_names_are_left_alone(context: MakeContext, name: str) -> None:
    (result,) = check_near_names(context({name: "1"}, environment=(BINARY,)))
    assert result.status is CheckStatus.OK


def test_variables_that_change_results_are_named(context: MakeContext) -> None:
    env = {"PYTHONPATH": "/x", "LD_PRELOAD": "y.so", "HOME": "/h"}
    found = {r.id: r for r in check_inherited(context(env))}
    assert found.keys() == {"env-inherited:PYTHONPATH", "env-inherited:LD_PRELOAD"}
    assert all(r.status is CheckStatus.WARN for r in found.values())
    assert "not passed to the stages" in found["env-inherited:PYTHONPATH"].found


def test_a_path_of_libraries_that_the_stages_get_is_named_too(context: MakeContext) -> None:
    (result,) = check_inherited(context({"LD_LIBRARY_PATH": "/opt/lib"}))
    assert result.status is CheckStatus.WARN
    assert "LD_LIBRARY_PATH=/opt/lib is set; the stages get it" in result.found


def test_a_variable_that_the_memo_sets_is_not_smuggled(context: MakeContext) -> None:
    own = Variable(name="PYTHONPATH", value="src", source="memo.md:2")
    (result,) = check_inherited(context({"PYTHONPATH": "src"}, environment=(own,)))
    assert result.status is CheckStatus.OK
