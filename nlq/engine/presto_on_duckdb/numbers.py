"""Numeric functions whose result type follows a decimal's precision, and the conditionals."""

from __future__ import annotations

from sqlglot import exp

from nlq.engine.presto_on_duckdb.calls import Call, is_aggregate, special
from nlq.engine.presto_on_duckdb.casts import cast, coerce
from nlq.engine.presto_on_duckdb.operators import arithmetic, chosen, compared
from nlq.engine.presto_on_duckdb.parse import call_name
from nlq.engine.presto_on_duckdb.scope import Typed, quote
from nlq.engine.presto_on_duckdb.types import (
    BOOLEAN,
    UNKNOWN,
    VARCHAR,
    Type,
    common_of,
    decimal,
)
from nlq.errors import QueryFailed


@special("ceil", "ceiling", "floor", "round", "truncate", "sign")
def _rounding(call: Call) -> Typed:
    call.needs(1, 2)
    value = call.arg(0)
    name = "ceil" if call.name == "ceiling" else call.name
    if name == "truncate" and value.type.is_integer:
        value = coerce(value, value.type.as_decimal, call.session)
    if value.type.name != "decimal":
        plain = Call(name, call.nodes, call.compiler, call.scope)
        return plain.by_signature([value, *(plain.arg(i) for i in range(1, len(call.nodes)))])
    precision, scale = value.type.sizes
    if len(call.nodes) == 2:
        return _decimal_places(call, value, precision, scale)
    if name == "sign":
        kind, text = decimal(1, 0), f"sign({value.text})"
    elif name == "truncate":
        kind, text = decimal(max(precision - scale, 1), 0), f"trunc({value.text})"
    else:
        kind = decimal(precision - scale + min(scale, 1), 0)
        text = f"{name}({value.text})"
    return Typed(f"CAST({text} AS {kind.duckdb})", kind)


def _decimal_places(call: Call, value: Typed, precision: int, scale: int) -> Typed:
    places = call.whole(1)
    if call.name == "round":
        kind = decimal(precision + 1, scale)
        return Typed(f"CAST(round({value.text}, {places}) AS {kind.duckdb})", kind)
    if call.name != "truncate":
        raise QueryFailed(f"{call.name}() takes one argument.")
    return Typed(f"CAST(trunc({value.text}, {places}) AS {value.type.duckdb})", value.type)


@special("mod")
def _mod(call: Call) -> Typed:
    call.needs(2)
    return arithmetic("%", call.arg(0), call.arg(1), call.session)


@special("greatest", "least")
def _extreme(call: Call) -> Typed:
    values = call.args()
    joint = common_of(tuple(value.type for value in values))
    if joint is None or not values:
        raise QueryFailed(f"The arguments of {call.name}() must have one type.")
    texts = [coerce(value, joint, call.session).text for value in values]
    missing = " OR ".join(f"{text} IS NULL" for text in texts)
    return Typed(f"CASE WHEN {missing} THEN NULL ELSE {call.name}({', '.join(texts)}) END", joint)


@special("coalesce")
def _coalesce(call: Call) -> Typed:
    values = call.args()
    joint = common_of(tuple(value.type for value in values))
    if joint is None or not values:
        raise QueryFailed("The arguments of coalesce() must have one type.")
    texts = ", ".join(coerce(value, joint, call.session).text for value in values)
    return Typed(f"coalesce({texts})", joint)


@special("nullif")
def _nullif(call: Call) -> Typed:
    call.needs(2)
    first, second = call.args()
    same = compared("=", first, second, call.session)
    return Typed(f"CASE WHEN {same.text} THEN NULL ELSE {first.text} END", first.type)


@special("if")
def _if(call: Call) -> Typed:
    call.needs(2, 3)
    test = coerce(call.arg(0), BOOLEAN, call.session)
    last = call.arg(2) if len(call.nodes) == 3 else Typed("NULL", UNKNOWN)
    return chosen([test.text], [call.arg(1)], last, call.session)


@special("try")
def _try(call: Call) -> Typed:
    call.needs(1)
    body = call.nodes[0].copy()
    aside: dict[str, Typed] = {}
    for node in list(body.walk(prune=_stays_outside)):
        if _stays_outside(node):
            name = f"$aside{len(aside)}"
            inner = call.compiler.expression(node, call.scope)
            aside[name] = Typed(inner.text, inner.type)
            if node is body:
                return Typed(inner.text, inner.type)
            node.replace(exp.Identifier(this=name))
    if not aside:
        value = call.arg(0)
        return Typed(f"TRY({value.text})", value.type)
    fields = ", ".join(f"{quote(name)} := {value.text}" for name, value in aside.items())
    seen = {n: Typed(f'"$try".{quote(n)}', value.type) for n, value in aside.items()}
    value = call.compiler.expression(body, call.scope.with_lambdas(seen))
    tried = f'list_transform([struct_pack({fields})], lambda "$try": TRY({value.text}))[1]'
    return Typed(tried, value.type)


def _stays_outside(node: exp.Expr) -> bool:
    """DuckDB's TRY takes no aggregates and subqueries: they are computed beside it."""
    if isinstance(node, exp.Anonymous):
        return is_aggregate(call_name(node))
    return isinstance(node, exp.Window | exp.Filter | exp.IgnoreNulls | exp.Subquery)


@special("typeof")
def _typeof(call: Call) -> Typed:
    call.needs(1)
    return Typed(f"'{call.arg(0).type}'", VARCHAR)


@special("from_base")
def _from_base(call: Call) -> Typed:
    if len(call.nodes) != 2 or call.whole(1) != 16:
        raise QueryFailed("from_base() is supported by the embedded engine for base 16 alone.")
    value = coerce(call.arg(0), VARCHAR, call.session)
    return cast(
        Typed(f"CAST('0x' || {value.text} AS BIGINT)", Type("bigint")), Type("bigint"), call.session
    )
