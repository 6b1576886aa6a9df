"""Reference SQL of a benchmark: its own dialect enters, rows leave.

It runs as it is, translated, in the database that the lake was made from: no guard and no repair
may stand between a reference and its result.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp

from nlq.types import QueryResult, ResultColumn
from nlq_evals.suite import SuiteError


class ReferenceDatabase:
    """Runs references of one dialect in one database, at a fixed time."""

    def __init__(self, path: Path, dialect: str, now: datetime) -> None:
        self._db = duckdb.connect(str(path), read_only=True)
        self.dialect = dialect
        self._now = now

    def run(self, sql: str) -> QueryResult:
        """All rows; raises ``SuiteError`` where it does not run."""
        try:
            cursor = self._db.execute(self._translated(sql))
            rows = cursor.fetchall()
        except (duckdb.Error, sqlglot.errors.SqlglotError) as exc:
            raise SuiteError(f"{exc}") from exc
        columns = tuple(ResultColumn(name, str(kind)) for name, kind, *_ in cursor.description)
        return QueryResult(columns, tuple(tuple(row) for row in rows))

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def _translated(self, sql: str) -> str:
        day, moment = self._now.date().isoformat(), self._now.isoformat(sep=" ")

        def fixed(node: exp.Expression) -> exp.Expression:
            if isinstance(node, exp.CurrentDate):
                return exp.cast(exp.Literal.string(day), "date")
            if isinstance(node, exp.CurrentTimestamp):
                return exp.cast(exp.Literal.string(moment), "timestamp")
            return node

        tree = sqlglot.parse_one(sql, read=self.dialect).transform(fixed)
        return tree.sql(dialect="duckdb")
