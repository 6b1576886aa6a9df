"""Expressions but for function calls: one handler a kind of node; a node without one is refused."""

# ruff: noqa: ARG001, ARG005 (handlers of all nodes are called alike)
from __future__ import annotations

from typing import Any

from sqlglot import exp

from nlq.engine.presto_on_duckdb import types as t
from nlq.engine.presto_on_duckdb.calls import call, call_over, named_call
from nlq.engine.presto_on_duckdb.casts import cast, coerce
from nlq.engine.presto_on_duckdb.conditions import (
    Handler,
    between,
    comparison,
    escape,
    in_,
    is_,
    junction,
    like,
    negation,
    truth,
)
from nlq.engine.presto_on_duckdb.literals import interval, literal, zoned_timestamp
from nlq.engine.presto_on_duckdb.moments import now
from nlq.engine.presto_on_duckdb.operators import arithmetic, chosen, compared, concatenated
from nlq.engine.presto_on_duckdb.parse import call_name, identifier, shown
from nlq.engine.presto_on_duckdb.scope import (
    Compiler,
    Scope,
    Typed,
    text,
    unsupported,
)
from nlq.errors import QueryFailed


def expression(node: exp.Expr, c: Compiler, scope: Scope) -> Typed:
    """Compile any expression."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise unsupported(f"'{shown(node)}'")
    for name, value in node.args.items():
        if value and name not in _ARGS.get(type(node), _PLAIN_ARGS):
            raise unsupported(f"The {name.upper()} of '{shown(node)}'")
    return handler(node, c, scope)


# --- names and literals


def _column(node: exp.Column, c: Compiler, scope: Scope) -> Typed:
    value, fields = scope.find(tuple(identifier(part) for part in node.parts))
    for name in fields:
        value = _field(value, name)
    return value


def _dot(node: exp.Dot, c: Compiler, scope: Scope) -> Typed:
    return _field(c.expression(node.this, scope), identifier(node.expression))


def _field(value: Typed, name: str) -> Typed:
    if value.type.name != "row" or name not in value.type.row_keys:
        raise QueryFailed(f"A value of type {value.type} has no field '{name}'.")
    kind = value.type.args[value.type.row_keys.index(name)]
    return Typed(f"struct_extract({value.text}, {text(name)})", kind)


def _current_timestamp(node: exp.Expr, c: Compiler, scope: Scope) -> Typed:
    return now(scope.session)


def _current_date(node: exp.Expr, c: Compiler, scope: Scope) -> Typed:
    return cast(now(scope.session), t.DATE, scope.session)


def _local_timestamp(node: exp.Expr, c: Compiler, scope: Scope) -> Typed:
    return cast(now(scope.session), t.TIMESTAMP, scope.session)


# --- operators


def _arithmetic(sign: str) -> Handler:
    def handler(node: exp.Binary, c: Compiler, scope: Scope) -> Typed:
        left, right = c.expression(node.this, scope), c.expression(node.expression, scope)
        return arithmetic(sign, left, right, scope.session)

    return handler


def _negative(node: exp.Neg, c: Compiler, scope: Scope) -> Typed:
    if isinstance(node.this, exp.Literal) and node.this.this == "9223372036854775808":
        return Typed("CAST(-9223372036854775808 AS BIGINT)", t.BIGINT)
    value = c.expression(node.this, scope)
    return Typed(f"(-{value.text})", value.type)


def _concatenation(node: exp.DPipe, c: Compiler, scope: Scope) -> Typed:
    left, right = c.expression(node.this, scope), c.expression(node.expression, scope)
    return concatenated(left, right, scope.session)


# --- structure


def _case(node: exp.Case, c: Compiler, scope: Scope) -> Typed:
    tests: list[str] = []
    subject = c.expression(node.this, scope) if node.this else None
    for branch in node.args["ifs"]:
        if subject is None:
            tests.append(truth(branch.this, c, scope))
        else:
            tests.append(
                compared("=", subject, c.expression(branch.this, scope), scope.session).text
            )
    otherwise = node.args.get("default")
    results = [c.expression(branch.args["true"], scope) for branch in node.args["ifs"]]
    last = c.expression(otherwise, scope) if otherwise else Typed("NULL", t.UNKNOWN)
    return chosen(tests, results, last, scope.session)


def _cast(node: exp.Cast, c: Compiler, scope: Scope) -> Typed:
    target = t.from_sqlglot(node.to)
    if target is None:
        raise unsupported(f"The type {node.to.sql('presto')}")
    if target.name == "timestamp with time zone" and isinstance(node.this, exp.Literal):
        return zoned_timestamp(node.this.this, scope.session)
    source = c.expression(node.this, scope)
    value = cast(source, target, scope.session)
    if target == t.VARCHAR and source.type == t.VARCHAR and node.to.expressions:
        value = Typed(f"left({value.text}, {int(node.to.expressions[0].this.this)})", t.VARCHAR)
    return Typed(f"TRY({value.text})", value.type) if isinstance(node, exp.TryCast) else value


def _at_time_zone(node: exp.AtTimeZone, c: Compiler, scope: Scope) -> Typed:
    return named_call("at_timezone", [node.this, node.args["zone"]], c, scope)


def _extract(node: exp.Extract, c: Compiler, scope: Scope) -> Typed:
    return named_call(node.this.name.lower(), [node.expression], c, scope)


def _array(node: exp.Array, c: Compiler, scope: Scope) -> Typed:
    items = [c.expression(item, scope) for item in node.expressions]
    joint = t.common_of(tuple(item.type for item in items))
    if joint is None:
        raise QueryFailed("The elements of an array must have one type.")
    inner = ", ".join(coerce(item, joint, scope.session).text for item in items)
    kind = t.array(joint)
    return Typed(f"[{inner}]" if items else f"CAST([] AS {kind.duckdb})", kind)


def _row(node: exp.Struct | exp.Tuple, c: Compiler, scope: Scope) -> Typed:
    items = [c.expression(item, scope) for item in node.expressions]
    fields = ", ".join(f'"field{i}" := {item.text}' for i, item in enumerate(items))
    return Typed(f"struct_pack({fields})", t.row(tuple(item.type for item in items)))


def _bracket(node: exp.Bracket, c: Compiler, scope: Scope) -> Typed:
    return named_call("[]", [node.this, node.expressions[0]], c, scope)


def _map(node: exp.Map, c: Compiler, scope: Scope) -> Typed:
    parts = [part for part in (node.args.get("keys"), node.args.get("values")) if part]
    return named_call("map", parts, c, scope)


def _position(node: exp.StrPosition, c: Compiler, scope: Scope) -> Typed:
    return named_call("strpos", [node.this, node.args["substr"]], c, scope)


def _subquery(node: exp.Expr, c: Compiler, scope: Scope) -> Typed:
    rows = c.query(node, scope.inside())
    if len(rows.types) != 1:
        raise QueryFailed("A subquery used as a value must have one column.")
    return Typed(f"({rows.text})", rows.types[0])


def _exists(node: exp.Exists, c: Compiler, scope: Scope) -> Typed:
    return Typed(f"EXISTS ({c.query(node.this, scope.inside()).text})", t.BOOLEAN)


def _identifier(node: exp.Identifier, c: Compiler, scope: Scope) -> Typed:
    return scope.find((identifier(node),))[0]


def _json_literal(node: exp.ParseJSON, c: Compiler, scope: Scope) -> Typed:
    return named_call("json_parse", [node.this], c, scope)


def _call(node: exp.Anonymous, c: Compiler, scope: Scope) -> Typed:
    return call(call_name(node), node.expressions, c, scope)


def _grouping(node: exp.Grouping, c: Compiler, scope: Scope) -> Typed:
    keys = ", ".join(c.expression(key, scope).text for key in node.expressions)
    return Typed(f"CAST(grouping({keys}) AS INTEGER)", t.INTEGER)


def _substring(node: exp.Substring, c: Compiler, scope: Scope) -> Typed:
    parts = [node.args.get(part) for part in ("this", "start", "length")]
    return named_call("substr", [part for part in parts if part], c, scope)


_HANDLERS: dict[type[exp.Expr], Handler] = {
    exp.Column: _column,
    exp.Identifier: _identifier,
    exp.Dot: _dot,
    exp.Literal: lambda node, c, scope: literal(node),
    exp.Boolean: lambda node, c, scope: Typed("true" if node.this else "false", t.BOOLEAN),
    exp.Null: lambda node, c, scope: Typed("NULL", t.UNKNOWN),
    exp.HexString: lambda node, c, scope: Typed(f"unhex('{node.this}')", t.VARBINARY),
    exp.Interval: lambda node, c, scope: interval(node),
    exp.CurrentTimestamp: _current_timestamp,
    exp.CurrentDate: _current_date,
    exp.Localtimestamp: _local_timestamp,
    exp.Paren: lambda node, c, scope: c.expression(node.this, scope),
    exp.Alias: lambda node, c, scope: c.expression(node.this, scope),
    exp.Add: _arithmetic("+"),
    exp.Sub: _arithmetic("-"),
    exp.Mul: _arithmetic("*"),
    exp.Div: _arithmetic("/"),
    exp.Mod: _arithmetic("%"),
    exp.EQ: comparison("="),
    exp.NEQ: comparison("<>"),
    exp.LT: comparison("<"),
    exp.LTE: comparison("<="),
    exp.GT: comparison(">"),
    exp.GTE: comparison(">="),
    exp.NullSafeEQ: comparison("IS NOT DISTINCT FROM"),
    exp.NullSafeNEQ: comparison("IS DISTINCT FROM"),
    exp.And: junction("AND"),
    exp.Or: junction("OR"),
    exp.Not: negation,
    exp.Neg: _negative,
    exp.Is: is_,
    exp.Between: between,
    exp.In: in_,
    exp.Like: like,
    exp.Escape: escape,
    exp.DPipe: _concatenation,
    exp.Case: _case,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.AtTimeZone: _at_time_zone,
    exp.Extract: _extract,
    exp.Array: _array,
    exp.Struct: _row,
    exp.Tuple: _row,
    exp.Bracket: _bracket,
    exp.Map: _map,
    exp.StrPosition: _position,
    exp.Subquery: _subquery,
    exp.Select: _subquery,
    exp.Exists: _exists,
    exp.ParseJSON: _json_literal,
    exp.Anonymous: _call,
    exp.Grouping: _grouping,
    exp.Substring: _substring,
    exp.Window: call_over,
    exp.Filter: call_over,
    exp.IgnoreNulls: call_over,
    exp.RespectNulls: call_over,
}

# Anything else that a node holds would be left out in silence, so it is refused.
_PLAIN_ARGS = frozenset({"this", "expression", "expressions"})
_ARGS: dict[type[Any], frozenset[str]] = {
    node: _PLAIN_ARGS | names
    for node, names in {
        exp.Alias: {"alias"},
        exp.Column: {"table", "db", "catalog"},
        exp.Div: {"typed", "safe"},
        exp.Identifier: {"quoted"},
        exp.Literal: {"is_string"},
        exp.Interval: {"unit"},
        exp.Between: {"low", "high"},
        exp.In: {"query"},
        exp.Like: {"negate"},
        exp.Case: {"ifs", "default"},
        exp.Cast: {"to"},
        exp.TryCast: {"to", "safe"},
        exp.AtTimeZone: {"zone"},
        exp.Map: {"keys", "values"},
        exp.StrPosition: {"substr"},
        exp.Substring: {"start", "length"},
        exp.Subquery: {"alias", "order", "limit", "offset", "with_"},
        exp.ParseJSON: {"is_literal"},
        exp.Window: {"partition_by", "order", "spec", "alias", "over"},
    }.items()
} | {exp.Select: frozenset(exp.Select.arg_types)}  # queries look after their own
