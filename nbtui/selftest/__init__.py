"""Negative controls: faults planted one at a time, to show that each gate that should fail does.

``controls.py`` lists them, ``lab.py`` runs the programs, ``examine.py`` holds the gates,
``face.py`` says what came of it.
"""
