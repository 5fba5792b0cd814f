"""What earlier runs measured: an index of the bundles, asked by screen, batch and reports."""
