"""Slips of a model's draft, each mended by a module of its own; ``mend`` runs them all."""
