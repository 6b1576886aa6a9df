"""SQL as a person reads it: one line goes in, the very same query on several lines comes out."""

from __future__ import annotations

import sqlglot
from sqlglot.errors import SqlglotError

from nlq.sql.dialect import LAKE, render


def pretty(sql: str) -> str:
    """``sql`` laid out in lines; left as it is where that could change anything.

    >>> print(pretty("SELECT a FROM t WHERE b = 1"))
    SELECT
      a
    FROM t
    WHERE
      b = 1
    """
    try:
        tree = sqlglot.parse_one(sql, dialect=LAKE)
        # What is shown must be what was sent: the tree has to give the same text again.
        return tree.sql(dialect=LAKE, pretty=True) if render(tree) == sql else sql
    except (SqlglotError, RecursionError):
        return sql
