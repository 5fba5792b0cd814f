"""Questions that lint puts to programs: which options, which tests. Nothing else is started."""
