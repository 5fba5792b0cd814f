"""Preflight: what must hold before anything runs. One file per kind of check."""
