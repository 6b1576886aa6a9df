"""In which unit each column of a result is: from the plan's metrics, else from the tree's formulas.

Only what is certain has a unit. ``sum(amount_cents) / 100.0`` is in dollars because the docs say
"USD cents" of the column and the formula divides by exactly 100.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.answer.lineage import Lineage
from nlq.types import MetricPlan, MetricUnit, ResultColumn

_RATIO_NAME = re.compile(r"(rate|share|pct|percent|ratio|margin|growth|change|retention)", re.I)
_NUMERIC = re.compile(r"^(tinyint|smallint|integer|int|bigint|real|double|decimal)", re.I)


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A kind of thing, and how many of its unit one of the value is (0.01 for cents)."""

    kind: str  # usd, seconds, days, count, percent, or "" for a bare number
    scale: Decimal = Decimal(1)


_BARE = _Quantity("")
_DOCUMENTED = {
    "usd": _Quantity("usd"),
    "us dollars": _Quantity("usd"),
    "usd cents": _Quantity("usd", Decimal("0.01")),
    "usd micros": _Quantity("usd", Decimal("0.000001")),
    "seconds": _Quantity("seconds"),
    "s": _Quantity("seconds"),
    "milliseconds": _Quantity("seconds", Decimal("0.001")),
    "ms": _Quantity("seconds", Decimal("0.001")),
    "minutes": _Quantity("seconds", Decimal(60)),
    "hours": _Quantity("seconds", Decimal(3600)),
    "days": _Quantity("days"),
    "ratio": _Quantity("percent"),
    "share": _Quantity("percent"),
    "percent": _Quantity("percent", Decimal("0.01")),
    "count": _Quantity("count"),
}
_HANDS_ON = (
    exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Cast,
    exp.TryCast, exp.Paren, exp.Nullif, exp.Neg, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue,
    exp.Window, exp.Filter, exp.ApproxQuantile, exp.AnyValue, exp.ArgMax, exp.ArgMin,
)  # fmt: skip
_COUNTS = (exp.Count, exp.CountIf, exp.ApproxDistinct)


def units_of(
    lineage: Lineage, columns: Sequence[ResultColumn], plan: MetricPlan | None
) -> tuple[tuple[str, MetricUnit], ...]:
    """The unit of each numeric result column that certainly has one."""
    units: dict[str, MetricUnit] = {}
    metrics = lineage.catalog.metrics
    for name in plan.metrics if plan else ():
        if metric := metrics.get(name):
            units[name] = units[f"{name}_previous"] = units[f"{name}_total"] = metric.unit
            units[f"{name}_change"] = units[f"{name}_share"] = "percent"
    outputs = lineage.outputs()
    if len(outputs) == len(columns) and lineage.root:
        for column, output in zip(columns, outputs, strict=True):
            if column.name not in units and _NUMERIC.match(column.type):
                quantity = _quantity(output.unalias(), lineage, lineage.root)
                unit = _unit(quantity, column.name)
                if unit:
                    units[column.name] = unit
    named = {column.name for column in columns}
    return tuple((name, unit) for name, unit in units.items() if name in named)


def _unit(quantity: _Quantity | None, name: str) -> MetricUnit | None:
    if quantity is None or quantity.scale != 1:
        return None
    match quantity.kind:
        case "usd":
            return "usd"
        case "seconds":
            return "seconds"
        case "days":
            return "days"
        case "count":
            return "count"
        case "percent":
            return "percent"
        case "ratio" if _RATIO_NAME.search(name):
            return "percent"
    return None


def _quantity(node: exp.Expr, lineage: Lineage, scope: Scope) -> _Quantity | None:
    if isinstance(node, exp.Column):
        if inner := lineage.step(node, scope):
            return _quantity(inner[0], lineage, inner[1])
        origin = lineage.origin(node, scope)
        unit = origin.column.unit.strip().lower() if origin else ""
        # An unknown unit still makes a ratio when it is divided by itself.
        return (_DOCUMENTED.get(unit) or _Quantity(unit)) if unit else None
    if isinstance(node, exp.Literal):
        return _BARE
    if isinstance(node, _COUNTS):
        return _Quantity("count")
    if isinstance(node, exp.Coalesce):
        return _same([node.this, *node.expressions], lineage, scope)
    if isinstance(node, exp.Case):
        results = [branch.args["true"] for branch in node.args["ifs"]]
        return _same([*results, node.args.get("default")], lineage, scope)
    if isinstance(node, exp.If):
        return _same([node.args["true"], node.args.get("false")], lineage, scope)
    if isinstance(node, _HANDS_ON):
        return _quantity(node.this, lineage, scope) if node.this else None
    if isinstance(node, exp.Add | exp.Sub):
        return _same([node.left, node.right], lineage, scope)
    if isinstance(node, exp.Mul | exp.Div):
        return _scaled(node, lineage, scope)
    return None


def _same(nodes: Sequence[exp.Expr | None], lineage: Lineage, scope: Scope) -> _Quantity | None:
    """The quantity of all the nodes if it is one; zeros and NULLs have every unit."""
    found = {
        _quantity(node, lineage, scope)
        for node in nodes
        if node is not None and not isinstance(node, exp.Null) and node.sql() not in ("0", "0.0")
    }
    return found.pop() if len(found) == 1 else None


def _scaled(node: exp.Mul | exp.Div, lineage: Lineage, scope: Scope) -> _Quantity | None:
    left, right = _quantity(node.left, lineage, scope), _quantity(node.right, lineage, scope)
    if left is None or right is None:
        return None
    divides = isinstance(node, exp.Div)
    if right is _BARE or (left is _BARE and not divides):
        factor, other = (
            (_factor(node.right), left) if right is _BARE else (_factor(node.left), right)
        )
        if not factor:
            return None
        # A value made a hundred times smaller counts units a hundred times bigger.
        return replace(other, scale=other.scale * factor if divides else other.scale / factor)
    if divides and left == right and left.kind != "":
        return _Quantity("ratio")
    if divides and right.kind == "count":
        return left
    if not divides and "count" in (left.kind, right.kind) and left.kind != right.kind:
        return left if right.kind == "count" else right
    return None


def _factor(node: exp.Expr) -> Decimal | None:
    bare = node.unnest()
    while isinstance(bare, exp.Cast):
        bare = bare.this.unnest()
    if not isinstance(bare, exp.Literal) or bare.is_string:
        return None
    return Decimal(bare.name)
