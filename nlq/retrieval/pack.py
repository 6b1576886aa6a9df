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

from nlq.retrieval.ddl import join_line, table_ddl
from nlq.types import (
    ColumnDoc,
    Context,
    DateRange,
    MetricHit,
    TableHit,
    ValueLink,
    VerifiedHit,
)

_TABLE = re.compile(r"\b[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+\b")
_MOST_TABLES = 4
_CLOSE = 0.55
"""Share of the best table's score from which another table is shown."""
_MOST_EXAMPLES = 1
_LIKE = 0.6
"""Similarity from which a verified query is a useful example."""
_MOST_LINKS = 3
"""Columns named for one linked phrase."""
_WHOLE_NUMBERS = ("bigint", "integer", "smallint")


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
    the first that does not fit, but for smaller ones behind it. Where the prompt has the docs of
    the whole lake (``context.lake``), tables are named only.
    """
    kept: list[str] = []
    used = 0
    for whole in _pointers(context, names) if context.lake else _blocks(context, names):
        block = _TABLE.sub(lambda name: names.get(name[0], name[0]), whole)
        cost = counter.count(block + "\n")
        if used + cost <= budget:
            kept.append(block)
            used += cost
    return "\n".join(kept), used


def _blocks(context: Context, names: Mapping[str, str]) -> Iterator[str]:
    hits = shown_tables(context.tables)
    shown = {hit.table.name for hit in hits}
    tables = [table_ddl(h.table, names.get(h.table.name, h.table.name), h.columns) for h in hits]
    bridges = [
        table_ddl(h.table, names.get(h.table.name, h.table.name), h.columns)
        for h in context.bridges
    ]
    yield from tables[:2]
    yield from _said(context)
    yield from (value_line(v) for v in _few([v for v in context.values if v.table in shown]))
    yield from (metric_line(m) for m in context.metrics if m.phrase)
    yield from (join_line(j, names) for j in context.joins if {j.left, j.right} <= shown)
    yield from bridges
    yield from (join_line(j, names) for j in context.detours)
    alike = [hit for hit in context.verified if hit.score >= _LIKE]
    yield from (example(hit) for hit in alike[:_MOST_EXAMPLES])
    yield from tables[2:]


def _pointers(context: Context, names: Mapping[str, str]) -> Iterator[str]:
    """What is about this question, for a prompt that has all tables already."""
    shown = [hit.table.name for hit in shown_tables(context.tables)]
    edges = [e for e in context.joins if {e.left, e.right} <= set(shown)] + list(context.detours)
    ends = (end for edge in edges for end in (edge.left, edge.right))
    if shown:
        told = dict.fromkeys(names.get(name, name) for name in (*shown, *ends))
        yield f"-- tables: {', '.join(told)}"
    yield from (join_line(edge, names) for edge in edges)
    yield from _said(context)
    yield from (value_line(v) for v in _few(context.values))
    yield from (metric_line(m) for m in context.metrics if m.phrase)
    alike = [hit for hit in context.verified if hit.score >= _LIKE]
    yield from (example(hit) for hit in alike[:_MOST_EXAMPLES])


def _said(context: Context) -> Iterator[str]:
    """Notes, rules and dates."""
    if context.question.notes:
        yield rule_line(context.question.notes)
    yield from map(rule_line, context.rules)
    columns = [c for hit in context.tables[:_MOST_TABLES] for c in hit.table.columns]
    for found in context.time.ranges:
        yield from range_lines(found, columns)


def shown_tables(ranked: Sequence[TableHit]) -> list[TableHit]:
    """Those of the ranked tables that a prompt shows, best first."""
    best = max((hit.score for hit in ranked), default=0.0)
    return [hit for hit in ranked if hit.score >= best * _CLOSE][:_MOST_TABLES]


def rule_line(rule: str) -> str:
    """A rule of the company, or of whoever asks, on one line."""
    return f"-- rule: {' '.join(rule.split())}"


def value_line(link: ValueLink) -> str:
    """``"Germany" is table.column = 'DE'``."""
    value = link.value.replace("'", "''")
    return f"-- \"{link.phrase}\" is {link.table}.{link.column} = '{value}'"


def range_lines(found: DateRange, columns: Sequence[ColumnDoc]) -> Iterator[str]:
    """``"last month" is >= DATE '...' and < DATE '...'``, and whole years as numbers too.

    ``columns`` are those that the range may be compared with: a column of years takes no dates.
    """
    first, after = found.start, found.end
    years = [c.name for c in columns if "year" in c.name and c.type in _WHOLE_NUMBERS]
    if years and (first.month, first.day, after.month, after.day) == (1, 1, 1, 1):
        last = after.year - 1
        told = f"= {last}" if first.year == last else f"BETWEEN {first.year} AND {last}"
        yield f'-- "{found.phrase}" is {years[0]} {told}'
        if not any(c.type.startswith(("date", "timestamp")) for c in columns):
            return
    yield f"-- \"{found.phrase}\" is >= DATE '{first}' and < DATE '{after}'"


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
