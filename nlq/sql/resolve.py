"""Names into places: every table and column of a tree is found in the catalog, or refused.

A tree as read and the tables that may be seen enter; the tree leaves with whole table names, every
column bound to its source, stars expanded, aliases in WHERE, GROUP BY and HAVING written out, and
every output named. Raises ``GuardRefused``. A table that is hidden is simply not among the tables,
so nothing here can tell it from one that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import MappingSchema

from nlq.errors import GuardRefused
from nlq.sql.dialect import BREAKS, LAKE
from nlq.sql.names import base_tables, columns_of, is_star, suggest, whole_name
from nlq.sql.unbound import translated, unbound
from nlq.types import TableDoc

_CERTIFIED_FIRST = {"certified": 0, "none": 1, "staging": 2, "deprecated": 3}


def resolve(tree: exp.Query, tables: Mapping[str, TableDoc]) -> exp.Query:
    """Bind every name (changes ``tree``); raises ``GuardRefused``."""
    resolve_tables(tree, tables)
    return resolve_columns(tree, tables)


def resolve_tables(tree: exp.Query, tables: Mapping[str, TableDoc]) -> tuple[str, ...]:
    """Complete every table's name in place and say in words which were completed."""
    done: dict[str, str] = {}
    _walk(tree, frozenset(), tables, done)
    _shorten_columns(tree)
    return tuple(f"read {short} as {whole}" for short, whole in done.items() if short != whole)


def resolve_columns(tree: exp.Query, tables: Mapping[str, TableDoc]) -> exp.Query:
    """Bind every column of a tree whose tables are complete; raises ``GuardRefused``."""
    try:
        bound = qualify(
            tree,
            schema=schema_for(tree, tables),
            dialect=LAKE,
            quote_identifiers=False,
            validate_qualify_columns=False,
        )
        _expand_in_order(bound)
        _check_bound(bound, tables)
    except OptimizeError as exc:
        raise translated(exc, tree, tables) from exc
    except RecursionError as exc:
        raise GuardRefused("too-deep", "The SQL is nested too deeply.") from exc
    except BREAKS as exc:
        raise GuardRefused(
            "not-understood", "The names in this SQL could not be worked out, so it is not run."
        ) from exc
    return bound


def schema_for(tree: exp.Expr, tables: Mapping[str, TableDoc]) -> MappingSchema:
    """The columns and types of the tables that the tree reads."""
    nested: dict[str, Any] = {}
    for name in base_tables(tree):
        catalog, schema, table = name.split(".")
        columns = {c.name.lower(): _type(c.type) for c in tables[name].columns}
        nested.setdefault(catalog, {}).setdefault(schema, {})[table] = columns
    return MappingSchema(nested, dialect=LAKE, normalize=False)


@lru_cache(maxsize=512)
def _type(name: str) -> exp.DataType:
    try:
        return exp.DataType.build(name, dialect=LAKE)
    except SqlglotError:
        return exp.DataType.build("unknown")


def _walk(
    node: exp.Expr, ctes: frozenset[str], tables: Mapping[str, TableDoc], done: dict[str, str]
) -> None:
    """Complete the tables below ``node``, where the names ``ctes`` stand for WITH queries."""
    with_ = node.args.get("with_")
    if isinstance(with_, exp.With):
        for cte in with_.expressions:
            _walk(cte.this, ctes, tables, done)
            ctes = ctes | {cte.alias.lower()}
    if isinstance(node, exp.Table):
        _complete(node, ctes, tables, done)
    for child in node.iter_expressions():
        if child is not with_:
            _walk(child, ctes, tables, done)


def _complete(
    table: exp.Table, ctes: frozenset[str], tables: Mapping[str, TableDoc], done: dict[str, str]
) -> None:
    if not isinstance(table.this, exp.Identifier):
        raise GuardRefused("unknown-table", f"There is no table {table.sql(LAKE).lower()}.")
    written = whole_name(table)
    if len(table.parts) == 1 and written in ctes:
        return
    whole = _find(written, len(table.parts), tables)
    if whole is None:
        short = {name.rsplit(".", 1)[1]: name for name in tables}
        hint = suggest(written, tuple(tables))
        if not hint and (near := get_close_matches(table.name.lower(), short, n=3, cutoff=0.7)):
            hint = f"Did you mean {' or '.join(short[n] for n in near)}?"
        raise GuardRefused("unknown-table", f"There is no table {written}.", hint=hint)
    done[written] = whole
    parts = whole.split(".")
    for key, part in zip(("catalog", "db", "this"), parts, strict=True):
        table.set(key, exp.to_identifier(part))
    if not table.alias and isinstance(table.parent, exp.From | exp.Join):
        table.set("alias", exp.TableAlias(this=exp.to_identifier(parts[-1])))


