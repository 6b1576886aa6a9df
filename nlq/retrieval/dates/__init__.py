"""Dates in words: single periods, how they are joined, compared and stepped through."""
