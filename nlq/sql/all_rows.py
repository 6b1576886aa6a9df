"""All rows of a checked query: SQL and a number go in, SQL with that limit comes out.

What comes out is text like any other: it goes through the guard again.
"""

from __future__ import annotations

from nlq.sql.dialect import render
from nlq.sql.reading import parse


def with_limit(sql: str, rows: int) -> str:
    """The query with ``rows`` as its outermost limit; raises ``GuardRefused`` where it is none.

    >>> with_limit("SELECT a FROM t ORDER BY a LIMIT 1000", 5000)
    'SELECT a FROM t ORDER BY a LIMIT 5000'
    """
    return render(parse(sql).limit(rows, copy=False))
