"""Where people's docs and the engine disagree: two catalogs enter, one sentence each leaves.

Only tables of catalogs that the engine told of are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from nlq.catalog.catalog import Catalog


def disagreements(docs: Catalog, engine: Catalog) -> tuple[str, ...]:
    """Tables and columns that ``docs`` describe and ``engine`` does not have.

    A table may be missing because the user that pulled the engine's catalog may not see it.
    """
    return tuple(_missing(docs, engine))


def _missing(docs: Catalog, engine: Catalog) -> Iterator[str]:
    pulled = {name.split(".", 1)[0] for name in engine.tables}
    for name, table in docs.tables.items():
        if name.split(".", 1)[0] not in pulled:
            continue
        told = engine.tables.get(name)
        if told is None:
            yield f"Table {name}: it is described, but the engine has no such table."
            continue
        for column in table.columns:
            if told.column(column.name) is None:
                yield (
                    f"Table {name}: the column {column.name} is described, but the engine has no "
                    "such column."
                )
