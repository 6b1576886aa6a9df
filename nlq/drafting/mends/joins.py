"""Joins that are none of the catalog's: a SELECT enters, its tables leave joined by known ways.

A small model often names the right tables and columns and links them by columns that have nothing
to do with each other. Where the joins that it wrote do not hold its tables together, they are
written anew: the shortest sound ways in the catalog's graph of joins between the tables whose
columns the query uses, with the tables in between. The idea is that of join inference over a schema
graph (SQLizer, Yaghmazadeh et al., 2017; NL2SQL "bridge tables").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from nlq.catalog.catalog import Catalog
from nlq.drafting.mends.draft import (
    Mending,
    columns_of,
    conjuncts,
    doc_of,
    free_alias,
    joined_on,
)
from nlq.retrieval.joins import many_to_many
from nlq.sql.dialect import LAKE
from nlq.types import JoinEdge, TableDoc


@dataclass(slots=True)
class _Part:
    """One table of FROM: ``join`` is None for the first."""

    alias: str
    doc: TableDoc
    node: exp.Table
    join: exp.Join | None = None


def mend_joins(tree: exp.Expr, mending: Mending) -> None:
    """Join the tables of every SELECT by known joins where those written do not hold."""
    for select in list(tree.find_all(exp.Select)):
        _mend(select, mending)


def _mend(select: exp.Select, mending: Mending) -> None:
    parts = _parts(select, mending.catalog)
    if parts is None:
        return
    strangers = _strangers(select, parts, mending.catalog)
    if not parts and not strangers:
        return
    if not strangers and _held_together(select, parts, mending.catalog):
        return
    used = _used(select, parts)
    needed = [part for part in parts if part.alias in used] or parts[:1]
    kept = [part for part in parts if part in needed or _is_beside(part, needed, mending.catalog)]
    wanted = [*kept, *strangers]
    ways = _ways([part.doc for part in wanted], mending.catalog)
    if ways is None and strangers:
        # What holds them together may be a table of which no column is used.
        wanted = [*parts, *strangers]
        ways = _ways([part.doc for part in wanted], mending.catalog)
    if ways is None:
        return
    _rewrite(select, parts, wanted, ways, mending)


def _parts(select: exp.Select, catalog: Catalog) -> list[_Part] | None:
    """The tables of FROM; None where one is no table, stands twice, or is joined oddly."""
    start = select.args.get("from_")
    if start is None:
        return []
    joins = select.args.get("joins") or []
    parts: list[_Part] = []
    for join in (None, *joins):
        node = start.this if join is None else join.this
        doc = doc_of(node, catalog)
        if doc is None or any(part.doc.name == doc.name for part in parts):
            return None
        if join is not None and (join.side in ("FULL", "RIGHT") or join.kind == "CROSS"):
            return None
        parts.append(_Part(node.alias_or_name.lower(), doc, node, join))
    return parts


def _strangers(select: exp.Select, parts: Sequence[_Part], catalog: Catalog) -> list[_Part]:
    """Tables that columns are taken from and FROM lacks."""
    here = {part.alias for part in parts} | {part.doc.name for part in parts}
    here |= _outer_names(select, catalog)
    found: dict[str, _Part] = {}
    for column in columns_of(select):
        table = column.table.lower()
        if not table or table in here or table in found:
            continue
        doc = doc_of(exp.to_table(table, dialect=LAKE), catalog)
        if doc is None or doc.name in here or doc.column(column.name) is None:
            continue
        found[table] = _Part(table, doc, exp.to_table(doc.name, alias=table, dialect=LAKE))
    return list(found.values())


def _outer_names(select: exp.Select, catalog: Catalog) -> set[str]:
    """What tables of the queries around it are called: a column of theirs is no stranger."""
    found: set[str] = set()
    while (outer := select.find_ancestor(exp.Select)) is not None:
        start = outer.args.get("from_")
        nodes = [start.this] if start else []
        for node in (*nodes, *(join.this for join in outer.args.get("joins") or ())):
            doc = doc_of(node, catalog)
            short = doc.name.rpartition(".")[2] if doc else ""
            found |= {node.alias_or_name.lower(), short}
        select = outer
    return found


def _held_together(select: exp.Select, parts: Sequence[_Part], catalog: Catalog) -> bool:
    """Whether sound links connect all parts."""
    group = {part.alias: position for position, part in enumerate(parts)}
    for left, right in _links(select, parts):
        if _is_sound(left, right, parts, catalog):
            old, new = group[left.table.lower()], group[right.table.lower()]
            group = {alias: new if of == old else of for alias, of in group.items()}
    return len(set(group.values())) <= 1


def _links(select: exp.Select, parts: Sequence[_Part]) -> Iterator[tuple[exp.Column, exp.Column]]:
    """Pairs of columns of two parts that conditions of ON, USING and WHERE make equal."""
    here = {part.alias for part in parts}
    for equal in _equalities(select):
        left, right = equal.this, equal.expression
        aliases = {left.table.lower(), right.table.lower()}
        if len(aliases) == 2 and aliases <= here:
            yield left, right
    before: list[_Part] = []
    for part in parts:
        for name in (part.join.args.get("using") or ()) if part.join else ():
            for other in before:
                if other.doc.column(name.name) is not None:
                    yield (
                        exp.column(name.name, table=other.alias),
                        exp.column(name.name, table=part.alias),
                    )
        before.append(part)


def _equalities(select: exp.Select) -> Iterator[exp.EQ]:
    where = select.args.get("where")
    conditions = [join.args.get("on") for join in select.args.get("joins") or ()]
    for condition in (*conditions, where.this if where else None):
        for part in conjuncts(condition):
            if (
                isinstance(part, exp.EQ)
                and isinstance(part.this, exp.Column)
                and isinstance(part.expression, exp.Column)
            ):
                yield part


def _is_sound(
    left: exp.Column, right: exp.Column, parts: Sequence[_Part], catalog: Catalog
) -> bool:
    """A known join, or one by columns of one name, or one between tables of which none is known."""
    docs = {part.alias: part.doc for part in parts}
    ours, theirs = docs[left.table.lower()], docs[right.table.lower()]
    if ours.column(left.name) is None or theirs.column(right.name) is None:
        return False
    pair = {(ours.name, left.name.lower()), (theirs.name, right.name.lower())}
    for edge in catalog.joins:
        ends = zip(edge.left_columns, edge.right_columns, strict=True)
        if any({(edge.left, a.lower()), (edge.right, b.lower())} == pair for a, b in ends):
            return True
    if left.name.lower() == right.name.lower():
        return True
    return many_to_many(catalog, [ours.name], theirs.name) is None


def _used(select: exp.Select, parts: Sequence[_Part]) -> set[str]:
    """Aliases whose columns the query uses for more than linking tables."""
    linking = {id(side) for equal in _equalities(select) for side in (equal.this, equal.expression)}
    used: set[str] = set()
    for column in select.find_all(exp.Column):
        if id(column) in linking:
            continue
        table = column.table.lower()
        used |= {
            part.alias
            for part in parts
            if (part.alias == table if table else part.doc.column(column.name) is not None)
        }
    return used


def _is_beside(part: _Part, others: Sequence[_Part], catalog: Catalog) -> bool:
    """Whether a known join links it to one of the others: it may restrict the rows, or count."""
    names = {other.doc.name for other in others}
    return any(
        (edge.left == part.doc.name and edge.right in names)
        or (edge.right == part.doc.name and edge.left in names)
        for edge in catalog.joins
    )


def _ways(tables: Sequence[TableDoc], catalog: Catalog) -> list[JoinEdge] | None:
    """Edges, each from what is joined already, that connect all tables; None if there are none."""
    joined = [tables[0].name]
    edges: list[JoinEdge] = []
    waiting = [table.name for table in tables[1:]]
    while waiting:
        reached = {
            name: way
            for name in waiting
            if (way := many_to_many(catalog, joined, name)) is not None
        }
        if not reached:
            return None
        name = min(reached, key=lambda each: len(reached[each]))
        for edge in reached[name]:
            if edge.right not in joined:
                edges.append(edge)
                joined.append(edge.right)
        waiting = [each for each in waiting if each not in joined]
    return edges


def _rewrite(
    select: exp.Select,
    parts: Sequence[_Part],
    wanted: Sequence[_Part],
    edges: Sequence[JoinEdge],
    mending: Mending,
) -> None:
    """Put the tables that are wanted, and those in between, into FROM, joined by ``edges``."""
    links = {id(equal) for equal in _equalities(select)}
    sides = {part.doc.name: part.join.side for part in parts if part.join is not None}
    left_over = {
        part.alias: [c for c in conjuncts(part.join.args.get("on")) if id(c) not in links]
        for part in parts
        if part.join is not None
    }
    where = select.args.get("where")
    conditions = [c for c in conjuncts(where.this if where else None) if not _joins(c, parts)]
    aliases = {part.doc.name: part.alias for part in wanted}
    nodes = {part.doc.name: part.node for part in wanted}
    for edge in edges:
        if edge.right not in aliases:
            alias = free_alias(edge.right, list(aliases.values()))
            aliases[edge.right] = alias
            nodes[edge.right] = exp.to_table(edge.right, alias=alias, dialect=LAKE)
    select.set("from_", exp.From(this=nodes[wanted[0].doc.name].copy()))
    joins: list[exp.Join] = []
    for edge in edges:
        alias = aliases[edge.right]
        side = sides.get(edge.right) or ("LEFT" if set(sides.values()) == {"LEFT"} else "")
        extra = left_over.get(alias, [])
        on = joined_on(edge, aliases[edge.left], alias)
        if side:
            on = exp.and_(on, *(condition.copy() for condition in extra))
        else:
            conditions += extra
        joins.append(exp.Join(this=nodes[edge.right].copy(), on=on, side=side or None))
    first = left_over.get(wanted[0].alias, [])
    conditions += first
    select.set("joins", joins)
    gone = {part.alias for part in parts} - set(aliases.values())
    conditions = [c.copy() for c in conditions if not _mentions(c, gone)]
    select.set("where", exp.Where(this=exp.and_(*conditions)) if conditions else None)
    mending.note(
        f"tables joined as the catalog says: {_in_words(edges, aliases)}"
        if edges
        else f"read from {wanted[0].alias}"
    )


def _joins(condition: exp.Expr, parts: Sequence[_Part]) -> bool:
    """Whether it only makes columns of two parts equal."""
    if not isinstance(condition, exp.EQ):
        return False
    sides = (condition.this, condition.expression)
    here = {part.alias for part in parts}
    tables = {side.table.lower() for side in sides if isinstance(side, exp.Column)}
    return all(isinstance(side, exp.Column) for side in sides) and len(tables & here) == 2


def _mentions(condition: exp.Expr, aliases: set[str]) -> bool:
    return any(column.table.lower() in aliases for column in condition.find_all(exp.Column))


def _in_words(edges: Sequence[JoinEdge], aliases: Mapping[str, str]) -> str:
    return ", ".join(f"{aliases[edge.left]} with {aliases[edge.right]}" for edge in edges)
