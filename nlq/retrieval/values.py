"""Value linking: phrases found in the question go in, the column values they name leave.

Values come from the catalog's docs, and from the lake where the index build sampled them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from nlq.catalog.catalog import Catalog
from nlq.retrieval.lexicon import Located
from nlq.retrieval.words import PhraseMatch
from nlq.types import ColumnDoc, TableDoc, ValueDoc, ValueLink

_LONGEST = 80  # characters of a name
_EXACT, _MEANING, _RESPELLED = 1.0, 0.95, 0.8

ListValues = Callable[[str, str, int], Sequence[str]]
"""Takes a table, a column and a limit; gives up to so many distinct values that are not null."""


def link_values(
    matches: Sequence[PhraseMatch[Located]], taken: Sequence[tuple[int, int]] = ()
) -> tuple[ValueLink, ...]:
    """A link for every column that holds what a phrase names, in the order of the text.

    ``taken`` are stretches of the text that mean something else, such as dates.
    """
    links = [
        ValueLink(
            match.phrase,
            place.table,
            place.column,
            place.value,
            place.meaning,
            _RESPELLED if match.respelled else _EXACT if place.exact else _MEANING,
        )
        for match in matches
        if not any(match.inside(start, end) for start, end in taken)
        for place in match.payloads
    ]
    return tuple(dict.fromkeys(links))


def sample_values(
    catalog: Catalog, list_values: ListValues, *, most: int = 5_000
) -> dict[str, tuple[str, ...]]:
    """The lake's own values of string columns that have no value docs, by ``table.column``.

    These are the names that people ask about: of customers, campaigns, carriers. Looked at are
    the dimensions, or all columns of a catalog that has no dimensions. Columns with more than
    ``most`` different values or with long texts are left out, as is personal data (tag ``pii``).
    Raises what ``list_values`` raises.
    """
    found: dict[str, tuple[str, ...]] = {}
    for table, column in _nameable(catalog):
        key = f"{table.name}.{column.name}"
        if key in found or column.values or "pii" in column.tags:
            continue
        if column.type.startswith(("varchar", "char")):
            values = [v for v in list_values(table.name, column.name, most + 1) if v.strip()]
            if 0 < len(values) <= most and max(map(len, values)) <= _LONGEST:
                found[key] = tuple(values)
    return found


def _nameable(catalog: Catalog) -> Iterator[tuple[TableDoc, ColumnDoc]]:
    """The columns whose values people may name: dimensions, and all of tables without any."""
    described = {dimension.table for dimension in catalog.dimensions.values()}
    for dimension in catalog.dimensions.values():
        table = catalog.tables.get(dimension.table)
        column = table.column(dimension.column) if table else None
        if table is not None and column is not None:
            yield table, column
    if not described:
        for table in catalog.tables.values():
            yield from ((table, column) for column in table.columns)


def with_values(catalog: Catalog, values: Mapping[str, Sequence[str]]) -> Catalog:
    """The catalog with those values as value docs of columns that have none."""

    def filled(table: TableDoc, column: ColumnDoc) -> ColumnDoc:
        known = () if column.values else values.get(f"{table.name}.{column.name}", ())
        return replace(column, values=tuple(map(ValueDoc, known))) if known else column

    touched = {key.rpartition(".")[0] for key in values}
    tables = {
        name: replace(table, columns=tuple(filled(table, column) for column in table.columns))
        if name in touched
        else table
        for name, table in catalog.tables.items()
    }
    return replace(catalog, tables=tables)
