"""One module, one style sheet and one help page for each mode."""