def _find(written: str, parts: int, tables: Mapping[str, TableDoc]) -> str | None:
    if parts == 3:
        return written if written in tables else None
    if parts > 3:
        return None
    matches = [name for name in tables if name.endswith("." + written)]
    if len(matches) < 2:
        return matches[0] if matches else None
    best = min(_CERTIFIED_FIRST[tables[m].certification] for m in matches)
    first = [m for m in matches if _CERTIFIED_FIRST[tables[m].certification] == best]
    if len(first) == 1:
        return first[0]
    raise GuardRefused(
        "ambiguous-table",
        f"{written} may be {', '.join(sorted(first))}.",
        hint="Write the whole name, catalog.schema.table.",
    )


def _shorten_columns(tree: exp.Query) -> None:
    """``events.messages.ds`` names the table messages; sqlglot only follows whole names."""
    known = {whole_name(t): t.alias_or_name for t in tree.find_all(exp.Table) if t.args.get("db")}
    for column in tree.find_all(exp.Column):
        if not column.args.get("db"):
            continue
        written = ".".join(part.name.lower() for part in column.parts[:-1])
        sources = {a for name, a in known.items() if f".{name}".endswith(f".{written}")}
        if len(sources) == 1:
            column.set("catalog", None)
            column.set("db", None)
            column.set("table", exp.to_identifier(sources.pop()))


def _expand_in_order(tree: exp.Query) -> None:
    """Write outputs out where ORDER BY computes with their names.

    Engines differ in whether such a name is the output or a column of the table.
    """
    for select in tree.find_all(exp.Select):
        order = select.args.get("order")
        if order is None:
            continue
        outputs = {e.alias.lower(): e.this for e in select.expressions if isinstance(e, exp.Alias)}
        for column in list(order.find_all(exp.Column)):
            made = outputs.get(column.name.lower())
            if not column.table and made is not None and not isinstance(column.parent, exp.Ordered):
                column.replace(
                    exp.paren(made.copy()) if isinstance(made, exp.Binary) else made.copy()
                )


def _check_bound(tree: exp.Query, tables: Mapping[str, TableDoc]) -> None:
    for scope in traverse_scope(tree):
        for table in scope.tables:
            if not table.args.get("catalog") and not isinstance(
                scope.sources.get(table.alias_or_name), Scope
            ):
                raise GuardRefused("unknown-table", f"There is no table {whole_name(table)}.")
        if not isinstance(scope.expression, exp.Select):
            continue
        if any(is_star(select) for select in scope.expression.selects):
            raise GuardRefused(
                "not-understood",
                "The * could not be written out as columns.",
                hint="List the columns, and give each its own name.",
            )
        outside = [] if scope.is_correlated_subquery or scope.pivots else scope.external_columns
        for column in (*outside, *scope.unqualified_columns):
            raise unbound(column, scope, tables)
    _check_every_column(tree, tables)


def _check_every_column(tree: exp.Query, tables: Mapping[str, TableDoc]) -> None:
    """Each column node there is must be one that a source in sight gives.

    sqlglot's own lists of a scope's columns leave some out (unqualified ones in HAVING), so this
    walks the tree itself.
    """
    scopes = {id(scope.expression): scope for scope in traverse_scope(tree)}
    for column in tree.find_all(exp.Column):
        scope = _scope_of(column, scopes)
        if not column.table:
            if scope is None or not _names_an_output(column, scope.expression):
                raise unbound(column, scope or scopes[id(tree)], tables)
            continue
        where = scope
        while where is not None and column.table not in where.sources:
            where = where.parent
        if where is None or scope is None:
            raise unbound(column, scope or scopes[id(tree)], tables)
        source = where.sources[column.table]
        if isinstance(source, exp.Table) and column.name.lower() not in columns_of(source, tables):
            raise unbound(column, scope, tables)


def _scope_of(node: exp.Expr, scopes: Mapping[int, Scope]) -> Scope | None:
    parent = node.parent
    while parent is not None and (
        not isinstance(parent, exp.Query)
        or isinstance(parent, exp.Subquery)
        or id(parent) not in scopes
    ):
        parent = parent.parent
    return scopes[id(parent)] if parent is not None else None


def _names_an_output(column: exp.Column, query: exp.Expr) -> bool:
    """ORDER BY may name an output, outside of any call."""
    order = column.parent.parent if isinstance(column.parent, exp.Ordered) else None
    return (
        isinstance(order, exp.Order)
        and order.parent is query
        and isinstance(query, exp.Query)
        and column.name.lower() in {name.lower() for name in query.named_selects}
    )
