"""File formats: float image, SMV, PGM, reflection list, structure-factor cache."""
