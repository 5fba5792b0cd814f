"""nbtui: a guided assistant that captures parity evidence."""

__version__ = "0.1.0"
