"""Expressions but for function calls: one handler a kind of node; a node without one is refused."""

# ruff: noqa: ARG001, ARG005 (handlers of all nodes are called alike)
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlglot import exp

from nlq.engine.presto_on_duckdb import types as t
from nlq.engine.presto_on_duckdb.calls import call, call_over, named_call
from nlq.engine.presto_on_duckdb.casts import cast, coerce
from nlq.engine.presto_on_duckdb.moments import instant, now, zone_name
from nlq.engine.presto_on_duckdb.operators import arithmetic, chosen, compared, concatenated
from nlq.engine.presto_on_duckdb.parse import call_name, identifier, shown
from nlq.engine.presto_on_duckdb.scope import (
    Compiler,
    Scope,
    Session,
    Typed,
    text,
    unsupported,
)
from nlq.errors import QueryFailed

Handler = Callable[[Any, Compiler, Scope], Typed]


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


def _literal(node: exp.Literal, c: Compiler, scope: Scope) -> Typed:
    if node.is_string:
        return Typed(text(node.this), t.VARCHAR)
    return _number(node.this)


def _number(digits: str) -> Typed:
    if "e" in digits.lower():
        return Typed(f"CAST({digits} AS DOUBLE)", t.DOUBLE)
    if "." in digits:
        whole, _, part = digits.partition(".")
        whole = whole.lstrip("0")
        kind = t.decimal(max(len(whole) + len(part), 1), len(part))
        return Typed(f"CAST({whole or '0'}.{part or '0'} AS {kind.duckdb})", kind)
    value = int(digits)
    if value >= 2**63:
        raise QueryFailed(f"The number {digits} does not fit bigint.")
    kind = t.INTEGER if value < 2**31 else t.BIGINT
    return Typed(f"CAST({value} AS {kind.duckdb})", kind)


def _interval(node: exp.Interval, c: Compiler, scope: Scope) -> Typed:
    number, unit = node.this, node.args.get("unit")
    if not isinstance(number, exp.Literal) or unit is None:
        raise QueryFailed("An interval needs a literal number and a unit, as INTERVAL '1' DAY.")
    if isinstance(unit, exp.IntervalSpan):
        return _interval_span(number.this, unit)
    try:
        amount = float(number.this)
    except ValueError as exc:
        raise QueryFailed(f"'{number.this}' is not a number of {unit.name.lower()}s.") from exc
    name = unit.name.upper().removesuffix("S")
    if name in _MONTHS:
        return Typed(f"to_months({int(amount) * _MONTHS[name]})", t.INTERVAL_YEAR)
    if name not in _SECONDS:
        raise QueryFailed(f"Interval unit {name} is not known.")
    return Typed(f"to_microseconds({round(amount * _SECONDS[name] * 1e6)})", t.INTERVAL_DAY)


def _interval_span(value: str, unit: exp.IntervalSpan) -> Typed:
    first, last = unit.this.name.upper(), unit.expression.name.upper()
    numbers = re.fullmatch(r"(-?)(\d+)-(\d+)", value)
    if (first, last) != ("YEAR", "MONTH") or not numbers:
        raise unsupported(f"INTERVAL '{value}' {first} TO {last}", "add simple intervals instead")
    months = int(numbers[2]) * 12 + int(numbers[3])
    return Typed(f"to_months({numbers[1]}{months})", t.INTERVAL_YEAR)


_MONTHS = {"YEAR": 12, "MONTH": 1}
_SECONDS = {"DAY": 86_400, "HOUR": 3600, "MINUTE": 60, "SECOND": 1}


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


def _comparison(sign: str) -> Handler:
    def handler(node: exp.Binary, c: Compiler, scope: Scope) -> Typed:
        left = c.expression(node.this, scope)
        quantified = node.expression
        if isinstance(quantified, exp.All | exp.Any):
            return _quantified(sign, left, quantified, c, scope)
        return compared(sign, left, c.expression(quantified, scope), scope.session)

    return handler


def _quantified(
    sign: str, left: Typed, node: exp.All | exp.Any, c: Compiler, scope: Scope
) -> Typed:
    joint, rows = _against(left, node.this, c, scope)
    word = "ALL" if isinstance(node, exp.All) else "ANY"
    return Typed(f"({joint} {sign} {word} ({rows}))", t.BOOLEAN)


def _against(left: Typed, query: exp.Expr, c: Compiler, scope: Scope) -> tuple[str, str]:
    """A value and a one-column subquery, both brought to their common type."""
    rows = c.query(query, scope.inside())
    joint = t.common(left.type, rows.types[0]) if len(rows.types) == 1 else None
    if joint is None:
        raise QueryFailed("A value cannot be compared to that subquery: their types differ.")
    column = coerce(Typed("s.c", rows.types[0]), joint, scope.session)
    return (
        coerce(left, joint, scope.session).text,
        f"SELECT {column.text} FROM ({rows.text}) AS s(c)",
    )


def _boolean(word: str) -> Handler:
    def handler(node: exp.Binary, c: Compiler, scope: Scope) -> Typed:
        sides = [truth(part, c, scope) for part in (node.this, node.expression)]
        return Typed(f"({sides[0]} {word} {sides[1]})", t.BOOLEAN)

    return handler


