"""An independent scalar C99 nanoBragg and its build; it shares nothing with the engine."""
