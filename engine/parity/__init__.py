"""Measures of agreement between two images, and ``nb-compare``.

The modules that other tools reuse (:mod:`~engine.parity.metrics`, :mod:`~engine.parity.peaks`,
:mod:`~engine.parity.parameters`, :mod:`~engine.parity.thresholds`, :mod:`~engine.parity.images`)
need NumPy, and SciPy for the peaks; never PyTorch and never the command line.
"""
