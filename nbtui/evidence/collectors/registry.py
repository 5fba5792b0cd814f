"""Which collector reads the results of which role."""

from nbtui.evidence.collectors import benchmark, compare, pytest
from nbtui.evidence.collectors.model import Collector
from nbtui.memo.plan import Role

COLLECTORS: dict[Role, Collector] = {
    c.role: c for c in (benchmark.COLLECTOR, compare.COLLECTOR, pytest.COLLECTOR)
}
"""A role that is missing here has no result file: its exit code is its result."""
