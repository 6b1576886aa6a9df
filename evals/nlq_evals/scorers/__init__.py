"""Scorers: each takes outcomes and gives one kind of figure."""
