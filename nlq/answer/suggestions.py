"""Follow-up questions that make sense after an answer, in words that follow-ups are read from."""

from __future__ import annotations

from nlq.answer.covered import Covered
from nlq.answer.labels import mid_sentence
from nlq.answer.shape import Shape
from nlq.catalog.catalog import Catalog
from nlq.types import MetricPlan

MOST = 3


def suggest(
    plan: MetricPlan | None, shape: Shape, covered: Covered, catalog: Catalog
) -> tuple[str, ...]:
    """At most three, the most telling first; only what the metric allows."""
    if plan is None or shape.kind == "empty":
        return ()
    found: list[str] = []
    span = covered.single
    bounded = span is not None and span.start is not None and span.end is not None
    if plan.comparison is None and bounded:
        found.append("compare that with the same time a year before")
    taken = {*plan.dimensions, *(f.dimension for f in plan.filters)}
    allowed = [catalog.metrics[name].dimensions for name in plan.metrics if name in catalog.metrics]
    if allowed and not plan.dimensions:
        shared = [d for d in allowed[0] if all(d in other for other in allowed[1:])]
        for name in shared:
            dimension = catalog.dimensions.get(name)
            if dimension and name not in taken:
                found.append(f"and by {mid_sentence(dimension.label)}?")
                break
    if plan.grain is None and bounded and span is not None and span.start and span.end:
        if (span.end - span.start).days > 31:
            found.append("show it monthly")
        elif (span.end - span.start).days > 7:
            found.append("show it daily")
    if plan.dimensions and plan.top is None and not plan.grain:
        found.append("only the top 5")
    return tuple(found[:MOST])
