"""What is fixed about the sample lake: its "now", its history, and where its docs are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

SAMPLE_NOW: Final = datetime(2026, 7, 15, 9, 0, tzinfo=UTC)
"""The moment at which the sample lake stands; relative time words refer to it."""

HISTORY_START: Final = date(2024, 1, 1)
"""The first day with data."""

HISTORY_END: Final = date(2026, 7, 15)
"""The day after the last one with data (30 whole months and half of July 2026)."""

SAMPLE_DOCS: Final = Path(__file__).parent / "docs"
"""Folder of the sample's table docs, metrics, verified queries and policy."""
