"""The ledger and its plan tables: read, matched with a memo, and amended by a patch only."""
