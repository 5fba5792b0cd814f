"""What a run proves: results collected, gates held, summaries and blockers written."""
