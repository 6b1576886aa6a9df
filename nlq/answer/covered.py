"""Which dates a query covers, read from its conditions: a number is never shown without its dates.

The checked tree is the truth; what the question asked for may differ from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.answer.lineage import Lineage, Origin, conjuncts, read_here
from nlq.answer.periods import add_months, open_range_text
from nlq.types import MetricPlan

_DAY = timedelta(days=1)
OTHER_DATE = 3
"""The rank of a date that a row has besides the one that dates it (when it was paid, say)."""


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` to before ``end``; None is open."""

    start: date | None
    end: date | None

    def text(self, fiscal_start_month: int = 1) -> str:
        """In words; empty when both sides are open."""
        return open_range_text(self.start, self.end, fiscal_start_month)

    def days(self) -> Iterator[date]:
        """The days that may be named when this span is told."""
        if self.start:
            yield self.start
        if self.end:
            yield self.end
            yield self.end - _DAY


@dataclass(frozen=True, slots=True)
class Covered:
    """What one query covers.

    ``spans`` are the distinct ranges that its parts read. ``timed`` says whether any table that it
    reads has dates of its own; ``sure`` is False when a condition on dates could not be read.
    """

    spans: tuple[Span, ...]
    timed: bool
    sure: bool = True

    @property
    def single(self) -> Span | None:
        """The one range, if the query has exactly one."""
        return self.spans[0] if len(self.spans) == 1 and self.sure else None

    @property
    def last_end(self) -> date | None:
        """Where the latest bounded range ends (excluded)."""
        return max((span.end for span in self.spans if span.end), default=None)


def covered_by(lineage: Lineage, plan: MetricPlan | None, today: date) -> Covered:
    """The dates that a query covers: those of its plan, else those of its conditions."""
    if plan is not None:
        return Covered((Span(plan.start, plan.end),), timed=True)
    spans: list[Span] = []
    timed, sure = False, True
    for scope in lineage.scopes():
        columns = time_columns(lineage, scope)
        if not columns or not isinstance(scope.expression, exp.Select):
            continue
        reading = _Reading(lineage, scope, today)
        span = reading.span(columns)
        sure = sure and reading.sure
        if span == Span(None, None) and min(columns.values()) > 1:
            continue  # a table of things, not of events: its dates date no number
        timed = True
        if span not in spans:
            spans.append(span)
    return Covered(tuple(spans), timed, sure)


def time_columns(lineage: Lineage, scope: Scope) -> dict[tuple[str, str], int]:
    """The columns that date a row of the tables read here, with their rank (0 is best)."""
    ranks: dict[tuple[str, str], int] = {}
    for source in read_here(scope).values():
        table = lineage.table(source) if isinstance(source, exp.Table) else None
        if table is None:
            continue
        for column in table.columns:
            if column.name == table.time_column:
                ranks[table.name, column.name] = 0
            elif table.time_column and column.name in table.partitioned_by:
                ranks[table.name, column.name] = 1
            elif column.type.startswith(("date", "timestamp")):
                ranks[table.name, column.name] = OTHER_DATE if table.time_column else 2
    return ranks


