"""A small project of its own to look at: real machinery, synthetic images, no torch."""
