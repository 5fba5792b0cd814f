"""Is a bundle what it claims to be? Form, hashes, journal, signature, figures, thresholds.

It reads bundles and changes nothing. It needs neither the project nor torch, and no network.
"""
