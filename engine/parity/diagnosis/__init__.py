"""What the difference of two images looks like, and what such a difference comes from.

Small pure functions on two images of one shape. Everything but the tile map works on a
sample of pixels, so that 16 million of them take seconds; nothing here runs a program.
"""
