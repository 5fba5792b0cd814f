"""nbtui: a guided assistant that captures parity evidence."""
