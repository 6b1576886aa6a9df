"""Aggregates with several forms or with decimals."""

from __future__ import annotations

from sqlglot import exp

from nlq.engine.presto_on_duckdb.calls import Call, special
from nlq.engine.presto_on_duckdb.casts import coerce
from nlq.engine.presto_on_duckdb.operators import divided
from nlq.engine.presto_on_duckdb.scope import Typed
from nlq.engine.presto_on_duckdb.types import BIGINT, DOUBLE, INTERVAL_DAY, Type, array, decimal
from nlq.errors import QueryFailed


@special("count", aggregate=True)
def _count(call: Call) -> Typed:
    shape = call.shape
    if not call.nodes or isinstance(call.nodes[0], exp.Star):
        return Typed(f"count(*){shape.tail}", BIGINT)
    call.needs(1)
    return Typed(f"count({shape.distinct}{call.arg(0).text}){shape.tail}", BIGINT)


@special("sum", "avg", aggregate=True)
def _sum(call: Call) -> Typed:
    call.needs(1)
    value, shape = call.arg(0), call.shape
    if value.type == INTERVAL_DAY:
        text = f"{call.name}({shape.distinct}epoch_us({value.text})){shape.tail}"
        whole = f"CAST(round({text} / 1000) AS BIGINT) * 1000"  # Presto's intervals have ms
        return Typed(f"to_microseconds({whole})", INTERVAL_DAY)
    if value.type.name != "decimal":
        return call.by_signature([value])
    scale = value.type.sizes[1]
    total = Typed(f"sum({shape.distinct}{value.text}){shape.tail}", decimal(38, scale))
    if call.name == "sum":
        return total
    count = Typed(f"count({shape.distinct}{value.text}){shape.tail}", BIGINT)
    quotient = divided(total, count, value.type)
    return Typed(f"CASE WHEN {count.text} > 0 THEN {quotient} END", value.type)


@special("approx_percentile", aggregate=True)
def _approx_percentile(call: Call) -> Typed:
    call.needs(2, 3, 4)
    value, share = call.arg(0), call.arg(1)
    if not value.type.is_numeric:
        raise QueryFailed(f"approx_percentile() takes numbers, not {value.type}.")
    if value.type.name == "decimal":
        value = coerce(value, DOUBLE, call.session)
    elif value.type.is_integer:
        value = coerce(value, BIGINT, call.session)
    accuracy_or_share = call.arg(2) if len(call.nodes) > 2 else None
    # (x, percentage, accuracy) has a fraction second; (x, weight, percentage) a whole number.
    if accuracy_or_share is not None and (share.type.is_integer or len(call.nodes) == 4):
        return _weighted(call, value, share, accuracy_or_share)
    values = f"list({value.text} ORDER BY {value.text}) FILTER (WHERE {value.text} IS NOT NULL)"
    return _percentile(call, values, value.type, share)


def _weighted(call: Call, value: Typed, weight: Typed, share: Typed) -> Typed:
    pair = f"{{'x': {value.text}, 'w': CAST({weight.text} AS BIGINT)}}"
    pairs = f"list({pair} ORDER BY {value.text})"
    return _percentile(call, pairs, value.type, share, repeat=True)


def _percentile(
    call: Call, values: str, kind: Type, share: Typed, *, repeat: bool = False
) -> Typed:
    """Presto's nearest rank, exact: element ``floor(share * n)``, counted from zero."""
    ordered = f"{values}{call.shape.tail}"
    if repeat:
        each = "lambda e: list_transform(range(e.w), lambda i: e.x)"
        ordered = f"flatten(list_transform({ordered}, {each}))"
    if share.type.name != "array":
        wanted = coerce(share, DOUBLE, call.session).text
        return Typed(f"presto_percentile({ordered}, {wanted})", kind)
    shares = coerce(share, array(DOUBLE), call.session).text
    one = f"lambda p: presto_percentile({ordered}, p)"
    return Typed(f"list_transform({shares}, {one})", array(kind))
