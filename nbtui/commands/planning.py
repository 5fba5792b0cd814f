"""``nbtui plan``: what a memo compiles to, for people, for programs, or as a file to edit."""

import os

from nbtui.durable import dump_json, safe_json
from nbtui.evidence.text import printable
from nbtui.history.of_project import recalled
from nbtui.listing import asked_text, earlier_text, findings_text, plan_text
from nbtui.memo.coverage import coverage_line
from nbtui.memo.planfile import to_toml
from nbtui.run.forecast import forecasts_of
from nbtui.run.prepare import Prepared


def toml(prepared: Prepared) -> str:
    """Return a plan file to edit."""
    return safe_json(to_toml(prepared.plan).encode()).decode()  # TOML escapes like JSON


def json(prepared: Prepared) -> str:
    """Return the plan, what lint and earlier runs say of it, and who was asked, as JSON."""
    record = {
        "digest": f"sha256:{prepared.plan.digest()}",
        "root": str(prepared.project.root),
        "plan": prepared.plan,
        "findings": prepared.findings,
        "history": prepared.history,
        "forecasts": forecasts_of(prepared),
        "earlier_runs": recalled(prepared, os.environ),
        "coverage": prepared.memo.coverage(),
        "asked": prepared.asked,
    }
    return dump_json(record).decode()


def text(prepared: Prepared) -> str:
    """Return the same for people, harmless for any terminal."""
    forecasts = forecasts_of(prepared)
    parts = (
        plan_text(prepared.plan, prepared.project.root, os.environ, forecasts),
        earlier_text(recalled(prepared, os.environ)),
        coverage_line(prepared.memo, prepared.plan),
        findings_text(prepared.findings, prepared.plan.memo_name, prepared.history),
        asked_text(prepared.asked),
    )
    return printable("\n\n".join(parts) + "\n")
