"""Whole answers: headline, units, chart, warnings and the rest, for the shapes that occur."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from nlq.answer import explain
from nlq.catalog.catalog import Catalog
from nlq.errors import GuardRefused, ModelTimeout, NlqError, QueryFailed
from nlq.sql.guarded import GuardedQuery
from nlq.types import (
    Answer,
    Clarification,
    Context,
    DateRange,
    Estimate,
    MetricHit,
    MetricPlan,
    PlanFilter,
    QueryResult,
    Refusal,
    SqlDraft,
    TimeReading,
    ValueLink,
)

Q2 = {"start": date(2026, 4, 1), "end": date(2026, 7, 1)}
WHERE_Q2 = "ds >= '2026-04-01' AND ds < '2026-07-01'"


class Explained:
    """Explains a result, with everything that the test does not care about filled in."""

    def __init__(
        self,
        catalog: Catalog,
        guard: Callable[..., GuardedQuery],
        make_context: Callable[..., Context],
        make_result: Callable[..., QueryResult],
    ) -> None:
        self.catalog, self.guard = catalog, guard
        self.make_context, self.make_result = make_context, make_result

    def __call__(
        self,
        sql: str,
        columns: str,
        *rows: tuple[object, ...],
        plan: MetricPlan | None = None,
        truncated: bool = False,
        context: Context | None = None,
        estimate: Estimate | None = None,
    ) -> Answer:
        return explain.explain(
            context=context or self.make_context(),
            draft=SqlDraft(sql, "metric" if plan else "model", plan),
            query=self.guard(sql),
            result=self.make_result(columns, *rows, truncated=truncated),
            catalog=self.catalog,
            estimate=estimate,
        )
