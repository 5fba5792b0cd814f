"""Memo text to plan: parse, compile, lint. Parsing never executes anything."""
