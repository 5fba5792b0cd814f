"""A bundle for elsewhere: one archive with the same bytes every time, and RO-Crate metadata.

An export is a view; the record stays the folder that it was made from.
"""
