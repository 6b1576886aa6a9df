"""The FROM clause: tables, subqueries, joins and UNNEST."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from nlq.engine.presto_on_duckdb.parse import identifier, shown
from nlq.engine.presto_on_duckdb.scope import (
    Columns,
    Compiler,
    Rows,
    Scope,
    Typed,
    named,
    quote,
    unsupported,
)
from nlq.engine.presto_on_duckdb.types import BIGINT, BOOLEAN, Type
from nlq.errors import QueryFailed


@dataclass(frozen=True, slots=True)
class Sources:
    """DuckDB text of a FROM clause, and the relations that it brings by alias."""

    text: str
    relations: dict[str, Columns]

    def joined(self, text: str, other: Sources) -> Sources:
        """Both; raises ``QueryFailed`` where an alias stands twice."""
        for alias in other.relations:
            if alias in self.relations:
                raise QueryFailed(f"The alias '{alias}' is used twice in one FROM clause.")
        return Sources(text, {**self.relations, **other.relations})


def sources(node: exp.Select, c: Compiler, scope: Scope) -> Sources:
    """The whole FROM clause of a SELECT; empty where it has none."""
    clause = node.args.get("from_")
    if clause is None:
        return Sources("", {})
    made = _source(clause.this, c, scope, {})
    joins = [*(node.args.get("joins") or ()), *(node.args.get("laterals") or ())]
    return _joined(made, joins, c, scope)


def _joined(made: Sources, joins: list[exp.Expr], c: Compiler, scope: Scope) -> Sources:
    for join in joins:
        made = _join(made, join, c, scope)
    return made


_JOINS = {
    ("", ""): "CROSS JOIN",
    ("", "CROSS"): "CROSS JOIN",
    ("", "INNER"): "JOIN",
    ("LEFT", ""): "LEFT JOIN",
    ("RIGHT", ""): "RIGHT JOIN",
    ("FULL", ""): "FULL JOIN",
}


def _join(made: Sources, join: exp.Expr, c: Compiler, scope: Scope) -> Sources:
    _refuse(join, "this side kind on using method")
    side = (join.args.get("side") or "").upper()
    kind = (join.args.get("kind") or "").upper().replace("OUTER", "")
    condition = join.args.get("on")
    if join.args.get("using") or join.args.get("method"):
        raise unsupported("A join with USING or NATURAL", "write its condition with ON")
    if condition is not None and not (side or kind):
        kind = "INNER"
    other = _source(join.this, c, scope, made.relations)
    both = made.joined("", other)
    text = f"{made.text} {_JOINS[side, kind]} {other.text}"
    if condition is not None:
        value = c.expression(condition, replace(scope, relations=both.relations))
        if value.type != BOOLEAN:
            raise QueryFailed(f"A join's condition must be boolean, not {value.type}.")
        text += f" ON {value.text}"
    return replace(both, text=text)


def _source(node: exp.Expr, c: Compiler, scope: Scope, before: dict[str, Columns]) -> Sources:
    match node:
        case exp.Table():
            return _joined(table(node, scope), node.args.get("joins") or [], c, scope)
        case exp.Subquery() if isinstance(node.this, exp.Table):
            # A join in parentheses.
            inner = _source(node.this, c, scope, before)
            inner = _joined(inner, node.args.get("joins") or [], c, scope)
            return replace(inner, text=f"({inner.text})")
        case exp.Subquery():
            _refuse(node, "this alias joins order limit offset with_")
            bare = node.copy()
            bare.set("alias", None)
            bare.set("joins", None)
            rows = c.query(bare, replace(scope, relations={}))
            made = _aliased(f"({rows.text})", rows, node)
            return _joined(made, node.args.get("joins") or [], c, scope)
        case exp.Values():
            return _aliased("", c.query(node, replace(scope, relations={})), node)
        case exp.Unnest():
            return _unnest(node, c, replace(scope, relations=before))
        case exp.Lateral():
            inside = Scope(scope.session, ctes=scope.ctes, outer=replace(scope, relations=before))
            rows = c.query(node.this, inside)
            return _aliased(f"LATERAL ({rows.text})", rows, node)
    raise unsupported(f"'{shown(node)}' in FROM")


def _refuse(node: exp.Expr, known: str) -> None:
    for name, value in node.args.items():
        if value and name not in known.split():
            raise unsupported(f"The clause {name.strip('_').upper()}")


def table(node: exp.Table, scope: Scope) -> Sources:
    """A table or common table expression by its name."""
    _refuse(node, "this db catalog alias joins")
    if not isinstance(node.this, exp.Identifier):
        raise unsupported("A table function")
    parts = [identifier(part) for part in node.parts]
    name = ".".join(parts)
    columns = scope.ctes.get(name) or scope.session.schema.get(name)
    if columns is None:
        raise QueryFailed(f"Table '{name}' does not exist.")
    alias = node.args.get("alias")
    names = [identifier(column) for column in alias.columns] if alias else []
    known = named(names, tuple(columns.values())) if names else columns
    called = identifier(alias.this) if alias and alias.this else parts[-1]
    listed = f"({', '.join(map(quote, names))})" if names else ""
    text = f"{'.'.join(map(quote, parts))} AS {quote(called)}{listed}"
    return Sources(text, {called: known})


def _aliased(text: str, rows: Rows, node: exp.Expr) -> Sources:
    alias = node.args.get("alias")
    names = tuple(identifier(column) for column in alias.columns) if alias else ()
    if names and len(names) != len(rows.names):
        raise QueryFailed(f"An alias names {len(names)} columns where there are {len(rows.names)}.")
    names = names or rows.names
    called = identifier(alias.this) if alias and alias.this else f"_{id(node):x}"
    listed = ", ".join(map(quote, names))
    columns = named(names, rows.types)
    return Sources(f"{text or f'({rows.text})'} AS {quote(called)}({listed})", {called: columns})


def _unnest(node: exp.Unnest, c: Compiler, scope: Scope) -> Sources:
    inner: list[str] = []  # what is unnested, side by side
    outer: list[Typed] = []  # the columns made of it
    lengths: list[str] = []
    for i, part in enumerate(node.expressions):
        value = c.expression(part, scope)
        lengths.append(
            f"len({value.text})" if value.type.name == "array" else f"cardinality({value.text})"
        )
        inner += _unnested(value, f"u{i}", outer)
    offset = node.args.get("offset")
    if offset:
        longest = lengths[0] if len(lengths) == 1 else f"greatest({', '.join(lengths)})"
        inner.append(f'unnest(range(1, {longest} + 1)) AS "o"')
        outer.append(Typed('s."o"', BIGINT))
    alias = node.args.get("alias")
    names = [identifier(column) for column in alias.columns] if alias else []
    if isinstance(offset, exp.Identifier) and len(names) == len(outer) - 1:
        names.append(identifier(offset))
    if names and len(names) != len(outer):
        raise QueryFailed(f"UNNEST gives {len(outer)} columns, and {len(names)} are named.")
    names = names or [f"_col{i}" for i in range(len(outer))]
    columns = ", ".join(f"{v.text} AS {quote(n)}" for n, v in zip(names, outer, strict=True))
    called = identifier(alias.this) if alias and alias.this else f"_{id(node):x}"
    text = f"LATERAL (SELECT {columns} FROM (SELECT {', '.join(inner)}) AS s) AS {quote(called)}"
    return Sources(text, {called: named(names, [value.type for value in outer])})


def _unnested(value: Typed, name: str, outer: list[Typed]) -> list[str]:
    kind = value.type
    if kind.name == "map":
        outer += [Typed(f's."{name}k"', kind.args[0]), Typed(f's."{name}v"', kind.args[1])]
        return [
            f'unnest(map_keys({value.text})) AS "{name}k"',
            f'unnest(map_values({value.text})) AS "{name}v"',
        ]
    if kind.name != "array":
        raise QueryFailed(f"UNNEST takes arrays and maps, not {kind}.")
    element = kind.args[0]
    if element.name == "row":
        outer += _fields(element, f's."{name}"')
    else:
        outer.append(Typed(f's."{name}"', element))
    return [f'unnest({value.text}) AS "{name}"']


def _fields(kind: Type, text: str) -> list[Typed]:
    return [
        Typed(f"struct_extract({text}, '{key}')", inner)
        for key, inner in zip(kind.row_keys, kind.args, strict=True)
    ]
