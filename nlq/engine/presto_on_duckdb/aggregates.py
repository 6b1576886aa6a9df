"""Aggregates with several forms or with decimals."""

from __future__ import annotations

from sqlglot import exp

from nlq.engine.presto_on_duckdb.calls import Call, special
from nlq.engine.presto_on_duckdb.casts import coerce
from nlq.engine.presto_on_duckdb.operators import divided
from nlq.engine.presto_on_duckdb.scope import Typed
from nlq.engine.presto_on_duckdb.types import BIGINT, DOUBLE, INTERVAL_DAY, array, decimal
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
        return Typed(f"to_microseconds(CAST({text} AS BIGINT))", INTERVAL_DAY)
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
    accuracy_or_share = call.arg(2) if len(call.nodes) > 2 else None
    # (x, percentage, accuracy) has a fraction second; (x, weight, percentage) a whole number.
    if accuracy_or_share is not None and (share.type.is_integer or len(call.nodes) == 4):
        return _weighted(call, value, share, accuracy_or_share)
    kind, wanted = _shares(share, value, call)
    return Typed(f"quantile_disc({value.text}, {wanted}){call.shape.tail}", kind)


def _shares(share: Typed, value: Typed, call: Call):  # type: ignore[no-untyped-def]
    many = share.type.name == "array"
    target = array(DOUBLE) if many else DOUBLE
    return array(value.type) if many else value.type, coerce(share, target, call.session).text


def _weighted(call: Call, value: Typed, weight: Typed, share: Typed) -> Typed:
    kind, wanted = _shares(share, value, call)
    pairs = f"list({{'x': {value.text}, 'w': CAST({weight.text} AS BIGINT)}}){call.shape.tail}"
    repeated = (
        f"flatten(list_transform({pairs}, lambda e: list_transform(range(e.w), lambda i: e.x)))"
    )
    return Typed(f"list_aggregate({repeated}, 'quantile_disc', {wanted})", kind)
