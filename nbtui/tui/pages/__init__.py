"""What the detail panes say: pure functions from plan, check and run to document blocks."""
