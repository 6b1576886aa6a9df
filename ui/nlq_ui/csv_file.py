"""A result as a CSV file; see ``nlq.export``."""

from __future__ import annotations

from nlq.export import write_csv

__all__ = ["write_csv"]
