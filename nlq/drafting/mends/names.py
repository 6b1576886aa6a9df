"""Names that are not there: a column of the wrong table, a table left out, a misspelt name.

Where the catalog leaves one reading only, that is written, without another call of the model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from sqlglot import exp

from nlq.drafting.mends.draft import TIMES, Mending, columns_of, conjuncts, is_called, sources_of
from nlq.retrieval.joins import many_to_many
from nlq.retrieval.words import singular, stem, words
from nlq.types import TableDoc

_ALIKE = 0.82
"""How alike a misspelt name and the one that is meant must be (of difflib's ratio)."""

_SHORTEST_END = 4
"""Letters that a name in one word must share at its end with the one that is meant."""

_SHORTEST_CUT = 6
"""Letters of a name that is another one without its end."""

_TIME = re.compile(r"(?:date|day|time|timestamp|datetime)$|(?:^|_)(?:at|on|ts|dt)$")

_SHORTEST_START = 3
"""And at its start, where it has more letters than that one."""


def mend_tables(tree: exp.Expr, mending: Mending) -> None:
    """Write misspelt tables as the catalog has them."""
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    short = {name.rpartition(".")[2]: name for name in mending.catalog.tables}
    for table in tree.find_all(exp.Table):
        written = table.name.lower()
        if not written or written in ctes or written in short:
            continue
        near = [name for name in short if singular(name) == singular(written)]
        near = near or get_close_matches(written, short, n=2, cutoff=_ALIKE)
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
            if _is_listed(column, select) and _take_listed(column, select, sources, mending):
                continue
            if inner and _may_be_outer(column, select, sources, mending):
                continue
            if column.table and column.table.lower() not in sources:
                _mend_qualifier(column, sources, mending)
            else:
                _mend_column(column, sources, named, mending)


def _is_listed(column: exp.Column, select: exp.Select) -> bool:
    """Whether it is all that a query in brackets after IN gives."""
    return (
        isinstance(select.parent, exp.In | exp.Subquery)
        and select.expressions == [column]
        and (isinstance(select.parent, exp.In) or isinstance(select.parent.parent, exp.In))
    )


def _take_listed(
    column: exp.Column, select: exp.Select, sources: dict[str, TableDoc], mending: Mending
) -> bool:
    """Take what IN lists from its table, where the draft takes it from the row outside.

    ``k NOT IN (SELECT k FROM t)``, where t has no k, compares each row's k with itself.
    """
    if column.table.lower() in sources or any(doc.column(column.name) for doc in sources.values()):
        return False
    around = select.find_ancestor(exp.Select)
    beside = sources_of(around, mending.catalog) if around else None
    without = [doc.name for doc in (beside or {}).values()]
    return _take_from_its_table(column, sources, mending, without=without)


def _may_be_outer(
    column: exp.Column, select: exp.Select, sources: dict[str, TableDoc], mending: Mending
) -> bool:
    """Whether a column of a query inside another may be one of the outer query."""
    if column.table:
        return column.table.lower() not in sources
    outer = select.find_ancestor(exp.Select)
    while outer is not None:
        beside = sources_of(outer, mending.catalog)
        if beside is None or any(doc.column(column.name) for doc in beside.values()):
            return True
        outer = outer.find_ancestor(exp.Select)
    return False


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
    if len(having) == 1 or (having and _made_equal(column, having)):
        mending.note(f"{name} taken from {having[0]}, which has it")
        column.set("table", exp.to_identifier(having[0]))
        return
    docs = [sources[table]] if table else list(sources.values())
    offered = list(dict.fromkeys(c.name for doc in docs for c in doc.columns))
    near = [each for each in offered if table and _is_called_so(name, each)]
    if not having and len(near) != 1 and _take_from_its_table(column, sources, mending):
        return
    near = near or [each for each in offered if _is_cut_short(name, each)]
    near = near or [each for each in offered if _is_called_so(name, each)]
    if name == "id" and len(near) > 1:
        near = [key for doc in docs for key in doc.primary_key if len(doc.primary_key) == 1]
    near = near or get_close_matches(name, offered, n=2, cutoff=_ALIKE)
    if _TIME.search(name):
        keys = {key for doc in docs for key in doc.primary_key}
        near = [each for each in near if each not in keys] or _times(docs)
    if len(near) == 1:
        mending.note(f"column {name} read as {near[0]}")
        column.set("this", exp.to_identifier(near[0]))


def _is_cut_short(written: str, name: str) -> bool:
    """Whether a column is meant by all but the end of its name: paid_date by ``paid_date_str``."""
    return len(written) >= _SHORTEST_CUT and name.startswith(written)


def _times(docs: Sequence[TableDoc]) -> list[str]:
    """The columns that hold times."""
    return [c.name for doc in docs for c in doc.columns if c.type.startswith(TIMES)]


def _made_equal(column: exp.Column, aliases: Sequence[str]) -> bool:
    """Whether the query makes the columns of that name of these tables equal."""
    select = column.find_ancestor(exp.Select)
    equal = {
        frozenset((link.this.table.lower(), link.expression.table.lower()))
        for join in (select.args.get("joins") or () if select else ())
        for link in conjuncts(join.args.get("on"))
        if isinstance(link, exp.EQ)
        and all(
            isinstance(side, exp.Column) and side.name.lower() == column.name.lower()
            for side in (link.this, link.expression)
        )
    }
    return all(any({alias, other} in equal for other in aliases) for alias in aliases)


def _is_called_so(written: str, name: str) -> bool:
    """Whether a column may be meant by less, or more, than its name, or by short forms of it.

    ``dept_name`` by name, ``density`` by population_density, ``ctry`` by country, ``cust_town`` in
    one word by ``ctown``, ``shsitestatefee`` by ``shsitefee``.
    """
    said, own = words(written), words(name)
    short, long = sorted((said, own), key=len)
    ending = long[len(long) - len(short) :]
    if any(is_called(a, b) for a, b in ((short, ending), (ending, short))):
        return True
    if len(said) > 1 or len(own) > 1 or len(written) == len(name):
        return False
    less, more = sorted((written, name), key=len)
    cuts = range(1 if less == written else _SHORTEST_START, len(less) - _SHORTEST_END + 1)
    return any(more.startswith(less[:cut]) and more.endswith(less[cut:]) for cut in cuts)


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
    column: exp.Column,
    sources: dict[str, TableDoc],
    mending: Mending,
    told: str = "",
    without: Sequence[str] = (),
) -> bool:
    """Take it from the table that has it: ``mend_joins`` then joins that table.

    Of several, from the one that the question speaks of, else the nearest. ``told`` is what the
    draft calls the table: its first letters; ``without`` are tables that it is not in.
    """
    catalog, name = mending.catalog, column.name
    present = [doc.name for doc in sources.values()]
    ways = {
        table.name: way
        for table in catalog.tables.values()
        if table.name not in (*present, *without) and table.column(name) is not None
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


def mend_shared(tree: exp.Expr, mending: Mending) -> None:
    """Take what several tables of a query have from the first, as people mean that read on.

    Where joins make the columns equal it is the same; else the engine would turn it down.
    """
    for select in list(tree.find_all(exp.Select)):
        sources = sources_of(select, mending.catalog)
        if sources is None or len(sources) < 2 or _has_using(select):
            continue
        named = {each.alias.lower() for each in select.expressions if isinstance(each, exp.Alias)}
        for column in columns_of(select):
            name, table = column.name.lower(), column.table.lower()
            having = [a for a, doc in sources.items() if doc.column(name) is not None]
            if (not table and len(having) > 1 and not _is_alias(column, named)) or (
                table
                and having
                and not select.find_ancestor(exp.Select)
                and table not in sources
                and table not in {doc.name for doc in sources.values()}
            ):
                column.set("table", exp.to_identifier(having[0]))
                mending.note(f"{name} taken from {having[0]}")


def _has_using(select: exp.Select) -> bool:
    return any(join.args.get("using") for join in select.args.get("joins") or ())


def _is_alias(column: exp.Column, named: set[str]) -> bool:
    """Whether ORDER BY means a column that is shown by that name."""
    return column.name.lower() in named and column.find_ancestor(exp.Order) is not None
