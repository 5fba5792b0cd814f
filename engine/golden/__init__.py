"""The golden cases: what they are, how their images are made, and whether they still are."""
