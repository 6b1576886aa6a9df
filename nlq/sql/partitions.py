"""The rule on partition filters: a table that demands one is not scanned whole.

Every scan of such a table must have, in its own SELECT, a condition that pins a partition column to
values or to a range with a known start (and no longer than the policy allows). A condition that
always holds, or that an OR makes optional, does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.errors import GuardRefused
from nlq.sql.joins import conjuncts
from nlq.sql.limits import Limits
from nlq.sql.values import Moment, moment, parse_day, whole_number
from nlq.types import TableDoc

_Key = tuple[str, str]
_FLIPPED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
}
# What may stand around the column without losing which days it means.
_WRAPPERS = (
    exp.Cast,
    exp.TryCast,
    exp.Paren,
    exp.Date,
    exp.TsOrDsToDate,
    exp.TimestampTrunc,
    exp.DateTrunc,
    exp.StrToTime,
    exp.FromISO8601Date,
)


@dataclass(frozen=True, slots=True)
class _Span:
    """What a condition leaves of a column: ``points`` values, or days from ``start`` to ``end``."""

    points: int = 0
    start: Moment | None = None
    end: Moment | None = None


def check_partitions(scope: Scope, name: str, doc: TableDoc, limits: Limits) -> None:
    """Refuse the scan of ``doc`` as source ``name`` where nothing restricts its partitions."""
    if not doc.partition_filter_required or not doc.partitioned_by:
        return
    conditions = list(_conditions(scope, name))
    equal = list(_equalities(scope))
    for column in doc.partitioned_by:
        span = _both(_span(c, key) for key in _same(equal, (name, column)) for c in conditions)
        if span is None:
            continue
        if span.points:
            return
        if span.start is not None:
            _check_length(span, column, doc, limits)
            return
    column = doc.partitioned_by[0]
    raise GuardRefused(
        "partition-filter",
        f"{doc.name} is too big to read whole: its partition column {column} must be restricted "
        "where the table is read.",
        hint=f"Add {name}.{column} >= '2026-01-01' AND {name}.{column} < '2026-02-01' with the "
        "dates that you need.",
    )


def days_read(scope: Scope, name: str, doc: TableDoc) -> int | None:
    """How many days of ``doc`` its partition conditions leave as source ``name`` of ``scope``.

    At most as many as it names, where it names them; None where there is no such condition, or no
    end is told.
    """
    conditions, equal = list(_conditions(scope, name)), list(_equalities(scope))
    for column in doc.partitioned_by:
        span = _both(_span(c, key) for key in _same(equal, (name, column)) for c in conditions)
        if span is not None and (days := span.points or _length(span, doc)) is not None:
            return days
    return None


def _check_length(span: _Span, column: str, doc: TableDoc, limits: Limits) -> None:
    most, days = limits.max_partition_days, _length(span, doc)
    if most is not None and days is not None and days > most:
        raise GuardRefused(
            "partition-span",
            f"The condition on {column} of {doc.name} spans {days:,} days; "
            f"at most {most:,} are allowed.",
            hint="Ask for a shorter time.",
        )


def _length(span: _Span, doc: TableDoc) -> int | None:
    """Days from the start of a span to its end, or to the last day of the table."""
    start, end = span.start, span.end
    through = doc.freshness.complete_through
    if end is None and through is not None:
        end = Moment(through.toordinal() + 1)
    if start is None:
        return None
    if start.relative:
        start, end = Moment(start.days), Moment(end.days if end and end.relative else 0)
    return end.days - start.days if end is not None and not end.relative else None


def _conditions(scope: Scope, name: str) -> Iterator[exp.Expr]:
    """Conditions that every row read from source ``name`` must meet to matter."""
    where = scope.expression.args.get("where")
    yield from conjuncts(where.this if where else None)
    for join in scope.find_all(exp.Join):
        joined = join.alias_or_name == name
        side = join.side.upper()
        if side in {"", "INNER"} or (side == "LEFT" and joined) or (side == "RIGHT" and not joined):
            yield from conjuncts(join.args.get("on"))


def _equalities(scope: Scope) -> Iterator[tuple[_Key, _Key]]:
    where = scope.expression.args.get("where")
    conditions = [where.this] if where else []
    conditions += [j.args.get("on") for j in scope.find_all(exp.Join) if j.side.upper() != "FULL"]
    for condition in conditions:
        for part in conjuncts(condition):
            left, right = part.args.get("this"), part.args.get("expression")
            if (
                isinstance(part, exp.EQ)
                and isinstance(left, exp.Column)
                and isinstance(right, exp.Column)
            ):
                yield (left.table, left.name), (right.table, right.name)


def _same(equal: list[tuple[_Key, _Key]], key: _Key) -> set[_Key]:
    """The columns that equal this one, which the engine restricts along with it."""
    same = {key}
    while True:
        more = {k for pair in equal if same & set(pair) for k in pair}
        if more <= same:
            return same
        same |= more


def _both(spans: Iterator[_Span | None]) -> _Span | None:
    """All conditions hold: the latest start and the earliest end."""
    known = [span for span in spans if span is not None]
    if not known:
        return None
    starts = [s.start for s in known if s.start]
    ends = [s.end for s in known if s.end]
    return _Span(
        points=min((s.points for s in known if s.points), default=0),
        start=max(starts, key=lambda m: (m.relative, m.days), default=None),
        end=min(ends, key=lambda m: (not m.relative, m.days), default=None),
    )


def _either(spans: list[_Span | None]) -> _Span | None:
    """One of the conditions holds: each must restrict, and the widest of all counts."""
    known = [span for span in spans if span is not None]
    if len(known) < len(spans):
        return None
    if all(s.points for s in known):
        return _Span(points=sum(s.points for s in known))
    ranges = [s for s in known if not s.points]
    if any(s.start is None for s in ranges) or len({_kind(s) for s in ranges}) > 1:
        return None
    ends = [s.end for s in ranges]
    return _Span(
        start=min((s.start for s in ranges if s.start), key=lambda m: m.days),
        end=None if None in ends else max((e for e in ends if e), key=lambda m: m.days),
    )


def _kind(span: _Span) -> tuple[bool, bool]:
    return bool(span.start and span.start.relative), bool(span.end and span.end.relative)


def _span(node: exp.Expr, key: _Key) -> _Span | None:
    """What one condition leaves of the column, or None where it leaves everything."""
    if isinstance(node, exp.Paren | exp.And):
        return _both(_span(part, key) for part in conjuncts(node))
    if isinstance(node, exp.Or):
        return _either([_span(part.unnest(), key) for part in node.flatten()])
    if isinstance(node, exp.Between) and _is_column(node.this, key):
        start, end = moment(node.args["low"]), moment(node.args["high"])
        return _Span(start=start, end=end) if start and end else None
    if isinstance(node, exp.In) and _is_column(node.this, key):
        values = node.expressions
        listed = bool(values) and all(_is_value(v) for v in values)
        return _Span(points=len(values)) if listed else None
    if isinstance(node, exp.Like) and _is_column(node.this, key):
        return _prefix(node.expression)
    for kind, flipped in _FLIPPED.items():
        if type(node) is kind:
            if found := _compared(kind, node.this, node.expression, key):
                return found
            return _compared(flipped, node.expression, node.this, key)
    return None


def _compared(kind: type[exp.Expr], left: exp.Expr, right: exp.Expr, key: _Key) -> _Span | None:
    if kind is exp.EQ and isinstance(left, exp.Year) and _is_column(left.this, key):
        year = whole_number(right)
        return _days(f"{year}-01-01", f"{year}-12-31") if year else None
    if not _is_column(left, key):
        return None
    value = moment(right)
    if kind is exp.EQ:
        if isinstance(left, exp.TimestampTrunc | exp.DateTrunc) and value:
            return _Span(start=value, end=Moment(value.days + 366, value.relative))
        return _Span(points=1) if value or _is_value(right) else None
    if value is None:
        return None
    return _Span(start=value) if kind in {exp.GT, exp.GTE} else _Span(end=value)


def _is_value(node: exp.Expr) -> bool:
    """A literal, or a subquery of one value (whose own scans are checked as all are)."""
    if isinstance(node, exp.Subquery):
        return not any(c for c in node.find_all(exp.Column) if not c.table)
    return isinstance(node.unnest(), exp.Literal) or moment(node) is not None


def _is_column(node: exp.Expr, key: _Key) -> bool:
    while isinstance(node, _WRAPPERS):
        node = node.this
    return isinstance(node, exp.Column) and (node.table, node.name.lower()) == key


def _prefix(pattern: exp.Expr) -> _Span | None:
    """``LIKE '2026-05%'``: the days that begin so."""
    if not isinstance(pattern, exp.Literal):
        return None
    head = pattern.name.partition("%")[0].replace("-", "")
    if "_" in head or not head.isdigit():
        return None
    if len(head) == 4:
        return _days(f"{head}-01-01", f"{head}-12-31")
    if len(head) == 6:
        return _days(f"{head}01", f"{head}28")
    return _Span(points=1) if len(head) == 8 else None


def _days(start: str, end: str) -> _Span | None:
    first, last = parse_day(start), parse_day(end)
    if first is None or last is None:
        return None
    return _Span(start=Moment(first.toordinal()), end=Moment(last.toordinal()))
