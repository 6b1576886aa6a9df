"""Suites, scorers and reports that measure nlq."""
