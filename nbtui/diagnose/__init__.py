"""Why do two programs' images differ? Asked in order of cost, until it is explained."""
