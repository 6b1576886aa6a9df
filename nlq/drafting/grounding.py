"""Whether the tables that a model's draft reads are about what was asked.

A small model answers nearly every question with some query. One about other things than its tables
hold is told by its words: too many of them stand in no doc of those tables.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from nlq.catalog.catalog import Catalog
from nlq.retrieval.lexicon import spoken_names
from nlq.retrieval.match import content_words
from nlq.retrieval.words import abbreviates, search_terms, stem, words
from nlq.types import Context, TableDoc

MOST_UNKNOWN = 0.5
"""Share of a question's content words that the docs of the draft's tables may lack."""

_LEAST_UNKNOWN = 2
"""A single word may be one that nobody would put into docs."""

_MOST_CODES, _LONGEST_CODE = 12, 5
"""Of a column whose values are codes for words ("CXL", "shp")."""


def ungrounded(context: Context, catalog: Catalog, sql: str) -> tuple[str, ...]:
    """The words that no doc of the tables in ``sql`` has, where they are too many; else none.

    What the notes of whoever asks or the glossary explain is no such word.
    """
    tables = _tables(catalog, sql)
    if not tables:
        return ()
    told = [
        *(r.phrase for r in context.time.ranges),
        context.question.notes,
        *context.rules,
    ]
    asked = {stem(token.text): token for token in content_words(context.standalone, told)}
    read = {table.name for table in tables}
    linked = {stem(w) for v in context.values if v.table in read for w in words(v.phrase)}
    known = {term for table in tables for term in _terms(catalog, table)} | linked
    short = {part for table in tables for name in _maybe_short(table) for part in words(name)}
    unknown = tuple(
        sorted(
            token.text
            for stemmed, token in asked.items()
            if stemmed not in known
            and not any(abbreviates(s, w) for s in short for w in (token.text, token.singular))
        )
    )
    many = len(unknown) >= _LEAST_UNKNOWN and len(unknown) > MOST_UNKNOWN * len(asked)
    return unknown if many else ()


def _tables(catalog: Catalog, sql: str) -> list[TableDoc]:
    """The tables of the catalog that the text reads; none where it cannot be read."""
    try:
        tree = sqlglot.parse_one(sql, read="presto")
    except SqlglotError:
        return []
    written = {
        ".".join(part.name.lower() for part in node.parts) for node in tree.find_all(exp.Table)
    }
    return [
        table
        for name, table in sorted(catalog.tables.items())
        if any(name == told or name.endswith(f".{told}") for told in written)
    ]


def _maybe_short(table: TableDoc) -> Iterable[str]:
    """What may be a short form of a word: names, and the codes of columns that have few."""
    yield from spoken_names(table)
    for column in table.columns:
        if len(column.values) <= _MOST_CODES:
            yield from (v.value for v in column.values if len(v.value) <= _LONGEST_CODE)


def _terms(catalog: Catalog, table: TableDoc) -> Iterable[str]:
    texts = [table.name, table.description, table.grain, *table.synonyms]
    for column in table.columns:
        texts += [column.name, column.description, column.unit, *column.synonyms]
        for value in column.values[:100]:
            texts += [value.value, value.meaning, *value.synonyms]
    for metric in catalog.metrics.values():
        if metric.table == table.name:
            texts += [metric.label, *metric.synonyms]
    for dimension in catalog.dimensions.values():
        if dimension.table == table.name:
            texts += [dimension.label, *dimension.synonyms]
    return (term for text in texts for term in search_terms(text))
