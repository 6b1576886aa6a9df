"""SQL of other engines into Presto's: text and its dialect go in, SQL with what was lost comes out.

sqlglot carries over what it knows; what it says it cannot is told, never left out silently.
"""

from __future__ import annotations

from typing import Final

import sqlglot
from sqlglot import ErrorLevel
from sqlglot.errors import ParseError, UnsupportedError

from nlq.desk.types import Translated
from nlq.errors import GuardRefused
from nlq.sql.dialect import BREAKS

DIALECTS: Final[dict[str, str]] = {
    "athena": "Amazon Athena",
    "bigquery": "BigQuery",
    "clickhouse": "ClickHouse",
    "databricks": "Databricks",
    "duckdb": "DuckDB",
    "hive": "Hive",
    "mysql": "MySQL",
    "oracle": "Oracle",
    "postgres": "PostgreSQL",
    "redshift": "Redshift",
    "snowflake": "Snowflake",
    "spark": "Spark",
    "sqlite": "SQLite",
    "teradata": "Teradata",
    "trino": "Trino",
    "tsql": "SQL Server (T-SQL)",
}
"""The dialects that are read, by the name that sqlglot has for each, and what people call them."""


def translate(sql: str, source_dialect: str) -> Translated:
    """The query in Presto SQL; raises ``GuardRefused`` for text or a dialect that is not read."""
    if source_dialect not in DIALECTS:
        raise GuardRefused(
            "unknown-dialect",
            f"There is no dialect {source_dialect[:40]!r} that can be translated.",
            hint=f"Choose one of {', '.join(sorted(DIALECTS))}.",
        )
    try:
        trees = [tree for tree in sqlglot.parse(sql, read=source_dialect) if tree]
        if len(trees) != 1:
            raise GuardRefused("one-statement", "Give one query to translate.")
        text = trees[0].sql(dialect="presto", pretty=True, unsupported_level=ErrorLevel.IGNORE)
    except ParseError as exc:
        raise GuardRefused(
            "unparsable", f"This is no SQL that {DIALECTS[source_dialect]} would read."
        ) from exc
    except (*BREAKS, RecursionError) as exc:
        raise GuardRefused("unparsable", "This SQL cannot be translated.") from exc
    lost: tuple[str, ...] = ()
    try:
        trees[0].sql(dialect="presto", unsupported_level=ErrorLevel.RAISE, max_unsupported=20)
    except UnsupportedError as exc:
        lost = tuple(dict.fromkeys(line.strip() for line in str(exc).splitlines() if line.strip()))
    return Translated(text, source_dialect, lost)
