"""How to make a costly query read less: a query and its estimate enter, a sentence leaves.

Only time is narrowed: by far most bytes of a lake lie in tables that are partitioned by day, and
what is read of them goes with the number of days.
"""

from __future__ import annotations

from math import inf
from typing import Final

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from nlq.answer.formats import format_bytes
from nlq.catalog.catalog import Catalog
from nlq.sql.guarded import GuardedQuery
from nlq.sql.names import whole_name
from nlq.sql.partitions import days_read
from nlq.types import Estimate, TableDoc

_STRETCHES: Final = (730, 365, 180, 90, 60, 30, 14, 7, 3, 1)  # days that people ask for


def how_to_narrow(
    query: GuardedQuery, catalog: Catalog, estimate: Estimate, most_bytes: int | None = None
) -> str:
    """Which table is read for how long, and which time would stay below ``most_bytes``.

    Empty where the query reads no partitioned table, or too little is known to say anything.
    """
    widest = _widest(query, catalog)
    if widest is None:
        return ""
    doc, days = widest
    if days is None:
        days = _days_of_the_only_table(query, doc, estimate)
    column = doc.partitioned_by[0]
    if days is None or days < 1:
        return f"Ask for a shorter time: restrict {column} of {doc.name}."
    told = f"{doc.name} is read for {_days(days)}"
    size = estimate.size_bytes
    if not size or most_bytes is None:
        return f"{told}; ask for fewer." if days > 1 else f"{told}; ask for fewer columns."
    fitting = next((d for d in _STRETCHES if d < days and size * d / days <= most_bytes), None)
    if fitting is not None:
        return (
            f"{told}; {_days(fitting)} would read about {format_bytes(_part(size, fitting, days))}."
        )
    one = format_bytes(_part(size, 1, days))
    return f"{told}, and each day is about {one}: ask for fewer columns, or another table."


def _widest(query: GuardedQuery, catalog: Catalog) -> tuple[TableDoc, int | None] | None:
    """The partitioned table that is read for the most days; None days are all, or unknown."""
    found: list[tuple[TableDoc, int | None]] = []
    for scope in traverse_scope(query.tree()):
        if not isinstance(scope.expression, exp.Select):
            continue
        for name, (_, source) in scope.selected_sources.items():
            doc = catalog.tables.get(whole_name(source)) if isinstance(source, exp.Table) else None
            if doc is not None and doc.partitioned_by:
                found.append((doc, days_read(scope, name, doc)))
    return max(found, key=lambda read: inf if read[1] is None else read[1], default=None)


def _days_of_the_only_table(query: GuardedQuery, doc: TableDoc, estimate: Estimate) -> int | None:
    """The partitions, where all of them are of one table that has one for each day."""
    is_daily = doc.partitioned_by == (doc.time_column,) or (
        len(doc.partitioned_by) == 1 and doc.freshness.complete_through is not None
    )
    return estimate.partitions if query.tables == (doc.name,) and is_daily else None


def _part(size: int, days: int, of: int) -> int:
    return round(size * days / of)


def _days(number: int) -> str:
    """A number of days.

    >>> _days(1), _days(1200)
    ('1 day', '1,200 days')
    """
    return "1 day" if number == 1 else f"{number:,} days"
