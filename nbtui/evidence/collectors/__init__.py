"""Collectors: what stages wrote, read into metrics. One file per kind of stage."""
