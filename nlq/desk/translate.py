"""SQL of other engines into Presto's: text and its dialect go in, SQL with what was lost comes out.

sqlglot carries over what it knows. What it says it cannot, what Presto would not read, and what it
is known to pass on unchanged although Presto means something else, is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.errors import ParseError, UnsupportedError

from nlq.desk.show import shown
from nlq.desk.types import Translated
from nlq.errors import GuardRefused
from nlq.sql.dialect import BREAKS, LAKE
from nlq.sql.functions import FUNCTIONS
from nlq.sql.limits import Limits
from nlq.sql.reading import read_query

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

_ANY_CASE: Final = ("mysql", "tsql")
_PSEUDO: Final = {"rownum", "rowid", "level", "connect_by_root"}


def translate(sql: str, source_dialect: str) -> Translated:
    """The query in Presto SQL; raises ``GuardRefused`` for text or a dialect that is not read."""
    if source_dialect not in DIALECTS:
        raise GuardRefused(
            "unknown-dialect",
            f"There is no dialect {source_dialect[:40]!r} that can be translated.",
            hint=f"Choose one of {', '.join(sorted(DIALECTS))}.",
        )
    tree = _read(sql, source_dialect)
    lost = list(_passed_on(tree, source_dialect))
    _adapt(tree, source_dialect)
    try:
        text = tree.sql(dialect=LAKE, pretty=True, unsupported_level=ErrorLevel.IGNORE)
        lost += _unsupported(tree)
    except (*BREAKS, RecursionError) as exc:
        raise GuardRefused(
            "unparsable",
            "This SQL cannot be translated.",
            hint="Leave out what only that engine has, and try again.",
        ) from exc
    text, wrong = _read_back(text)
    lost += wrong
    notes = tuple(_notes(tree, source_dialect))
    return Translated(text, source_dialect, tuple(dict.fromkeys(lost)), notes)


def _read(sql: str, dialect: str) -> exp.Expr:
    name = DIALECTS[dialect]
    try:
        trees = [tree for tree in sqlglot.parse(sql, read=dialect) if tree]
    except ParseError as exc:
        first = exc.errors[0] if exc.errors else {}
        raise GuardRefused(
            "unparsable",
            f"{name} would not read this (line {first.get('line', 1)}, "
            f"near {first.get('highlight') or ''!r}).",
            hint="Choose the dialect that it is written in.",
        ) from exc
    except (*BREAKS, RecursionError) as exc:
        raise GuardRefused(
            "unparsable", f"{name} would not read this.", hint="Close every quote and bracket."
        ) from exc
    if len(trees) != 1:
        raise GuardRefused(
            "one-statement", "There is not one query here.", hint="Give one query to translate."
        )
    return trees[0]


def _adapt(tree: exp.Expr, dialect: str) -> None:
    """Write out what the other engine takes as given and Presto does not."""
    for joined in list(tree.find_all(exp.GroupConcat)):
        if not joined.args.get("separator"):
            joined.set("separator", exp.Literal.string(","))
    for final in list(tree.find_all(exp.Final)):
        final.replace(final.this)
    if dialect == "tsql":
        for added in list(tree.find_all(exp.Add)):
            if any(part.is_string for part in added.flatten()):
                added.replace(exp.DPipe(this=added.left.copy(), expression=added.right.copy()))


def _unsupported(tree: exp.Expr) -> list[str]:
    """What sqlglot itself says that it cannot carry over."""
    try:
        tree.sql(dialect=LAKE, unsupported_level=ErrorLevel.RAISE, max_unsupported=50)
    except UnsupportedError as exc:
        return [f"{line.strip().rstrip('.')}." for line in str(exc).splitlines() if line.strip()]
    return []


def _passed_on(tree: exp.Expr, dialect: str) -> Iterator[str]:
    """What sqlglot writes out as it is, although Presto does not have it."""
    for node in tree.walk():
        if isinstance(node, exp.Star):
            if any(node.args.get(key) for key in ("except_", "except", "replace", "rename")):
                yield "Presto has no * with exceptions: name the columns."
        elif isinstance(node, exp.Group) and node.args.get("all"):
            yield "Presto has no GROUP BY ALL: name the columns to group by."
        elif isinstance(node, exp.Any | exp.All) and not node.find(exp.Query):
            yield "Presto takes ANY and ALL of a query alone: use contains(array, value)."
        elif isinstance(node, exp.Column) and dialect == "oracle" and node.name.lower() in _PSEUDO:
            yield f"Presto has no {node.name.upper()}: use LIMIT or row_number()."
        elif isinstance(node, exp.Final):
            yield "Presto has no FINAL: drop repeated rows with row_number()."


def _read_back(text: str) -> tuple[str, list[str]]:
    """The text laid out, and what Presto or the guard would not read of it."""
    try:
        tree = LAKE.parse(text)[0]
    except (*BREAKS, RecursionError):
        return text, ["What came of it is not Presto SQL yet: some of it was only copied."]
    if tree is None:
        return text, ["Nothing came of it."]
    calls = {node.name.lower() for node in tree.find_all(exp.Anonymous)} - FUNCTIONS
    lost = [f"Presto has no function {name}." for name in sorted(calls)]
    try:
        read_query(text, Limits(max_sql_chars=10**6))
    except GuardRefused as exc:
        if exc.rule != "unknown-function" or not lost:
            lost.append(exc.message)
    return shown(tree), lost


def _notes(tree: exp.Expr, dialect: str) -> Iterator[str]:
    """What reads the same and means something else, as far as can be seen."""
    compared = any(
        part.is_string
        for node in tree.find_all(exp.EQ, exp.NEQ, exp.Like, exp.In)
        for part in node.iter_expressions()
    )
    if dialect in _ANY_CASE and compared:
        yield (
            f"{DIALECTS[dialect]} compares texts in any case of letters unless told otherwise; "
            "Presto tells them apart."
        )
    if dialect == "oracle" and any(n.is_string and not n.name for n in tree.find_all(exp.Literal)):
        yield "Oracle takes '' as missing; to Presto it is an empty text."
    if dialect == "tsql" and tree.find(exp.Add):
        yield "T-SQL joins texts with +; Presto adds numbers only: write || between texts."
