"""What the machine did meanwhile: read around runs, told apart from the times, never left out."""

import pytest

from engine.benchmark import machine, noise
from engine.benchmark.noise import Noise, Snapshot


def quiet(**more: object) -> Noise:
    fields: dict[str, object] = {
        "load_before": 0.1, "pressure": 0.0, "steal": 0.0, "clock_mhz": 2600.0, "throttled": 0,
    }  # fmt: skip
    return Noise(**(fields | more))  # type: ignore[arg-type]  # fields by name


def test_counters_are_shares_of_the_run() -> None:
    found = Snapshot.now().until_now()
    assert found.load_before >= 0
    for share in (found.pressure, found.steal):
        assert share is None or 0 <= share <= 1
    assert found.throttled is None or found.throttled >= 0


def test_what_a_system_does_not_tell_is_no_noise() -> None:
    unknown = quiet(pressure=None, steal=None, clock_mhz=None, throttled=None)
    assert noise.warnings([unknown, unknown]) == []
    assert noise.warnings([]) == []


@pytest.mark.parametrize(
    ("loud", "words"),
    [
        (quiet(pressure=0.4), "waited for a processor for up to 40%"),
        (quiet(steal=0.1), "10% of a run's CPU time went to other virtual machines"),
        (quiet(throttled=3), "slowed down 3 times"),
        (quiet(clock_mhz=1800.0), "from 1800 to 2600 MHz"),
    ],
)
def test_one_loud_run_is_named(loud: Noise, words: str) -> None:
    (sentence,) = noise.warnings([quiet(), loud, quiet()])
    assert words in sentence


@pytest.mark.parametrize(
    ("facts", "stolen", "words"),
    [
        ({"load_1m_before": 1e3}, None, "load average 1000.00"),
        ({}, 0.25, "25% of the CPU time went to other virtual machines"),
        ({"cpu_quota": "150000 100000", "threads": 2}, None, "share a quota of 1.5 processors"),
        ({"threads": 10**6}, None, "take turns"),
        ({"on_battery": True}, None, "battery"),
    ],
)
def test_the_state_of_the_machine_is_judged(
    facts: dict[str, object], stolen: float | None, words: str
) -> None:
    calm = {"load_1m_before": 0.0, "cpu_quota": "max 100000", "threads": 1, "on_battery": False}
    assert machine.state_warnings(calm, None) == []
    (sentence,) = machine.state_warnings(calm | facts, stolen)
    assert words in sentence


def test_the_environment_names_threads_and_affinity() -> None:
    facts = machine.environment(2, {"OMP_NUM_THREADS": "2"})
    assert facts["threads"] == 2
    assert facts["affinity"] == machine.available_cores()
    assert facts["omp_num_threads"] == "2"
