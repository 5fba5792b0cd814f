"""The simulator under test, its independent reference, and the tools of the proof."""
