"""What a query must be before it is verified, and who may see it: SQL goes in, a verdict leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sqlglot import exp

from nlq.catalog.catalog import Catalog
from nlq.errors import GuardRefused, ReviewError
from nlq.retrieval.time_words import read_time
from nlq.sql.dialect import LAKE
from nlq.sql.limits import Limits
from nlq.sql.reading import read_query
from nlq.sql.resolve import resolve, resolve_tables
from nlq.types import Clock, TableDoc

LONGEST_QUESTION = 500
_LATER = timedelta(days=400)


def one_line(question: str) -> str:
    """The question as it is kept; raises ``ReviewError`` where there is none, or a whole page."""
    text = " ".join(question.split())
    if not text:
        raise ReviewError("There is no question.", hint="Write the question that the SQL answers.")
    if len(text) > LONGEST_QUESTION:
        raise ReviewError(
            f"The question is longer than {LONGEST_QUESTION} characters.",
            hint="Write it as somebody would ask it; the rest goes into the notes.",
        )
    return text


def check_dates(question: str, sql: str, clock: Clock) -> None:
    """Refuse a question that means other days tomorrow, beside SQL whose dates stay.

    Raises ``ReviewError`` naming the words.
    """
    later = replace(clock, now=clock.now + _LATER)
    now, then = read_time(question, clock), read_time(question, later)
    days = [(one.start, one.end) for one in then.ranges]
    moving = next((one.phrase for one in now.ranges if (one.start, one.end) not in days), "")
    if moving and not _reads_the_clock(sql):
        raise ReviewError(
            f"\u201c{moving}\u201d means other days from day to day, and the SQL's dates "
            "stay: the verified answer would soon be wrong.",
            hint="Write the dates out in the question, like \u201cin the second quarter of "
            "2026\u201d.",
        )


def _reads_the_clock(sql: str) -> bool:
    try:
        tree = read_query(sql, Limits())[0]
    except GuardRefused:
        return False
    return tree.find(exp.CurrentDate, exp.CurrentTimestamp) is not None


def whole_names(sql: str, tables: Mapping[str, TableDoc]) -> str:
    """The SQL with every table's name whole; as it was written where they are.

    Docs are checked without anybody's default catalog. Raises ``GuardRefused``.
    """
    tree = read_query(sql, Limits())[0]
    if not resolve_tables(tree, tables):
        return sql.strip().rstrip(";").rstrip()
    return tree.sql(dialect=LAKE, pretty=True)


def may_see(sql: str, tables: tuple[str, ...], visible: Catalog) -> bool:
    """Whether all that a query reads may be seen; without SQL, all that its question was about."""
    if not sql:
        return all(name in visible.tables for name in tables)
    try:
        resolve(read_query(sql, Limits())[0], visible.tables)
    except (GuardRefused, RecursionError):
        return False
    return True
