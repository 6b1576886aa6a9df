"""Names that are not there: a column of the wrong table, a table left out, a misspelt name.

Where the catalog leaves one reading only, that is written, without another call of the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from sqlglot import exp

from nlq.drafting.mends.draft import Mending, columns_of, sources_of
from nlq.retrieval.joins import many_to_many
from nlq.retrieval.words import stem, words
from nlq.types import TableDoc

_ALIKE = 0.82
"""How alike a misspelt name and the one that is meant must be (of difflib's ratio)."""


def mend_tables(tree: exp.Expr, mending: Mending) -> None:
    """Write misspelt tables as the catalog has them."""
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    short = {name.rpartition(".")[2]: name for name in mending.catalog.tables}
    for table in tree.find_all(exp.Table):
        written = table.name.lower()
        if not written or written in ctes or written in short:
            continue
        near = get_close_matches(written, short, n=2, cutoff=_ALIKE)
        if len(near) == 1:
            mending.note(f"table {written} read as {near[0]}")
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(written)))
            table.set("this", exp.to_identifier(near[0]))
            table.set("db", None)
            table.set("catalog", None)


def mend_columns(tree: exp.Expr, mending: Mending) -> None:
    """Take every column from a table that has it, joining that table where it is missing."""
    for select in list(tree.find_all(exp.Select)):
        sources = sources_of(select, mending.catalog)
        if sources is None:
            continue
        named = {each.alias.lower() for each in select.expressions if isinstance(each, exp.Alias)}
        inner = select.find_ancestor(exp.Select) is not None
        for column in columns_of(select):
            if _links(column):
                continue  # a join that is none of the catalog's is mended as a whole
            if inner and column.table.lower() not in sources:
                continue  # of the outer query, perhaps
            if column.table and column.table.lower() not in sources:
                _mend_qualifier(column, sources, mending)
            else:
                _mend_column(column, sources, named, mending)


def _links(column: exp.Column) -> bool:
    """Whether it is one side of an equality of two columns."""
    equal = column.parent
    return isinstance(equal, exp.EQ) and all(
        isinstance(side, exp.Column) for side in (equal.this, equal.expression)
    )


def _mend_qualifier(column: exp.Column, sources: dict[str, TableDoc], mending: Mending) -> None:
    """Give a column of no table in FROM the table that is meant by its short name."""
    told = column.table.lower()
    same = [alias for alias, doc in sources.items() if doc.name.rpartition(".")[2] == told]
    tables = mending.catalog.tables.values()
    if not same and any(table.name.rpartition(".")[2] == told for table in tables):
        return  # a table that is left out: ``mend_joins`` joins it
    if not same and _take_from_its_table(column, sources, mending, told):
        return
    having = same or [a for a, doc in sources.items() if doc.column(column.name) is not None]
    if len(having) == 1:
        column.set("table", exp.to_identifier(having[0]))
        mending.note(f"{column.name} taken from {having[0]}")


def _mend_column(
    column: exp.Column,
    sources: dict[str, TableDoc],
    named: set[str],
    mending: Mending,
) -> None:
    name, table = column.name.lower(), column.table.lower()
    if table and table not in sources:
        return  # of an outer query
    if not table and name in named:
        return
    if table and sources[table].column(name) is not None:
        return
    having = [alias for alias, doc in sources.items() if doc.column(name) is not None]
    if not table and having:
        if len(having) > 1 and _are_one(name, having, sources, mending):
            column.set("table", exp.to_identifier(having[0]))
            mending.note(f"{name} taken from {having[0]}")
        return
    if len(having) == 1:
        mending.note(f"{name} taken from {having[0]}, which has it")
        column.set("table", exp.to_identifier(having[0]))
        return
    if not having and _take_from_its_table(column, sources, mending):
        return
    docs = [sources[table]] if table else list(sources.values())
    offered = {c.name: alias for alias, doc in sources.items() if doc in docs for c in doc.columns}
    near = get_close_matches(name, offered, n=2, cutoff=_ALIKE)
    if len(near) == 1:
        mending.note(f"column {name} read as {near[0]}")
        column.set("this", exp.to_identifier(near[0]))


def _are_one(
    name: str, aliases: Sequence[str], sources: dict[str, TableDoc], mending: Mending
) -> bool:
    """Whether known joins make that column of these tables equal."""
    tables = {sources[alias].name for alias in aliases}
    return any(
        {edge.left, edge.right} == tables and edge.left_columns == edge.right_columns == (name,)
        for edge in mending.catalog.joins
    )


def _take_from_its_table(
    column: exp.Column, sources: dict[str, TableDoc], mending: Mending, told: str = ""
) -> bool:
    """Take it from the table that has it: ``mend_joins`` then joins that table.

    Of several, from the one that the question speaks of, else the nearest. ``told`` is what the
    draft calls the table: its first letters.
    """
    catalog, name = mending.catalog, column.name
    present = [doc.name for doc in sources.values()]
    ways = {
        table.name: way
        for table in catalog.tables.values()
        if table.name not in present and table.column(name) is not None
        if _may_be_called(told, table.name.rpartition(".")[2])
        if (way := many_to_many(catalog, present, table.name))
    }
    asked = {stem(word) for word in words(mending.asked)}
    meant = [t for t in ways if {stem(w) for w in words(t.rpartition(".")[2])} <= asked]
    least = min((len(way) for way in ways.values()), default=0)
    for found in (meant, [table for table, way in ways.items() if len(way) == least]):
        if len(found) == 1 and (alias := found[0].rpartition(".")[2]) not in sources:
            column.set("table", exp.to_identifier(alias))
            mending.note(f"{name} taken from {alias}")
            return True
    return False


def _may_be_called(told: str, table: str) -> bool:
    initials = "".join(part[0] for part in table.split("_") if part)
    return table.startswith(told) or initials.startswith(told)
