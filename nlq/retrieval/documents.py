"""What the index searches: a catalog goes in, one small text for each thing worth finding leaves.

Tables that differ only in a trailing date or number (``events_20240101``) are one family with one
document. A wide table has several documents, since embedding models read only the first 256 tokens
or so of a text; the best of them counts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from nlq.catalog.catalog import Catalog
from nlq.types import ColumnDoc, DimensionDoc, MetricDoc, TableDoc

Kind = Literal["table", "metric", "dimension", "verified"]

_SHARD = re.compile(r"_?(\d{4,8}|\d{4}_\d{2}(_\d{2})?)$")
_CHUNK_CHARACTERS = 900
"""About 200 tokens: what MiniLM reads of a text."""


@dataclass(frozen=True, slots=True)
class Document:
    """A text to be found by, and what it is about (``name`` is a family's for tables)."""

    kind: Kind
    name: str
    text: str

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


def families(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Table names by family, the latest shard first."""
    grouped: dict[str, list[str]] = {}
    for name in sorted(catalog.tables, reverse=True):
        grouped.setdefault(family(name), []).append(name)
    return {name: tuple(members) for name, members in grouped.items()}


def documents(catalog: Catalog) -> tuple[Document, ...]:
    """Everything to be found in a catalog, in a stable order."""
    found: list[Document] = []
    for name, members in families(catalog).items():
        found += [
            Document("table", name, text) for text in _table(name, catalog.tables[members[0]])
        ]
    found += [Document("metric", m.name, _metric(m)) for m in catalog.metrics.values()]
    found += [Document("dimension", d.name, _dimension(d)) for d in catalog.dimensions.values()]
    found += [Document("verified", v.question, mask(v.question)) for v in catalog.verified]
    return tuple(found)


def _spoken(name: str) -> str:
    return " ".join(re.split(r"[._]+", name))


def _table(name: str, table: TableDoc) -> Iterator[str]:
    head = " ".join(
        part
        for part in (_spoken(name.split(".", 1)[-1]), *table.synonyms, table.description)
        if part
    )
    chunk: list[str] = []
    size = len(head)
    for column in table.columns:
        text = _column(column)
        if chunk and size + len(text) > _CHUNK_CHARACTERS:
            yield f"{head}: " + ", ".join(chunk)
            chunk, size = [], len(head)
        chunk.append(text)
        size += len(text) + 2
    yield f"{head}: " + ", ".join(chunk)


def _column(column: ColumnDoc) -> str:
    words = [_spoken(column.name), *column.synonyms, column.description]
    return " ".join(word for word in words if word)


def _metric(metric: MetricDoc) -> str:
    return ". ".join([metric.label, *metric.synonyms, metric.description])


def _dimension(dimension: DimensionDoc) -> str:
    return ". ".join([dimension.label, *dimension.synonyms, dimension.description])


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
