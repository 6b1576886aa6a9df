"""Whether the same query over unchanged data gives an equally good result when it runs again.

A ``GuardedQuery`` enters, yes or no leaves. No: what asks for chance (``rand()``, TABLESAMPLE), for
the time of the run (``now()``, ``current_date``), or for the server's own state (system tables).
Yes: what merely leaves a choice open, such as LIMIT without ORDER BY: one right result is as good
as another.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from nlq.sql.guarded import GuardedQuery

UNREPEATABLE: Final[frozenset[str]] = frozenset(
    {
        "current_date",
        "current_time",
        "current_timestamp",
        "current_timezone",
        "localtime",
        "localtimestamp",
        "now",
        "rand",
        "random",
        "shuffle",
        "uuid",
    }
)
"""The functions that give another result with every run, by their Presto names."""

_NODES: Final = (
    exp.CurrentDate,
    exp.CurrentTime,
    exp.CurrentTimestamp,
    exp.CurrentTimezone,
    exp.Localtime,
    exp.Localtimestamp,
    exp.Rand,
    exp.Shuffle,
    exp.TableSample,
    exp.Uuid,
)
_LIVE_CATALOGS: Final = frozenset({"system", "jmx"})
_TIMES: Final = (exp.DType.TIME, exp.DType.TIMETZ)


def is_repeatable(query: GuardedQuery) -> bool:
    """Whether a result of it may stand for a later run, as long as the data stays the same."""
    if any(map(_is_live, query.tables)):
        return False
    return not any(map(_changes, query.nodes()))


def _is_live(table: str) -> bool:
    """Whether a table (by its whole name) tells about the server rather than holding data."""
    catalog, schema, name = table.split(".", 2)
    return catalog in _LIVE_CATALOGS or schema == "information_schema" or "$" in name


def _changes(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        return node.name.lower() in UNREPEATABLE
    return isinstance(node, _NODES) or _takes_todays_date(node)


def _takes_todays_date(node: exp.Expr) -> bool:
    """Trino casts a time of day to a timestamp by adding the current date."""
    return (
        isinstance(node, exp.Cast)
        and node.this.is_type(*_TIMES)
        and node.to.this in exp.DataType.TEMPORAL_TYPES
        and node.to.this not in _TIMES
    )
