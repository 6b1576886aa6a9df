"""What one query may take: plain numbers that the policy sets, read by every check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on one query; rows, bytes, seconds, characters, days or plain counts.

    ``default_row_limit`` is added where a query has no LIMIT, ``max_row_limit`` is the most that a
    LIMIT may ask for. ``max_bytes`` and ``max_seconds`` bind the estimate and the run; None there
    means no cap. Above ``confirm_above_bytes`` a query runs only once the person has confirmed it.
    ``max_small_rows`` is the most rows that a cross join, ``sequence``, ``repeat``
    or padding may provably make. ``max_partition_days`` is the longest stretch that a required
    partition filter may span (None: any).
    """

    default_row_limit: int = 1_000
    max_row_limit: int = 10_000
    max_bytes: int | None = None
    confirm_above_bytes: int | None = None
    max_seconds: float | None = None
    max_sql_chars: int = 20_000
    max_depth: int = 40
    max_joins: int = 16
    max_nodes: int = 10_000
    max_small_rows: int = 10_000
    max_partition_days: int | None = None