class _Reading:
    """Reads the bounds that one SELECT's conditions put on its time columns."""

    def __init__(self, lineage: Lineage, scope: Scope, today: date) -> None:
        self.lineage, self.scope, self.today = lineage, scope, today
        self.sure = True

    def span(self, ranks: dict[tuple[str, str], int]) -> Span:
        bounds: dict[tuple[str, str], Span] = {}
        select = self.scope.expression
        terms = conjuncts(select.args.get("where"))
        for join in select.args.get("joins") or ():
            terms += conjuncts(join.args.get("on")) if not join.side else []
        for term in terms:
            touched = [o for c in term.find_all(exp.Column) if (o := self._ranked(c, ranks))]
            if not touched:
                continue
            read = self._bound(term)
            key = (touched[0].table.name, touched[0].column.name)
            if read is None and ranks[key] == OTHER_DATE:
                continue
            if read is None:
                self.sure = self.sure and _moves_nothing(term)
                continue
            old = bounds.get(key, Span(None, None))
            starts = [d for d in (old.start, read.start) if d]
            ends = [d for d in (old.end, read.end) if d]
            bounds[key] = Span(max(starts, default=None), min(ends, default=None))
        if not bounds:
            return Span(None, None)
        best = min(ranks[key] for key in bounds)
        return next(span for key, span in bounds.items() if ranks[key] == best)

    def _ranked(self, column: exp.Column, ranks: dict[tuple[str, str], int]) -> Origin | None:
        origin = self.lineage.origin(column, self.scope)
        return origin if origin and (origin.table.name, origin.column.name) in ranks else None

    def _bound(self, term: exp.Expr) -> Span | None:
        if isinstance(term, exp.Between) and not term.args.get("symmetric"):
            low, high = self._day(term.args["low"]), self._day(term.args["high"])
            if _dated(term.this) and low and high:
                return Span(low[0], self._after(high, term.this))
            return None
        if not isinstance(term, exp.EQ | exp.GT | exp.GTE | exp.LT | exp.LTE):
            return None
        left, right = term.left, term.right
        kind: type[exp.Expr] = type(term)
        if not _dated(left) and _dated(right):
            left, right = right, left
            kind = _TURNED.get(kind, kind)
        if kind is exp.EQ and (whole := self._whole_period(left, right)):
            return whole
        moment = self._day(right) if _dated(left) else None
        if moment is None:
            return None
        day, exact = moment
        if kind is exp.GTE:
            return Span(day, None)
        if kind is exp.GT:
            return Span(day if self._has_time(left) else day + _DAY, None)
        if kind is exp.LT:
            return Span(None, day if exact else day + _DAY)
        if kind is exp.LTE:
            return Span(None, self._after(moment, left))
        return Span(day, day + _DAY)

    def _after(self, moment: tuple[date, bool], column: exp.Expr) -> date:
        """The end (excluded) of what goes up to a moment that is included."""
        day, exact = moment
        return day if exact and self._has_time(column) else day + _DAY

    def _has_time(self, node: exp.Expr) -> bool:
        if not isinstance(node, exp.Column):
            return False
        origin = self.lineage.origin(node, self.scope)
        return bool(origin and origin.column.type.startswith("timestamp"))

    def _whole_period(self, left: exp.Expr, right: exp.Expr) -> Span | None:
        """``year(t) = 2026`` and ``date_trunc('month', t) = DATE '2026-06-01'``."""
        left = left.unnest()
        if isinstance(left, exp.Year) and isinstance(right, exp.Literal) and not right.is_string:
            return Span(date(int(right.name), 1, 1), date(int(right.name) + 1, 1, 1))
        if isinstance(left, exp.DateTrunc | exp.TimestampTrunc):
            moment, unit = self._day(right), left.text("unit").lower()
            if moment and unit in _MONTHS:
                start = moment[0].replace(day=1)
                return Span(start, add_months(start, _MONTHS[unit]))
        return None

    def _day(self, node: exp.Expr) -> tuple[date, bool] | None:
        """The day that an expression without columns comes to, and whether at its midnight."""
        node = node.unnest()
        if isinstance(node, exp.Cast | exp.TsOrDsToDate | exp.Date | exp.Timestamp):
            return self._day(node.this)
        if isinstance(node, exp.Literal) and node.is_string:
            try:
                moment = datetime.fromisoformat(node.name)
            except ValueError:
                return None
            return moment.date(), (moment.hour, moment.minute) == (0, 0)
        if isinstance(node, exp.CurrentDate):
            return self.today, True
        if isinstance(node, exp.DateTrunc | exp.TimestampTrunc):
            return self._truncated(node)
        if isinstance(node, exp.DateAdd):
            return self._moved(node.this, node.expression, node.text("unit"), 1)
        if isinstance(node, exp.Add | exp.Sub) and isinstance(node.right, exp.Interval):
            sign = 1 if isinstance(node, exp.Add) else -1
            return self._moved(node.left, node.right.this, node.right.text("unit"), sign)
        return None

    def _truncated(self, node: exp.Expr) -> tuple[date, bool] | None:
        moment, unit = self._day(node.this), node.text("unit").lower()
        if moment is None:
            return None
        day = moment[0]
        if unit in _MONTHS:
            months = _MONTHS[unit]
            return date(day.year, (day.month - 1) // months * months + 1, 1), True
        if unit == "week":
            return day - timedelta(days=day.weekday()), True
        return (day, True) if unit == "day" else None

    def _moved(
        self, start: exp.Expr, count: exp.Expr, unit: str, sign: int
    ) -> tuple[date, bool] | None:
        moment, text = self._day(start), count.unnest().sql().strip("'")
        try:
            steps = int(text.replace(" ", "")) * sign
        except ValueError:
            return None
        if moment is None:
            return None
        day, exact = moment
        unit = unit.lower().rstrip("s")
        if unit in ("day", "week"):
            return day + timedelta(days=steps * (7 if unit == "week" else 1)), exact
        if unit in _MONTHS and day.day <= 28:
            return add_months(day, steps * _MONTHS[unit]).replace(day=day.day), exact
        return None


_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_TURNED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
}


def _dated(node: exp.Expr) -> bool:
    """A bare column, or one that is only made a date."""
    node = node.unnest()
    while isinstance(node, exp.Cast | exp.TsOrDsToDate | exp.Date):
        node = node.this
    return isinstance(node, exp.Column)


def _moves_nothing(term: exp.Expr) -> bool:
    """``a.day = b.day`` or ``day IS NOT NULL``: conditions that move no bound."""
    if isinstance(term, exp.EQ):
        return isinstance(term.left, exp.Column) and isinstance(term.right, exp.Column)
    return isinstance(term, exp.Not) and isinstance(term.this, exp.Is)
