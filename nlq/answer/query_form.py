"""What a query makes of the rows it reads: groups or totals, an order, a cut, named columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.answer.how import wording
from nlq.answer.lineage import Lineage, totals
from nlq.types import MetricPlan

_SAYS_NOTHING = re.compile(r"_col_?\d+|col_?\d*|[a-z]\d?|cnt|val|value|res|result|num|x+", re.I)


def telling_labels(lineage: Lineage) -> dict[int, str]:
    """Labels for columns such as ``n`` and ``_col0``, by position, from their formulas."""
    if lineage.root is None:
        return {}
    words = wording(lineage, lineage.root)
    told = {
        index: words.value(output).removeprefix("the ")
        for index, output in enumerate(lineage.outputs())
        if _SAYS_NOTHING.fullmatch(output.alias_or_name)
    }
    return {index: label for index, label in told.items() if "`" not in label and len(label) < 60}


def group_keys(lineage: Lineage) -> frozenset[int]:
    """The positions of the result's columns that its rows are grouped by, in whichever step."""
    if lineage.root is None:
        return frozenset()
    return frozenset(
        index
        for index, output in enumerate(lineage.outputs())
        if _is_key(output.unalias(), lineage, lineage.root)
    )


def _is_key(node: exp.Expr, lineage: Lineage, scope: Scope) -> bool:
    group = scope.expression.args.get("group")
    if group and node in group.expressions:
        return True
    inner = lineage.step(node, scope)
    return inner is not None and _is_key(inner[0], lineage, inner[1])


def is_aggregated(lineage: Lineage, plan: MetricPlan | None) -> bool:
    """Whether the rows of the result are groups or totals, not rows of the lake."""
    if plan:
        return True
    for scope in lineage.scopes():
        select = scope.expression
        if isinstance(select, exp.Select) and (
            select.args.get("group") or any(totals(e) for e in select.selects)
        ):
            return True
    return False


@dataclass(frozen=True, slots=True)
class Ranking:
    """How a query orders and cuts its rows: by which column of the result, and to how many."""

    column: str = ""
    ascending: bool = False
    limit: int | None = None

    @property
    def cuts(self) -> bool:
        """Whether only the first rows by that column are kept."""
        return bool(self.column) and self.limit is not None


def ranking_of(lineage: Lineage, plan: MetricPlan | None) -> Ranking:
    """The order and the cut of a plan, else those of the query itself."""
    if plan and plan.top is not None:
        return Ranking(plan.metrics[0], plan.ascending, plan.top)
    limit, order = lineage.tree.args.get("limit"), lineage.tree.args.get("order")
    cut = limit.expression if isinstance(limit, exp.Limit) else None
    count = int(cut.name) if isinstance(cut, exp.Literal) and cut.name.isdigit() else None
    if not isinstance(order, exp.Order):
        return Ranking(limit=count)
    first = order.expressions[0]
    key = first.this if isinstance(first, exp.Ordered) else first
    outputs = lineage.outputs()
    name = key.name if isinstance(key, exp.Column) else ""
    if isinstance(key, exp.Literal) and key.name.isdigit() and int(key.name) <= len(outputs):
        name = outputs[int(key.name) - 1].alias_or_name
    return Ranking(name, not first.args.get("desc"), count)
