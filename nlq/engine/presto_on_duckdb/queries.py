"""Queries: SELECT, set operations, VALUES, common table expressions, joins, UNNEST."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from nlq.engine.presto_on_duckdb.calls import direction, window
from nlq.engine.presto_on_duckdb.casts import coerce
from nlq.engine.presto_on_duckdb.conditions import truth
from nlq.engine.presto_on_duckdb.parse import identifier, shown
from nlq.engine.presto_on_duckdb.relations import sources, table
from nlq.engine.presto_on_duckdb.scope import (
    Compiler,
    Rows,
    Scope,
    Typed,
    named,
    quote,
    unsupported,
)
from nlq.engine.presto_on_duckdb.types import Type, common
from nlq.errors import QueryFailed


def query(node: exp.Expr, c: Compiler, scope: Scope) -> Rows:
    """Compile any query."""
    clauses, inner = _with(node, c, scope)
    match node:
        case exp.Select():
            rows = _select(node, c, inner)
        case exp.SetOperation():
            rows = _set_operation(node, c, inner)
        case exp.Subquery():
            rows = _paged(node, c.query(node.this, inner), c, inner)
        case exp.Values():
            rows = values(node, c, inner)
        case exp.Table() if not node.args.get("joins"):
            rows = _table(node, inner)
        case _:
            raise unsupported(f"'{shown(node)}'")
    return replace(rows, text=clauses + rows.text) if clauses else rows


def _with(node: exp.Expr, c: Compiler, scope: Scope) -> tuple[str, Scope]:
    clause = node.args.get("with_")
    if clause is None:
        return "", scope
    recursive = bool(clause.args.get("recursive"))
    texts = []
    for cte in clause.expressions:
        name = identifier(cte.args["alias"].this)
        columns = tuple(identifier(column) for column in cte.args["alias"].columns)
        if recursive and _mentions(cte.this, name):
            rows = _recursive(cte.this, name, columns, c, scope)
        else:
            rows = c.query(cte.this, replace(scope, relations={}))
        names = columns or rows.names
        listed = ", ".join(map(quote, names))
        texts.append(f"{quote(name)}({listed}) AS ({rows.text})")
        known = named(names, rows.types)
        scope = replace(scope, ctes={**scope.ctes, name: known})
    return f"WITH {'RECURSIVE ' if recursive else ''}{', '.join(texts)} ", scope


def _mentions(node: exp.Expr, name: str) -> bool:
    return any(
        identifier(t.this) == name and not t.args.get("db") for t in node.find_all(exp.Table)
    )


def _recursive(
    node: exp.Expr, name: str, columns: tuple[str, ...], c: Compiler, scope: Scope
) -> Rows:
    if not isinstance(node, exp.Union) or not columns:
        raise QueryFailed(f"Recursive query '{name}' needs column names and a UNION.")
    base = c.query(node.this, scope)
    known = named(columns, base.types)
    step = c.query(node.expression, replace(scope, ctes={**scope.ctes, name: known}))
    word = "UNION" if node.args.get("distinct") else "UNION ALL"
    aligned = as_types(step, base.types, scope)
    return Rows(f"({base.text}) {word} ({aligned.text})", base.names, base.types)


def _table(node: exp.Table, scope: Scope) -> Rows:
    made = table(node, scope)
    columns = [(name, kind) for known in made.relations.values() for name, kind in known.items()]
    names, kinds = zip(*columns, strict=True)
    return Rows(f"SELECT * FROM {made.text}", names, kinds)


def _set_operation(node: exp.SetOperation, c: Compiler, scope: Scope) -> Rows:
    left, right = c.query(node.this, scope), c.query(node.expression, scope)
    if len(left.types) != len(right.types):
        raise QueryFailed(
            f"The queries of a {node.key.upper()} have {len(left.types)} and "
            f"{len(right.types)} columns."
        )
    joint = []
    for name, a, b in zip(left.names, left.types, right.types, strict=True):
        both = common(a, b)
        if both is None:
            raise QueryFailed(f"Column '{name}' of a {node.key.upper()} is {a} and {b}.")
        joint.append(both)
    left, right = as_types(left, joint, scope), as_types(right, joint, scope)
    word = node.key.upper() + ("" if node.args.get("distinct") else " ALL")
    rows = Rows(f"({left.text}) {word} ({right.text})", left.names, tuple(joint))
    return _paged(node, rows, c, scope)


def as_types(rows: Rows, kinds: Sequence[Type], scope: Scope) -> Rows:
    """The same rows with their columns brought to these types."""
    if list(rows.types) == list(kinds):
        return rows
    listed = ", ".join(f'"c{i}"' for i in range(len(kinds)))
    cast_columns = ", ".join(
        f"{coerce(Typed(f's.c{i}', old), new, scope.session).text} AS {quote(name)}"
        for i, (name, old, new) in enumerate(zip(rows.names, rows.types, kinds, strict=True))
    )
    return Rows(
        f"SELECT {cast_columns} FROM ({rows.text}) AS s({listed})", rows.names, tuple(kinds)
    )


def values(node: exp.Values, c: Compiler, scope: Scope) -> Rows:
    """``VALUES (...), (...)``; columns are ``_col0``, ``_col1``, ..."""
    lines = [
        [c.expression(cell, scope) for cell in line.expressions]
        if isinstance(line, exp.Tuple)
        else [c.expression(line, scope)]
        for line in node.expressions
    ]
    kinds = [cell.type for cell in lines[0]]
    for line in lines[1:]:
        joint = [common(a, b.type) for a, b in zip(kinds, line, strict=True)]
        if None in joint:
            raise QueryFailed("The rows of VALUES have different types.")
        kinds = [kind for kind in joint if kind is not None]
    texts = (
        ", ".join(
            coerce(cell, kind, scope.session).text for cell, kind in zip(line, kinds, strict=True)
        )
        for line in lines
    )
    names = tuple(f"_col{i}" for i in range(len(kinds)))
    rows = Rows(f"VALUES {', '.join(f'({line})' for line in texts)}", names, tuple(kinds))
    return _paged(node, rows, c, scope)


# --- SELECT


def _select(node: exp.Select, c: Compiler, scope: Scope) -> Rows:
    _refuse_extras(node)
    made = sources(node, c, scope)
    inside = replace(scope, relations=made.relations)
    items = _items(node, c, inside)
    distinct = node.args.get("distinct")
    parts = [
        "SELECT " + ("DISTINCT " if distinct else ""),
        ", ".join(f"{value.text} AS {quote(name)}" for name, value in items),
    ]
    if made.text:
        parts.append(f" FROM {made.text}")
    if where := node.args.get("where"):
        parts.append(f" WHERE {truth(where.this, c, inside)}")
    if group := node.args.get("group"):
        parts.append(f" GROUP BY {_group(group, items, c, inside)}")
    if having := node.args.get("having"):
        parts.append(f" HAVING {truth(having.this, c, inside)}")
    if windows := node.args.get("windows"):
        named = (f"{quote(identifier(w.this))} AS {window(w, c, inside)}" for w in windows)
        parts.append(f" WINDOW {', '.join(named)}")
    names, columns = zip(*items, strict=True)
    parts.append(_tail(node, items, c, inside))
    return Rows("".join(parts), names, tuple(value.type for value in columns))


_KNOWN_CLAUSES = frozenset(
    {
        *("with_", "expressions", "from_", "joins", "laterals", "where", "group", "having"),
        *("windows", "distinct", "order", "offset", "limit"),
    }
)


def _refuse_extras(node: exp.Select) -> None:
    for name, value in node.args.items():
        if value and name not in _KNOWN_CLAUSES:
            raise unsupported(f"The clause {name.strip('_').upper()}")
    distinct = node.args.get("distinct")
    if distinct and distinct.args.get("on"):
        raise unsupported("DISTINCT ON")


Items = list[tuple[str, Typed]]


def _items(node: exp.Select, c: Compiler, scope: Scope) -> Items:
    items: Items = []
    for i, item in enumerate(node.expressions):
        if item.is_star:
            items += _star(item, scope)
        else:
            items.append((_name(item, i), c.expression(item, scope)))
    return items


def _star(item: exp.Expr, scope: Scope) -> Items:
    wanted = identifier(item.args["table"]) if isinstance(item, exp.Column) else None
    if wanted is not None and wanted not in scope.relations:
        raise QueryFailed(f"Table '{wanted}' is not in the FROM clause.")
    return [
        (name, Typed(f"{quote(alias)}.{quote(name)}", kind))
        for alias, columns in scope.relations.items()
        if wanted in (None, alias)
        for name, kind in columns.items()
    ]


def _name(item: exp.Expr, index: int) -> str:
    if isinstance(item, exp.Alias):
        return identifier(item.args["alias"])
    if isinstance(item, exp.Column):
        return identifier(item.this)
    if isinstance(item, exp.Dot):
        return identifier(item.expression)
    return f"_col{index}"


def _group(group: exp.Group, items: Items, c: Compiler, scope: Scope) -> str:
    def key(node: exp.Expr) -> str:
        match node:
            case exp.Literal() if not node.is_string:
                return items[_ordinal(node, items)][1].text
            case exp.GroupingSets():
                return f"GROUPING SETS ({', '.join(map(key, node.expressions))})"
            case exp.Rollup() | exp.Cube():
                return f"{node.key.upper()} ({', '.join(map(key, node.expressions))})"
            case exp.Tuple():
                return f"({', '.join(map(key, node.expressions))})"
            case exp.Paren():
                return f"({key(node.this)})"
        return c.expression(node, scope).text

    parts = [*group.expressions]
    for kind in ("grouping_sets", "rollup", "cube"):
        parts += group.args.get(kind) or []
    return ", ".join(map(key, parts))


def _ordinal(node: exp.Literal, items: Items) -> int:
    number = int(node.this)
    if not 1 <= number <= len(items):
        raise QueryFailed(f"Position {number} is not in the SELECT list.")
    return number - 1


def _tail(node: exp.Expr, items: Items, c: Compiler, scope: Scope) -> str:
    """ORDER BY, OFFSET and LIMIT."""
    text = ""
    if order := node.args.get("order"):
        keys = (_order_key(key, items, c, scope) for key in order.expressions)
        text += f" ORDER BY {', '.join(keys)}"
    limit, offset = node.args.get("limit"), node.args.get("offset")
    if limit is not None and (count := _count(limit)) is not None:
        text += f" LIMIT {count}"
    return text + (f" OFFSET {int(offset.expression.this)}" if offset else "")


def _count(limit: exp.Expr) -> int | None:
    options = limit.args.get("limit_options")
    if options and (options.args.get("with_ties") or options.args.get("percent")):
        raise unsupported("FETCH FIRST ... WITH TIES or PERCENT")
    number = limit.args.get("count") or limit.args.get("expression")
    return None if isinstance(number, exp.Var) else int(number.this) if number else 1


def _order_key(key: exp.Ordered, items: Items, c: Compiler, scope: Scope) -> str:
    node = key.this
    if isinstance(node, exp.Literal) and not node.is_string:
        return f"{_ordinal(node, items) + 1}{direction(key)}"
    if isinstance(node, exp.Column) and not node.table:
        named = [i for i, (name, _) in enumerate(items) if name == identifier(node.this)]
        if named:
            return f"{named[0] + 1}{direction(key)}"
    value = c.expression(node, replace(scope, aliases=dict(items)))
    same = [i for i, (_, item) in enumerate(items) if item.text == value.text]
    return f"{same[0] + 1 if same else value.text}{direction(key)}"


def _paged(node: exp.Expr, rows: Rows, c: Compiler, scope: Scope) -> Rows:
    """The rows with the ORDER BY, OFFSET and LIMIT that stand after a whole query."""
    if not any(node.args.get(part) for part in ("order", "limit", "offset")):
        return rows
    columns = [quote(f"c{i}") for i in range(len(rows.names))]
    items = [
        (name, Typed(f"s.{column}", kind))
        for name, column, kind in zip(rows.names, columns, rows.types, strict=True)
    ]
    listed = ", ".join(f"{value.text} AS {quote(name)}" for name, value in items)
    inner = f"SELECT {listed} FROM ({rows.text}) AS s({', '.join(columns)})"
    return replace(rows, text=inner + _tail(node, items, c, replace(scope, relations={})))
