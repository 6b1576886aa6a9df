"""What the index searches: a catalog goes in, one small text for each thing worth finding leaves.

Tables that differ only in a trailing date or number (``events_20240101``) are one family with one
document, and tables of one schema that have the same columns (editions, copies) share a text, so
that it is embedded once. Full-text search reads all of it; an embedding model the first 256 tokens
or so, which was measured to do as well as several embeddings a table (``docs/retrieval.md``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from nlq.catalog.catalog import Catalog
from nlq.types import ColumnDoc, DimensionDoc, MetricDoc, TableDoc

Kind = Literal["table", "metric", "dimension", "verified"]

_MOST_VALUES = 20
"""Values of one column that are searched."""
_LONGEST_VALUE = 60
"""Characters of a value that are searched."""
_SEVERAL = 2
"""A single number behind a name need be no date."""
_DATED = re.compile(r"((?:1[6-9]|20)\d{2})_?(\d{2})?_?(\d{2})?$")
_SHARD = re.compile(r"_?(\d{4,8}|\d{4}_\d{2}(_\d{2})?)$")


@dataclass(frozen=True, slots=True)
class Document:
    """What a thing is found by; ``name`` is a family's for tables.

    ``title`` is what it is called, ``parts`` what its parts are called (a table's columns),
    ``text`` all of it with descriptions, ``values`` what its columns hold, as far as docs tell.
    ``covers`` has the first day that the shards of a table are for, and the one after the last.
    """

    kind: Kind
    name: str
    title: str
    parts: str
    text: str
    values: str = ""
    covers: tuple[date, date] | None = None

    @property
    def key(self) -> str:
        """The same for the same text, so that what did not change is not embedded again."""
        return hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()


def family(table: str) -> str:
    """The name that the shards of one table share.

    >>> family("lake.web.events_20240101"), family("lake.web.top_100")
    ('lake.web.events', 'lake.web.top_100')
    """
    return _SHARD.sub("", table)


def covered(shards: Iterable[str]) -> tuple[date, date] | None:
    """From the first day that dated shards are for to the day after the last; None for others.

    >>> covered(["lake.web.events_20240101", "lake.web.events_20240131"])
    (datetime.date(2024, 1, 1), datetime.date(2024, 2, 1))
    >>> covered(["lake.noaa.gsod2023", "lake.noaa.gsod2024"])
    (datetime.date(2023, 1, 1), datetime.date(2025, 1, 1))
    >>> covered(["lake.web.events"])
    """
    periods = [period for name in shards if (period := _period(name))]
    if len(periods) < _SEVERAL:
        return None
    return min(first for first, _ in periods), max(after for _, after in periods)


def _period(shard: str) -> tuple[date, date] | None:
    """The days that one shard is for: a day, a month or a year."""
    found = _DATED.search(shard)
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return first, first + timedelta(days=1)
    if month:
        return first, (first + timedelta(days=31)).replace(day=1)
    return first, date(first.year + 1, 1, 1)


def families(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Table names by family, the latest shard first."""
    grouped: dict[str, list[str]] = {}
    for name in sorted(catalog.tables, reverse=True):
        grouped.setdefault(family(name), []).append(name)
    return {name: tuple(members) for name, members in grouped.items()}


def documents(catalog: Catalog) -> tuple[Document, ...]:
    """Everything to be found in a catalog, in a stable order."""
    return (
        *_tables(catalog),
        *(_named("metric", metric) for metric in catalog.metrics.values()),
        *(_named("dimension", dimension) for dimension in catalog.dimensions.values()),
        *(_verified(query.question) for query in catalog.verified),
    )


def _tables(catalog: Catalog) -> Iterator[Document]:
    shared: dict[tuple[str, str, str], str] = {}
    for name, shards in families(catalog).items():
        table = catalog.tables[shards[0]]
        doc = _table(name, table)
        alike = (name.rpartition(".")[0], doc.parts, table.description)
        yield replace(doc, text=shared.setdefault(alike, doc.text), covers=covered(shards))


def _table(name: str, table: TableDoc) -> Document:
    title = _joined(_spoken(name), *table.synonyms)
    parts = ", ".join(_joined(_spoken(c.name), *c.synonyms) for c in table.columns)
    columns = ", ".join(_column(column) for column in table.columns)
    text = f"{_joined(title, table.description)}: {columns}"
    values = ", ".join(value for column in table.columns for value in _values(column))
    return Document("table", name, title, parts, text, values)


def _values(column: ColumnDoc) -> Iterator[str]:
    if "pii" not in column.tags:
        for value in column.values[:_MOST_VALUES]:
            yield _joined(value.value[:_LONGEST_VALUE], value.meaning, *value.synonyms)


def _column(column: ColumnDoc) -> str:
    return _joined(_spoken(column.name), *column.synonyms, column.description)


def _named(kind: Kind, doc: MetricDoc | DimensionDoc) -> Document:
    title = ", ".join((doc.label, *doc.synonyms))
    return Document(kind, doc.name, title, "", f"{title}. {doc.description}")


def _verified(question: str) -> Document:
    masked = mask(question)
    return Document("verified", question, masked, "", masked)


def _spoken(name: str) -> str:
    return " ".join(re.split(r"[._]+", name))


def _joined(*words: str) -> str:
    return " ".join(word for word in words if word)


_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_DATE = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.? \d{4}\b"
    r"|\b(?:q[1-4]|h[12]|fy) ?\d{0,4}\b|\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\b\d[\d,.]*%?")


def mask(question: str, values: tuple[str, ...] = ()) -> str:
    """The question without its particulars, so that questions of one shape look alike.

    ``values`` are phrases known to name a value. The idea is DAIL-SQL's (Gao et al., 2023).

    >>> mask("Top 5 products in Germany in May 2025?", ("Germany",))
    'Top [number] products in [value] in [date]?'
    """
    for value in sorted(values, key=len, reverse=True):
        question = re.sub(rf"\b{re.escape(value)}\b", "[value]", question, flags=re.IGNORECASE)
    question = _QUOTED.sub("[value]", question)
    question = _DATE.sub("[date]", question)
    return _NUMBER.sub("[number]", question)
