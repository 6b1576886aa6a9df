"""Ranking tables: search results and everything the wording named go in, table hits leave.

What people curated outweighs what merely sounds alike: the tables behind a metric, a dimension, a
linked value or a like verified query come first; staging and deprecated copies come last, unless
the question names them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nlq.catalog.catalog import Catalog
from nlq.retrieval.documents import families
from nlq.retrieval.index import Found
from nlq.retrieval.lexicon import Lexicon
from nlq.retrieval.words import search_terms
from nlq.types import (
    Certification,
    DimensionHit,
    MetricDoc,
    MetricHit,
    TableDoc,
    TableHit,
    ValueLink,
    VerifiedHit,
)

MOST_TABLES = 8
_MOST_COLUMNS = 14
_TRUST: Mapping[Certification, float] = {
    "certified": 1.0,
    "none": 0.9,
    "staging": 0.6,
    "deprecated": 0.4,
}
_METRIC, _DIMENSION, _VERIFIED, _VALUE, _NAMED = 0.5, 0.2, 0.3, 0.1, 0.4
_ONLY_HOLDER = 0.5
"""What a linked value says for the only table that holds it; many tables share it."""
_LIKE_VERIFIED = 0.6
"""From this similarity on, a verified query's tables count."""


def rank_tables(
    text: str,
    found: Found,
    visible: Catalog,
    lexicon: Lexicon,
    metrics: Sequence[MetricHit],
    dimensions: Sequence[DimensionHit],
    verified: Sequence[VerifiedHit],
    values: Sequence[ValueLink],
) -> tuple[TableHit, ...]:
    """The tables that may help, best first; of a family of shards the latest."""
    support = _support(visible, metrics, dimensions, verified, values)
    named = _named(text, lexicon)
    hits: list[tuple[float, str]] = []
    for name, members in families(visible).items():
        table = visible.tables[members[0]]
        score = found.tables.get(name, 0.0)
        score = score + (1 - score) * max((support.get(m, 0.0) for m in members), default=0.0)
        if named & set(members):
            score += (1 - score) * _NAMED
        else:
            score *= _TRUST[table.certification]
        hits.append((score, table.name))
    hits.sort(key=lambda hit: (-hit[0], hit[1]))
    return tuple(
        TableHit(
            visible.tables[name],
            round(min(score, 1.0), 4),
            relevant_columns(text, visible.tables[name], values),
        )
        for score, name in hits[:MOST_TABLES]
        if score > 0
    )


def _support(
    visible: Catalog,
    metrics: Sequence[MetricHit],
    dimensions: Sequence[DimensionHit],
    verified: Sequence[VerifiedHit],
    values: Sequence[ValueLink],
) -> Mapping[str, float]:
    """How strongly curated docs point to each table, from 0 to 1."""
    strength: dict[str, float] = {}

    def point(table: str, by: float) -> None:
        strength[table] = 1 - (1 - strength.get(table, 0.0)) * (1 - by)

    for metric in metrics:
        if metric.phrase:
            for table in metric_tables(visible, metric.metric):
                point(table, _METRIC * metric.score)
    for dimension in dimensions:
        if dimension.phrase:
            point(dimension.dimension.table, _DIMENSION * dimension.score)
    for query in verified[:1]:
        if query.score >= _LIKE_VERIFIED:
            for table in query.query.tables:
                point(table, _VERIFIED * query.score)
    holders: dict[str, set[str]] = {}
    for value in values:
        holders.setdefault(value.phrase.lower(), set()).add(value.table)
    for tables in holders.values():
        for table in tables:
            point(table, max(_VALUE, _ONLY_HOLDER / len(tables)))
    return strength


def metric_tables(catalog: Catalog, metric: MetricDoc) -> tuple[str, ...]:
    """The tables that a metric reads, those of its inputs included."""
    names: dict[str, None] = {}
    waiting, seen = [metric], {metric.name}
    while waiting:
        current = waiting.pop(0)
        if current.table:
            names[current.table] = None
        for name in current.inputs:
            if name in catalog.metrics and name not in seen:
                seen.add(name)
                waiting.append(catalog.metrics[name])
    return tuple(names)


def _named(text: str, lexicon: Lexicon) -> set[str]:
    return {
        named.name
        for match in lexicon.physical.find(text)
        for named in match.payloads
        if named.kind == "table" and named.main
    }


def relevant_columns(text: str, table: TableDoc, values: Sequence[ValueLink]) -> tuple[str, ...]:
    """The columns a query may need: keys, times, partitions, linked ones, then those that match.

    In the table's own order. A table with few columns keeps all of them.
    """
    if len(table.columns) <= _MOST_COLUMNS:
        return tuple(column.name for column in table.columns)
    kept = {*table.primary_key, *table.partitioned_by, table.time_column}
    kept |= {v.column for v in values if v.table == table.name}
    kept |= {column for edge in table.joins for column in edge.left_columns}
    asked = set(search_terms(text))
    overlap = {
        column.name: len(
            asked & set(search_terms(" ".join((column.name, *column.synonyms, column.description))))
        )
        for column in table.columns
    }
    for name in sorted(overlap, key=lambda name: -overlap[name]):
        if len(kept & set(overlap)) >= _MOST_COLUMNS:
            break
        kept.add(name)
    return tuple(column.name for column in table.columns if column.name in kept)
