"""The command line: what can be said after ``nbtui``, and what is printed in answer.

``root.py`` is the program itself. Beside it a file for each family of commands (``plans``,
``runs``, ``bundles``, ``history``, ``diagnose``, ``selftest``, ``app``) declares their words
and options, and needs click alone, so that ``--help`` waits for nothing. What takes more than
one call is done in the files named after the doing (``linting``, ``signing``, ...), which a
command imports when it is called.
"""