def truth(node: exp.Expr, c: Compiler, scope: Scope) -> str:
    """The text of a condition; raises ``QueryFailed`` where it is not boolean."""
    value = c.expression(node, scope)
    if value.type not in (t.BOOLEAN, t.UNKNOWN):
        raise QueryFailed(f"A condition must be boolean, not {value.type}.")
    return coerce(value, t.BOOLEAN, scope.session).text


def _not(node: exp.Not, c: Compiler, scope: Scope) -> Typed:
    return Typed(f"(NOT {truth(node.this, c, scope)})", t.BOOLEAN)


def _negative(node: exp.Neg, c: Compiler, scope: Scope) -> Typed:
    if isinstance(node.this, exp.Literal) and node.this.this == "9223372036854775808":
        return Typed("CAST(-9223372036854775808 AS BIGINT)", t.BIGINT)
    value = c.expression(node.this, scope)
    return Typed(f"(-{value.text})", value.type)


def _is(node: exp.Is, c: Compiler, scope: Scope) -> Typed:
    value = c.expression(node.this, scope).text
    return Typed(f"({value} IS {node.expression.sql()})", t.BOOLEAN)


def _between(node: exp.Between, c: Compiler, scope: Scope) -> Typed:
    value, low, high = (c.expression(node.args[part], scope) for part in ("this", "low", "high"))
    above = compared(">=", value, low, scope.session)
    below = compared("<=", value, high, scope.session)
    return Typed(f"({above.text} AND {below.text})", t.BOOLEAN)


def _in(node: exp.In, c: Compiler, scope: Scope) -> Typed:
    value = c.expression(node.this, scope)
    if query := node.args.get("query"):
        left, rows = _against(value, query, c, scope)
        return Typed(f"({left} IN ({rows}))", t.BOOLEAN)
    items = [c.expression(item, scope) for item in node.expressions]
    joint = t.common_of((value.type, *(item.type for item in items)))
    if joint is None:
        raise QueryFailed(f"The values of IN must all be of type {value.type}.")
    first, *rest = (coerce(item, joint, scope.session).text for item in (value, *items))
    return Typed(f"({first} IN ({', '.join(rest)}))", t.BOOLEAN)


def _like(node: exp.Like, c: Compiler, scope: Scope) -> Typed:
    escaped = isinstance(node.expression, exp.Escape)
    pattern = node.expression.this if escaped else node.expression
    sides = [c.expression(part, scope) for part in (node.this, pattern)]
    if any(side.type not in (t.VARCHAR, t.UNKNOWN) for side in sides):
        raise QueryFailed("LIKE compares strings; cast the value to varchar.")
    value, wanted = (coerce(side, t.VARCHAR, scope.session).text for side in sides)
    tail = f" ESCAPE {c.expression(node.expression.expression, scope).text}" if escaped else ""
    word = "NOT LIKE" if node.args.get("negate") else "LIKE"
    return Typed(f"({value} {word} {wanted}{tail})", t.BOOLEAN)


def _escape(node: exp.Escape, c: Compiler, scope: Scope) -> Typed:
    like = node.this
    escaped = exp.Escape(this=like.expression, expression=node.expression)
    return _like(
        exp.Like(this=like.this, expression=escaped, negate=like.args.get("negate")), c, scope
    )


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
        return _zoned_literal(node.this.this, scope.session)
    source = c.expression(node.this, scope)
    value = cast(source, target, scope.session)
    if target == t.VARCHAR and source.type == t.VARCHAR and node.to.expressions:
        value = Typed(f"left({value.text}, {int(node.to.expressions[0].this.this)})", t.VARCHAR)
    return Typed(f"TRY({value.text})", value.type) if isinstance(node, exp.TryCast) else value


_ZONED_LITERAL = re.compile(r"\s*(\S+(?:[ T][\d:.]+)?)\s*([A-Za-z]\S*|[+-]\d\d(?::?\d\d)?)?\s*")


def _zoned_literal(value: str, session: Session) -> Typed:
    parts = _ZONED_LITERAL.fullmatch(value)
    try:
        if parts is None:
            raise ValueError(value)
        moment = datetime.fromisoformat(parts[1])
    except ValueError as exc:
        raise QueryFailed(f"'{value}' is not a timestamp with time zone.") from exc
    zone = zone_name(parts[2] or session.zone)
    shown = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    return Typed(instant(f"TIMESTAMP '{shown}'", zone), t.zoned(zone))


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
    exp.Literal: _literal,
    exp.Boolean: lambda node, c, scope: Typed("true" if node.this else "false", t.BOOLEAN),
    exp.Null: lambda node, c, scope: Typed("NULL", t.UNKNOWN),
    exp.HexString: lambda node, c, scope: Typed(f"unhex('{node.this}')", t.VARBINARY),
    exp.Interval: _interval,
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
    exp.EQ: _comparison("="),
    exp.NEQ: _comparison("<>"),
    exp.LT: _comparison("<"),
    exp.LTE: _comparison("<="),
    exp.GT: _comparison(">"),
    exp.GTE: _comparison(">="),
    exp.NullSafeEQ: _comparison("IS NOT DISTINCT FROM"),
    exp.NullSafeNEQ: _comparison("IS DISTINCT FROM"),
    exp.And: _boolean("AND"),
    exp.Or: _boolean("OR"),
    exp.Not: _not,
    exp.Neg: _negative,
    exp.Is: _is,
    exp.Between: _between,
    exp.In: _in,
    exp.Like: _like,
    exp.Escape: _escape,
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
