"""Slips of a model's draft that the catalog can mend: SQL enters, SQL with a note of each leaves.

A column taken from the wrong one of its tables, a column of a table that one known join away lies
outside of the query, a join on columns that are not there, a misspelt name, a value in the wrong
case, cents shown as they are kept: where the catalog leaves one reading only, that is written,
without another call of the model. What it cannot read it leaves alone; the guard decides on all of
it afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from sqlglot import exp, parse_one

from nlq.catalog.catalog import Catalog
from nlq.retrieval.joins import lookups
from nlq.sql.dialect import BREAKS, LAKE
from nlq.types import JoinEdge, TableDoc

_ALIKE = 0.82
"""How alike a misspelt name and the one that is meant must be (of difflib's ratio)."""

_AMOUNTS = (exp.Sum, exp.Avg, exp.Min, exp.Max)
_PARTS = {"cents": "1e2", "micros": "1e6"}
"""Units that are parts of a currency's, as docs name them, and what makes a whole."""


@dataclass(slots=True)
class _Mending:
    catalog: Catalog
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def mend_names(sql: str, catalog: Catalog) -> tuple[str, tuple[str, ...]]:
    """The draft with its slips mended, and what was changed; unchanged where nothing was."""
    try:
        tree = parse_one(sql, read=LAKE)
    except (*BREAKS, RecursionError):
        return sql, ()
    mending = _Mending(catalog)
    try:
        _mend_tables(tree, mending)
        for select in list(tree.find_all(exp.Select)):
            _mend_select(select, mending)
        if isinstance(tree, exp.Select):
            _mend_units(tree, mending)
    except BREAKS:  # a tree that sqlglot did not foresee is the guard's to turn down
        return sql, ()
    return (tree.sql(dialect=LAKE), tuple(mending.notes)) if mending.notes else (sql, ())


def _mend_tables(tree: exp.Expr, mending: _Mending) -> None:
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


def _mend_select(select: exp.Select, mending: _Mending) -> None:
    sources = _sources(select, mending.catalog)
    if sources is None:
        return
    _mend_joins(select, sources, mending)
    named = {alias.alias.lower() for alias in select.expressions if isinstance(alias, exp.Alias)}
    for column in _columns(select):
        _mend_column(column, select, sources, named, mending)
    for column in _columns(select):
        _mend_values(column, sources, mending)


def _sources(select: exp.Select, catalog: Catalog) -> dict[str, TableDoc] | None:
    """The tables by alias; None where one is no table of the catalog (a CTE, a subquery)."""
    start = select.args.get("from_")
    if start is None:
        return None
    found: dict[str, TableDoc] = {}
    for node in (start.this, *(join.this for join in select.args.get("joins") or ())):
        doc = _doc(node, catalog)
        if doc is None:
            return None
        found[node.alias_or_name.lower()] = doc
    return found


def _doc(node: exp.Expr, catalog: Catalog) -> TableDoc | None:
    if not isinstance(node, exp.Table):
        return None
    written = ".".join(part.name.lower() for part in node.parts)
    ending = [n for n in catalog.tables if n == written or n.endswith(f".{written}")]
    shadowed = any(cte.alias.lower() == written for cte in node.root().find_all(exp.CTE))
    return catalog.tables[ending[0]] if len(ending) == 1 and not shadowed else None


def _columns(select: exp.Select) -> Iterator[exp.Column]:
    """The columns of this query itself, not of those inside of it."""
    for column in list(select.find_all(exp.Column)):
        if column.find_ancestor(exp.Select) is select:
            yield column


def _mend_joins(select: exp.Select, sources: Mapping[str, TableDoc], mending: _Mending) -> None:
    """Replace ON by the known join where it names a column that is not there."""
    before = [select.args["from_"].this.alias_or_name.lower()]
    for join in select.args.get("joins") or ():
        alias = join.this.alias_or_name.lower()
        on = join.args.get("on")
        if on is not None and _has_unknown(on, sources):
            edge = next(
                (
                    (other, found)
                    for other in before
                    if (found := _edge(mending.catalog, sources[other], sources[alias]))
                ),
                None,
            )
            if edge is not None:
                other, known = edge
                join.set("on", _condition(known, other, alias))
                mending.note(f"{alias} joined by its known columns")
        before.append(alias)


def _has_unknown(node: exp.Expr, sources: Mapping[str, TableDoc]) -> bool:
    return any(
        column.table.lower() in sources
        and sources[column.table.lower()].column(column.name) is None
        for column in node.find_all(exp.Column)
    )


def _edge(catalog: Catalog, left: TableDoc, right: TableDoc) -> JoinEdge | None:
    """The one join between two tables, seen from the left."""
    ends = {left.name, right.name}
    found = [edge for edge in catalog.joins if {edge.left, edge.right} == ends]
    if len(found) != 1:
        return None
    return found[0] if found[0].left == left.name else found[0].reversed()


def _condition(edge: JoinEdge, left: str, right: str) -> exp.Expr:
    return exp.and_(
        *(
            exp.EQ(this=exp.column(a, table=left), expression=exp.column(b, table=right))
            for a, b in zip(edge.left_columns, edge.right_columns, strict=True)
        )
    )


def _mend_column(
    column: exp.Column,
    select: exp.Select,
    sources: dict[str, TableDoc],
    named: set[str],
    mending: _Mending,
) -> None:
    name, table = column.name.lower(), column.table.lower()
    if table and table not in sources:
        return  # of an outer query
    if not table and (name in named or select.find_ancestor(exp.Select)):
        return
    if table and sources[table].column(name) is not None:
        return
    having = [alias for alias, doc in sources.items() if doc.column(name) is not None]
    if not table and having:
        return
    if len(having) == 1:
        mending.note(f"{name} taken from {having[0]}, which has it")
        column.set("table", exp.to_identifier(having[0]))
        return
    if not having and _join_its_table(column, name, select, sources, mending):
        return
    docs = [sources[table]] if table else list(sources.values())
    offered = {c.name: alias for alias, doc in sources.items() if doc in docs for c in doc.columns}
    near = get_close_matches(name, offered, n=2, cutoff=_ALIKE)
    if len(near) == 1:
        mending.note(f"column {name} read as {near[0]}")
        column.set("this", exp.to_identifier(near[0]))


def _join_its_table(
    column: exp.Column,
    name: str,
    select: exp.Select,
    sources: dict[str, TableDoc],
    mending: _Mending,
) -> bool:
    """Join the one table that has the column, where that repeats no row."""
    catalog = mending.catalog
    present = [doc.name for doc in sources.values()]
    ways: list[Sequence[JoinEdge]] = []
    for other in catalog.tables.values():
        if other.name in present or other.column(name) is None:
            continue
        for start in present:
            way = lookups(catalog, start, [other.name])
            if len(way) == 1:
                ways.append(way)
                break
    if len(ways) != 1:
        return False
    (edge,) = ways[0]
    alias = edge.right.rpartition(".")[2]
    if alias in sources:
        return False
    start = next(a for a, doc in sources.items() if doc.name == edge.left)
    select.join(
        exp.to_table(edge.right, dialect=LAKE),
        on=_condition(edge, start, alias),
        join_alias=alias,
        copy=False,
    )
    sources[alias] = catalog.tables[edge.right]
    column.set("table", exp.to_identifier(alias))
    mending.note(f"{alias} joined for {name}")
    return True


def _mend_units(select: exp.Select, mending: _Mending) -> None:
    """Show amounts that are kept in cents or micros in whole units, where they are shown bare."""
    sources = _sources(select, mending.catalog) or {}
    for projection in list(select.expressions) if sources else ():
        shown = projection.this if isinstance(projection, exp.Alias) else projection
        column = shown.this if isinstance(shown, _AMOUNTS) else shown
        if not isinstance(column, exp.Column):
            continue
        docs = [sources[column.table.lower()]] if column.table.lower() in sources else []
        docs = docs or ([] if column.table else list(sources.values()))
        known = [c for doc in docs if (c := doc.column(column.name)) is not None]
        unit = known[0].unit.split() if len(known) == 1 else []
        if unit and unit[-1] in _PARTS:
            parts = exp.Literal.number(_PARTS[unit[-1]])
            whole = exp.Div(this=shown.copy(), expression=parts, typed=True, safe=False)
            name = projection.alias if isinstance(projection, exp.Alias) else column.name
            projection.replace(exp.alias_(whole, name))
            mending.note(f"{column.name} shown in {' '.join(unit[:-1]) or 'whole units'}")


def _mend_values(column: exp.Column, sources: Mapping[str, TableDoc], mending: _Mending) -> None:
    """Write a compared text as the column has it, where only the case differs."""
    doc = sources.get(column.table.lower())
    if doc is None and not column.table:
        having = [d for d in sources.values() if d.column(column.name) is not None]
        doc = having[0] if len(having) == 1 else None
    known = doc.column(column.name) if doc else None
    if known is None or not known.values:
        return
    values = {value.value for value in known.values}
    parent = column.parent
    literals: Sequence[exp.Expr] = ()
    if isinstance(parent, exp.EQ | exp.NEQ):
        literals = (parent.this, parent.expression)
    elif isinstance(parent, exp.In):
        literals = parent.expressions
    for literal in literals:
        if isinstance(literal, exp.Literal) and literal.is_string and literal.this not in values:
            same = [value for value in values if value.lower() == literal.this.lower()]
            if len(same) == 1:
                mending.note(f"'{literal.this}' written '{same[0]}'")
                literal.set("this", same[0])
