"""Keys shown under the name of what they lead to: ``o.customer_id AS customer_name``.

A draft that groups observations by ``aid AS institute`` means the institute of the table that aid
leads to, which it forgot to join.
"""

from __future__ import annotations

from sqlglot import exp

from nlq.drafting.mends.draft import (
    Mending,
    columns_of,
    edges_of,
    free_alias,
    is_called,
    joined_on,
    outermost,
    sources_of,
)
from nlq.retrieval.words import words
from nlq.sql.dialect import LAKE
from nlq.types import JoinEdge, TableDoc


def mend_named_keys(tree: exp.Expr, mending: Mending) -> None:
    """Join the table that such a key leads to, and show its column of that name."""
    select = outermost(tree)
    sources = sources_of(select, mending.catalog) if select else None
    if select is None or not sources:
        return
    for shown in select.expressions:
        key = shown.this if isinstance(shown, exp.Alias) else None
        if not isinstance(key, exp.Column):
            continue
        alias = key.table.lower() or next(iter(sources), "")
        doc = sources.get(alias)
        if doc is None or doc.column(key.name) is None or _has(doc, shown.alias):
            continue
        found = _meant(key, doc, shown.alias, mending)
        if found is None or found[0].right in {each.name for each in sources.values()}:
            continue
        edge, column = found
        new = free_alias(edge.right, list(sources))
        on = joined_on(edge, alias, new)
        select.join(exp.to_table(edge.right, alias=new, dialect=LAKE), on=on, copy=False)
        keys = [each for each in columns_of(select) if each == key and not _is_in_join(each)]
        for each in keys:
            each.replace(exp.column(column, table=new))
        mending.note(f"{column} of {new} shown, not {key.name}")
        return


def _meant(
    key: exp.Column, doc: TableDoc, name: str, mending: Mending
) -> tuple[JoinEdge, str] | None:
    """The only join over the key to a table with a column of that name, and the column."""
    found = []
    for edge in edges_of(doc, mending.catalog):
        if tuple(each.lower() for each in edge.left_columns) != (key.name.lower(),):
            continue
        table = mending.catalog.tables.get(edge.right)
        column = _has(table, name) if table and edge.cardinality != "one_to_many" else ""
        if column and column.lower() not in {each.lower() for each in edge.right_columns}:
            found.append((edge, column))
    return found[0] if len({(edge.right, column) for edge, column in found}) == 1 else None


def _has(table: TableDoc, name: str) -> str:
    """The only column of the table that is called so, in full or for short; empty for none."""
    said = words(name)
    own = words(table.name.rpartition(".")[2])
    fitting = [
        column.name
        for column in table.columns
        for parts in (words(column.name),)
        if is_called(parts, said) or is_called([*own, *parts], said)
    ]
    return fitting[0] if len(fitting) == 1 else ""


def _is_in_join(column: exp.Column) -> bool:
    return column.find_ancestor(exp.Join) is not None
