"""Value linking: phrases found in the question go in, the column values they name leave.

Values come from the catalog's docs, and from the lake where ``with_sampled_values`` put them there
when the index was built.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from nlq.catalog.catalog import Catalog
from nlq.retrieval.lexicon import Located
from nlq.retrieval.words import PhraseMatch
from nlq.types import ColumnDoc, TableDoc, ValueDoc, ValueLink

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


def with_sampled_values(catalog: Catalog, list_values: ListValues, *, most: int = 200) -> Catalog:
    """The catalog with the lake's own values added to string columns that have no value docs.

    Columns with more than ``most`` different values are left alone, as are personal data
    (tag ``pii``) and keys. Raises what ``list_values`` raises.
    """

    def filled(table: TableDoc, column: ColumnDoc) -> ColumnDoc:
        keys = {*table.primary_key, *(c for j in table.joins for c in j.left_columns)}
        if (
            column.values
            or not column.type.startswith(("varchar", "char"))
            or "pii" in column.tags
            or column.name in keys
        ):
            return column
        values = list_values(table.name, column.name, most + 1)
        if len(values) > most:
            return column
        return replace(column, values=tuple(ValueDoc(value) for value in values if value.strip()))

    tables = {
        name: replace(table, columns=tuple(filled(table, column) for column in table.columns))
        for name, table in catalog.tables.items()
    }
    return replace(catalog, tables=tables)
