"""Packing: what was found goes in, the text for a prompt within a token budget leaves.

Most important first, so that what does not fit is what matters least: the closest tables, dates,
linked values, metrics, joins, then a verified query as an example. Everything else is about the
tables shown: a small model reads slowly and is easily led astray by what it does not need.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from nlq.types import (
    ColumnDoc,
    Context,
    DateRange,
    JoinEdge,
    MetricHit,
    TableHit,
    ValueLink,
    VerifiedHit,
)

_TABLE = re.compile(r"\b[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+\b")
_NOTE = 60
"""Longest note on a column, characters."""
_MOST_TABLES = 4
_MOST_CATEGORIES = 12
"""Values of a column that is one of categories rather than of names or numbers."""
_CLOSE = 0.55
"""Share of the best table's score from which another table is shown."""
_MOST_EXAMPLES = 1
_LIKE = 0.6
"""Similarity from which a verified query is a useful example."""
_MOST_LINKS = 3
"""Columns named for one linked phrase."""


class TokenCounter(Protocol):
    """Counts a text's tokens as the chat model does."""

    def count(self, text: str) -> int:
        """The number of tokens."""


def pack(
    context: Context,
    counter: TokenCounter,
    budget: int,
    names: Mapping[str, str] = MappingProxyType({}),
) -> tuple[str, int]:
    """The packed text and its tokens, never above ``budget``.

    ``names`` are shorter names of tables that mean no other table. Whole blocks are left out from
    the first that does not fit, but for smaller ones behind it.
    """
    kept: list[str] = []
    used = 0
    for whole in _blocks(context):
        block = _TABLE.sub(lambda name: names.get(name[0], name[0]), whole)
        cost = counter.count(block + "\n")
        if used + cost <= budget:
            kept.append(block)
            used += cost
    return "\n".join(kept), used


def _blocks(context: Context) -> Iterator[str]:
    hits = shown_tables(context.tables)
    shown = {hit.table.name for hit in hits}
    tables = [table_line(hit) for hit in hits]
    bridges = [table_line(hit) for hit in context.bridges]
    yield from tables[:2]
    if context.question.notes:
        yield rule_line(context.question.notes)
    yield from map(rule_line, context.rules)
    yield from (range_line(r) for r in context.time.ranges)
    yield from (value_line(v) for v in _few([v for v in context.values if v.table in shown]))
    yield from (metric_line(m) for m in context.metrics if m.phrase)
    yield from (join_line(j) for j in context.joins if {j.left, j.right} <= shown)
    yield from bridges
    yield from map(join_line, context.detours)
    alike = [hit for hit in context.verified if hit.score >= _LIKE]
    yield from (example(hit) for hit in alike[:_MOST_EXAMPLES])
    yield from tables[2:]


def shown_tables(ranked: Sequence[TableHit]) -> list[TableHit]:
    """Those of the ranked tables that a prompt shows, best first."""
    best = max((hit.score for hit in ranked), default=0.0)
    return [hit for hit in ranked if hit.score >= best * _CLOSE][:_MOST_TABLES]


def table_line(hit: TableHit) -> str:
    """``schema.table(col type -- note, ...)`` with the columns that the question may need.

    The table's own facts come first, as a comment line.
    """
    table = hit.table
    facts = [about] if (about := table.description.split(". ")[0].rstrip(".")) else []
    if table.certification in ("staging", "deprecated"):
        facts.append(table.certification.upper())
    if table.partition_filter_required:
        facts.append(f"always filter {' or '.join(table.partitioned_by)}")
    columns = ", ".join(
        _column(column) for column in table.columns if column.name in set(hit.columns)
    )
    told = f"-- {'; '.join(facts)}\n" if facts else ""
    return f"{told}{table.name}({columns})"


def _column(column: ColumnDoc) -> str:
    notes = [note for note in (_short(column.description), column.unit) if note]
    codes = ", ".join(f"{v.value}={v.meaning}" if v.meaning else v.value for v in column.values[:6])
    if codes and len(codes) <= _NOTE and _is_telling(column):
        notes.append(codes)
    return f"{column.name} {column.type}" + (f" -- {'; '.join(notes)}" if notes else "")


def _is_telling(column: ColumnDoc) -> bool:
    """Whether its values say more than its note: people's docs of them, or a few categories."""
    if any(value.meaning or value.synonyms for value in column.values):
        return True
    told = column.description.lower()
    few = len(column.values) <= _MOST_CATEGORIES
    return few and not all(value.value.lower() in told for value in column.values)


def _short(text: str) -> str:
    text = text.rstrip(".")
    return text if len(text) <= _NOTE else text[:_NOTE].rsplit(" ", 1)[0] + "..."


def join_line(edge: JoinEdge) -> str:
    """``JOIN a.b.c ON left = right``."""
    pairs = zip(edge.left_columns, edge.right_columns, strict=True)
    on = " AND ".join(f"{edge.left}.{left} = {edge.right}.{right}" for left, right in pairs)
    return f"-- join {on} ({edge.cardinality.replace('_', ' ')})"


def rule_line(rule: str) -> str:
    """A rule of the company, or of whoever asks, on one line."""
    return f"-- rule: {' '.join(rule.split())}"


def value_line(link: ValueLink) -> str:
    """``"Germany" is table.column = 'DE'``."""
    value = link.value.replace("'", "''")
    return f"-- \"{link.phrase}\" is {link.table}.{link.column} = '{value}'"


def range_line(found: DateRange) -> str:
    """``"last month" is >= DATE '...' and < DATE '...'``."""
    return (
        f"-- \"{found.phrase}\" is >= DATE '{found.start.isoformat()}'"
        f" and < DATE '{found.end.isoformat()}'"
    )


def metric_line(hit: MetricHit) -> str:
    """``name = expression from table where filters``."""
    metric = hit.metric
    source = f" from {metric.table}" if metric.table else ""
    where = f" where {' and '.join(metric.filters)}" if metric.filters else ""
    return f"-- {metric.label} = {metric.expression or metric.description}{source}{where}"


def example(hit: VerifiedHit) -> str:
    """A question and its verified SQL, as it would be written."""
    return f"-- Question: {hit.query.question}\n{hit.query.sql.strip()}"


def _few(links: Sequence[ValueLink]) -> Iterator[ValueLink]:
    """The first links of each phrase, which are to the most relevant tables."""
    count: Counter[str] = Counter()
    for link in links:
        count[link.phrase] += 1
        if count[link.phrase] <= _MOST_LINKS:
            yield link
