"""What a table is made of and what is made of it, as far as the lake's docs and use tell.

A catalog cut to what may be seen goes in, edges come out. The docs have no lineage of their own:
a sentence that says so ("the month's sum of curated.daily_usage") gives a direction, everything
else only that two tables belong together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from nlq.catalog.catalog import Catalog
from nlq.desk.types import LineageEdge
from nlq.types import JoinEdge, TableDoc

NOTE: Final = (
    "There is no lineage from a scheduler here. Arrows are what the tables' docs say in words; "
    "other lines are tables that are joined, or that queries read together."
)
_NAME: Final = re.compile(r"\b([a-z_]\w*\.[a-z_]\w*(?:\.[a-z_]\w*)?)\b")
_FED: Final = re.compile(
    r"(?:\bfrom|\bsums? of|\bmade (?:of|from)|\bbuilt (?:of|on|from)|\bcop(?:y|ies) of|"
    r"\bderived from|\brolled up from|\bcomputed from)\s*$",
    re.IGNORECASE,
)


def lineage(
    doc: TableDoc, visible: Catalog, read_together: Iterable[tuple[str, int]]
) -> tuple[LineageEdge, ...]:
    """The edges of one table, those with a direction first; only among visible tables."""
    edges = [
        *_told(doc, visible),
        *_joined(doc, visible),
        *_verified(doc, visible),
        *_asked(doc, visible, read_together),
    ]
    return tuple(sorted(edges, key=lambda edge: not edge.directed))


def _told(doc: TableDoc, visible: Catalog) -> Iterator[LineageEdge]:
    """What the descriptions of this table, and of those that name it, say."""
    for table in visible.tables.values():
        for other, fed, words in _mentions(table, visible):
            if doc.name not in (table.name, other.name) or other.name == table.name:
                continue
            yield LineageEdge(other.name, table.name, "docs", words, directed=fed)


def _mentions(table: TableDoc, visible: Catalog) -> Iterator[tuple[TableDoc, bool, str]]:
    for sentence in re.split(r"(?<=[.;])\s+", " ".join(table.description.split())):
        for match in _NAME.finditer(sentence):
            other = _find(match[1], visible)
            if other:
                yield other, bool(_FED.search(sentence[: match.start()])), sentence.rstrip(";")


def _find(name: str, visible: Catalog) -> TableDoc | None:
    if name in visible.tables:
        return visible.tables[name]
    found = [doc for doc in visible.tables.values() if doc.short_name == name]
    return found[0] if len(found) == 1 else None


def _joined(doc: TableDoc, visible: Catalog) -> Iterator[LineageEdge]:
    for edge in joins_of(doc, visible):
        on = ", ".join(
            f"{a} = {b}" for a, b in zip(edge.left_columns, edge.right_columns, strict=True)
        )
        kind = edge.cardinality.replace("_", " ")
        yield LineageEdge(edge.left, edge.right, "joins", f"Joined on {on} ({kind}).")


def joins_of(doc: TableDoc, visible: Catalog) -> tuple[JoinEdge, ...]:
    """The known joins of a table, seen from its side."""
    found = []
    for edge in visible.joins:
        if edge.left == doc.name:
            found.append(edge)
        elif edge.right == doc.name:
            found.append(edge.reversed())
    return tuple(found)


def _verified(doc: TableDoc, visible: Catalog) -> Iterator[LineageEdge]:
    counts: Counter[str] = Counter()
    for query in visible.verified:
        if doc.name in query.tables:
            counts.update(name for name in query.tables if name != doc.name)
    for name, count in counts.most_common():
        if name in visible.tables:
            words = f"Read together in {_counted(count, 'verified query', 'verified queries')}."
            yield LineageEdge(doc.name, name, "verified queries", words)


def _asked(
    doc: TableDoc, visible: Catalog, read_together: Iterable[tuple[str, int]]
) -> Iterator[LineageEdge]:
    for name, count in read_together:
        if name in visible.tables:
            words = f"Read together for {_counted(count, 'answer', 'answers')}."
            yield LineageEdge(doc.name, name, "asked questions", words)


def _counted(count: int, one: str, many: str) -> str:
    return f"one {one}" if count == 1 else f"{count:,} {many}"
