"""The state of the tables that an answer rests on, against the question's clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from nlq.catalog.catalog import Catalog
from nlq.types import Clock, TableState


def table_states(names: Iterable[str], catalog: Catalog, clock: Clock) -> tuple[TableState, ...]:
    """One state a table; times in UTC, lateness in hours past the table's promise."""
    now = clock.now.astimezone(UTC)
    states = []
    for name in names:
        if doc := catalog.tables.get(name):
            landed = doc.freshness.updated_at
            fresh = doc.freshness
            states.append(
                TableState(
                    name=name,
                    description=doc.description,
                    certification=doc.certification,
                    owner_business=doc.owner_business,
                    owner_technical=doc.owner_technical,
                    updated_at=landed,
                    sla_hours=fresh.sla_hours,
                    late_by_hours=fresh.late_by_hours(now),
                    complete_through=fresh.complete_through,
                    failing_checks=tuple(c.name for c in doc.checks if c.status == "fail"),
                )
            )
    return tuple(states)
