"""How long each side takes for the same image, with its spread: ``nb-benchmark``."""
