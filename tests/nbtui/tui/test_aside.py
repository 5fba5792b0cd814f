"""The app's own threads step aside; what it starts has its full priority."""

import os
import subprocess
import sys
import threading

import pytest

from nbtui.tui.aside import Launcher, step_aside

SAY = [sys.executable, "-S", "-c", "import os; print(os.getpriority(os.PRIO_PROCESS, 0))"]


def nice_of_a_child() -> int:
    return int(subprocess.run(SAY, check=True, capture_output=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="a priority belongs to a process there")
def test_a_child_of_the_launcher_does_not_step_aside() -> None:
    first = os.getpriority(os.PRIO_PROCESS, 0)
    seen: dict[str, int] = {}

    def app() -> None:  # on a thread of its own: this test shall not step aside for good
        launcher = Launcher()
        step_aside()
        seen["other"] = nice_of_a_child()
        seen["launched"] = launcher(nice_of_a_child)

    thread = threading.Thread(target=app)
    thread.start()
    thread.join()
    assert seen == {"other": min(first + 10, 19), "launched": first}
    assert os.getpriority(os.PRIO_PROCESS, 0) == first


def test_a_launcher_hands_on_what_goes_wrong() -> None:
    with pytest.raises(ValueError, match="x"):
        Launcher()(int, "x")
