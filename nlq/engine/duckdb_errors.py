"""DuckDB's exceptions, told in Presto's words as ``nlq.errors``."""

from __future__ import annotations

import re

import duckdb

from nlq.errors import EngineError, EngineUnavailable, QueryFailed

_MARK = re.compile(r"nlq!(.*?)'(?: to INT64| to |$)", re.DOTALL)


def translated(error: duckdb.Error) -> EngineError:
    """The error to raise for DuckDB's; one line, in Presto's words where Presto has the error."""
    told = str(error)
    first = told.splitlines()[0] if told else type(error).__name__
    if marked := re.search(r"nlq!([^\n]*)", told):
        return QueryFailed(_unquoted(marked[1]) + ".")
    match error:
        case duckdb.OutOfMemoryException():
            return QueryFailed(
                "The query needs more memory than the embedded engine may use.",
                hint="Narrow it: fewer days, fewer columns, or aggregate earlier.",
                repairable=False,
            )
        case duckdb.IOException() | duckdb.InternalException() | duckdb.FatalException():
            return EngineUnavailable(
                f"The embedded engine failed: {_clean(first)}.",
                hint="Run nlq doctor; making the lake again mends missing files.",
            )
    if "ivision by zero" in told:
        return QueryFailed("Division by zero.", hint="Guard it: NULLIF(x, 0), or TRY(...).")
    if "More than one row returned by a subquery" in told:
        return QueryFailed("Scalar sub-query has returned multiple rows.")
    if isinstance(error, duckdb.OutOfRangeException):
        return QueryFailed(f"Numeric overflow: {_clean(first)}.")
    if cast := re.match(r"Conversion Error: Could not convert string '(.*)' to (\w+)", told):
        return QueryFailed(f"Cannot cast '{cast[1]}' to {_PRESTO.get(cast[2], cast[2]).lower()}.")
    return QueryFailed(f"The query failed: {_clean(first)}.")


_PRESTO = {"INT64": "bigint", "INT32": "integer", "INT16": "smallint", "INT8": "tinyint"}


def _unquoted(message: str) -> str:
    """The marked message without what DuckDB wrote after it."""
    return re.sub(r"' to [A-Z0-9_]+$|\" (?:to|into) .*$|' when casting .*$", "", message).rstrip(
        " .\"'"
    )


def _clean(line: str) -> str:
    line = re.sub(r"^[A-Z][A-Za-z ]* (?:Error|Exception): ", "", line)
    return re.sub(r"\s+", " ", line).rstrip(" .!")
