"""The running of a plan: supervisor, processes, journal, guards, locks."""
