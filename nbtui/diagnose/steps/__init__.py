"""One file for each step of a diagnosis; ``registry.py`` has their order."""
