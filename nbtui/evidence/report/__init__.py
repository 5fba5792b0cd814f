"""``report.html``: the run on one page that needs nothing but a browser, and no network."""

from nbtui.evidence.report.page import REPORT, render

__all__ = ["REPORT", "render"]
