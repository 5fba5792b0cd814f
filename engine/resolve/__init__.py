"""From what was asked to what is simulated: one module for each part of the experiment."""
