"""The rule on types: what Presto would refuse to compare is refused here, with what to write."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from nlq.errors import GuardRefused
from nlq.sql.dialect import render
from nlq.sql.kinds import Kind, kind_of

_COMPARES = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
_LIKE: dict[Kind, Kind] = {"date": "time"}
_TARGET: dict[Kind, str] = {"date": "date", "time": "timestamp", "number": "bigint"}


def check_types(tree: exp.Expr) -> None:
    """Refuse comparisons of unlike types; raises ``GuardRefused``."""
    for left, right in _compared(tree):
        ours, theirs = kind_of(left), kind_of(right)
        if ours is None or theirs is None or _LIKE.get(ours, ours) == _LIKE.get(theirs, theirs):
            continue
        wanted = _TARGET.get(theirs) or _TARGET.get(ours, "varchar")
        cast = left if ours == "text" else right
        hint = f"Write CAST({render(cast)} AS {wanted})."
        if cast.is_string and wanted in {"date", "timestamp"}:
            hint = "Write days as DATE '2026-01-31' and moments as TIMESTAMP '2026-01-31 10:00:00'."
        raise GuardRefused(
            "type-mismatch",
            f"{render(left)} is {_name(left)} and {render(right)} is {_name(right)}: "
            "Presto does not compare them.",
            hint=hint,
        )


def _compared(tree: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    for node in tree.find_all(*_COMPARES, exp.Between, exp.In, exp.Like):
        if isinstance(node, exp.Between):
            yield node.this, node.args["low"]
            yield node.this, node.args["high"]
        elif isinstance(node, exp.In):
            for value in node.expressions:
                yield node.this, value
        else:
            yield node.this, node.expression


def _name(node: exp.Expr) -> str:
    return node.type.sql(dialect="presto").lower() if isinstance(node.type, exp.DataType) else "?"
