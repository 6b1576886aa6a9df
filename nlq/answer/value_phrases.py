"""How each kind of value is said: columns, literals, aggregates, calculations, windows, dates."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from nlq.answer.labels import join_words, mid_sentence
from nlq.answer.lineage import Lineage, read_here
from nlq.answer.periods import day_text
from nlq.answer.wording import DATE_TYPES, EXACT_TYPES, Phrases, Wording, fixed, midnight, phrase

_SAID = {"count", "number", "rows", "ratio"}
_UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")


def _column(w: Wording, node: exp.Expr) -> str:
    label = node.name.strip("_").replace("_", " ") or node.name
    origin = w.lineage.origin(node, w.scope)
    governed = (origin.table.name, origin.column.name) if origin else ("", "")
    if governed in w.lineage.dimension_labels:
        label = mid_sentence(w.lineage.dimension_labels[governed])
    if origin and node.name in ("ds", "dt") and node.name in origin.table.partitioned_by:
        label = f"day ({node.name})"
    unit = origin.column.unit if origin else ""
    if (
        unit
        and unit.lower() not in _SAID
        and not set(unit.lower().split()) <= set(label.lower().split())
    ):
        label += f" ({unit})"
    alias = node.text("table")
    others = [source for name, source in read_here(w.scope).items() if name != alias]
    shared = any(_may_have(w.lineage, source, node.name) for source in others)
    return f"{label} of {w.source(alias)}" if alias and (w.sources or shared) else label


def _may_have(lineage: Lineage, source: exp.Expr | Scope, name: str) -> bool:
    if isinstance(source, Scope):
        query = source.expression
        return not isinstance(query, exp.Query) or name in query.named_selects
    table = lineage.table(source)
    return table is None or table.column(name) is not None


def _literal(_: Wording, node: exp.Expr) -> str:
    if not node.args.get("is_string"):
        return f"{Decimal(node.name).normalize():f}"
    day = midnight(node)
    return day_text(day) if day else f"“{node.name}”"


_DAY_TYPES = {exp.DType.DATE, exp.DType.VARCHAR}  # the text of a day is that day
_WHOLE_TYPES = {exp.DType.BIGINT, exp.DType.INT, exp.DType.SMALLINT, exp.DType.TINYINT}


def _cast(w: Wording, node: exp.Expr) -> str:
    assert isinstance(node, exp.Cast)
    to, inner = node.to.this, node.this
    if isinstance(inner, exp.Literal) and inner.is_string:
        day = midnight(node)
        if day:
            return day_text(day) + (" 00:00" if to is exp.DType.TIMESTAMP else "")
        return inner.name if to in DATE_TYPES else ""
    if to in EXACT_TYPES:
        return w.value(inner)
    if to in _WHOLE_TYPES:
        return f"{w.operand(inner)} as a whole number"
    if to is exp.DType.DATE:
        if inner.type is not None and inner.type.this in _DAY_TYPES:
            return w.value(inner)
        return f"the day of {w.value(inner)}"
    if to in {exp.DType.VARCHAR, exp.DType.TEXT}:
        return f"{w.operand(inner)} as text"
    return f"{w.operand(inner)} as a time" if to is exp.DType.TIMESTAMP else ""


def _count(w: Wording, node: exp.Expr) -> str:
    counted = node.this
    if isinstance(counted, exp.Star | exp.Literal):
        return "the number of rows"
    if isinstance(counted, exp.Distinct):
        return f"the number of different {join_words(w.value(e) for e in counted.expressions)}"
    return f"the number of rows that have {w.value(counted)}"


def _sum(w: Wording, node: exp.Expr) -> str:
    return _conditional(w, node.this, "the sum of") or f"the sum of {w.value(node.this)}"


def _conditional(w: Wording, node: exp.Expr, what: str) -> str:
    """``sum(CASE WHEN c THEN x ELSE 0 END)``: the sum of x over the rows where c."""
    if isinstance(node, exp.Case) and not node.this and len(node.args["ifs"]) == 1:
        branch, default = node.args["ifs"][0], node.args.get("default")
        condition, value = branch.this, branch.args["true"]
    elif isinstance(node, exp.If):
        condition, value, default = node.this, node.args["true"], node.args.get("false")
    else:
        return ""
    if default is not None and not isinstance(default, exp.Null) and default.sql() != "0":
        return ""
    if value.sql() == "1":
        return f"the number of rows where {w.condition(condition)}"
    return f"{what} {w.value(value)} over the rows where {w.condition(condition)}"


def _named(phrase: str) -> Callable[[Wording, exp.Expr], str]:
    return lambda w, node: f"{phrase} {w.value(node.this)}"


def _binary(word: str) -> Callable[[Wording, exp.Expr], str]:
    return lambda w, node: f"{w.operand(node.args['this'])} {word} {w.operand(node.expression)}"


def _divided(w: Wording, node: exp.Expr) -> str:
    divisor, note = node.expression.unnest(), ""
    whole = all(
        side.type is not None and side.type.this in _WHOLE_TYPES for side in (node.this, divisor)
    )
    if isinstance(divisor, exp.Nullif) and divisor.expression.sql() == "0":
        divisor, note = divisor.this, " (empty where that is 0)"
    text = f"{w.operand(node.this)} divided by {w.operand(divisor)}{note}"
    return f"{text} (whole part only)" if whole else text


def _nullif(w: Wording, node: exp.Expr) -> str:
    return f"{w.operand(node.this)} (empty when {w.value(node.expression)})"


def _coalesce(w: Wording, node: exp.Expr) -> str:
    first, rest = node.this, node.expressions
    if len(rest) == 1 and isinstance(rest[0], exp.Literal):
        return f"{w.operand(first)} ({w.value(rest[0])} where missing)"
    return f"the first present of {join_words((w.value(e) for e in (first, *rest)), 'or')}"


def _case(w: Wording, node: exp.Expr) -> str:
    if node.this:
        return ""
    parts = [
        f"{w.value(branch.args['true'])} if {w.condition(branch.this)}"
        for branch in node.args["ifs"]
    ]
    default = node.args.get("default")
    parts.append(f"else {w.value(default)}" if default is not None else "else nothing")
    return f"({', '.join(parts)})"


def _if(w: Wording, node: exp.Expr) -> str:
    other = node.args.get("false")
    end = w.value(other) if other is not None else "nothing"
    return f"({w.value(node.args['true'])} if {w.condition(node.this)}, else {end})"


def _truncated(w: Wording, node: exp.Expr) -> str:
    unit = node.text("unit").lower()
    return f"the {unit} of {w.value(node.this)}" if unit in _UNITS else ""


def _extracted(w: Wording, node: exp.Expr) -> str:
    part = node.name.lower()
    return f"the {part} number of {w.value(node.expression)}" if part in _UNITS else ""


def _moved(w: Wording, node: exp.Expr) -> str:
    unit, count = node.text("unit").lower(), node.expression
    back = isinstance(count, exp.Neg)
    size = count.this if back else count
    if not isinstance(size, exp.Literal) or unit.rstrip("s") not in _UNITS:
        return ""
    return f"{w.operand(node.this)} {'minus' if back else 'plus'} {_steps(size.name, unit)}"


def _interval(_: Wording, node: exp.Expr) -> str:
    unit = node.text("unit").lower()
    known = isinstance(node.this, exp.Literal) and unit.rstrip("s") in _UNITS
    return _steps(node.this.name, unit) if known else ""


def _steps(count: str, unit: str) -> str:
    return f"{count} {unit.rstrip('s')}{'' if count == '1' else 's'}"


def _between_moments(w: Wording, node: exp.Expr) -> str:
    unit = node.text("unit").lower()
    if unit not in _UNITS:
        return ""
    return f"the number of {unit}s from {w.value(node.expression)} to {w.value(node.this)}"


def _quantile(w: Wording, node: exp.Expr) -> str:
    quantile = node.args["quantile"]
    if not isinstance(quantile, exp.Literal) or quantile.is_string:
        return ""
    share = float(quantile.name)
    if share == 0.5:
        return f"the approximate median of {w.value(node.this)}"
    return f"the approximate {share * 100:g}th percentile of {w.value(node.this)}"


def _filtered(w: Wording, node: exp.Expr) -> str:
    where = node.expression
    return f"{w.value(node.this)}, counting only rows where {w.condition(where.this)}"


def _rounded(w: Wording, node: exp.Expr) -> str:
    places = node.args.get("decimals")
    if places is None or places.sql() == "0":
        return f"{w.operand(node.this)} rounded to a whole number"
    return f"{w.operand(node.this)} rounded to {_steps(w.value(places), 'decimal')}"


def _window(w: Wording, node: exp.Expr) -> str:
    """An aggregate or a rank over the rows around each row."""
    spec, order = node.args.get("spec"), node.args.get("order")
    function, what = node.this, ""
    if isinstance(function, exp.RowNumber):
        what = "the row's number"
    elif isinstance(function, exp.Rank | exp.DenseRank) and not function.expressions:
        what = "the row's rank"
        what += " (without gaps)" if isinstance(function, exp.DenseRank) else ""
    elif isinstance(function, exp.Lag | exp.Lead) and not function.args.get("default"):
        rows = function.args.get("offset")
        count = rows.name if isinstance(rows, exp.Literal) else "1"
        where = "before" if isinstance(function, exp.Lag) else "after"
        what = f"{w.value(function.this)} of the row {count} {where}"
    elif isinstance(function, exp.Sum | exp.Avg | exp.Min | exp.Max | exp.Count | exp.CountIf):
        what = w.value(function)
        frame = _frame(spec) if order or spec else ""
        if frame is None:
            return ""
        what += frame
        spec = None
    if not what or spec:
        return ""
    if not order and not node.args.get("partition_by"):
        what += " over all rows"
    if node.args.get("partition_by"):
        what += f" within each {join_words(w.value(e) for e in node.args['partition_by'])}"
    if order:
        what += f", in order of {join_words(w.ordered(e) for e in order.expressions)}"
    return what


def _frame(spec: exp.Expr | None) -> str | None:
    """Which rows around a row count; None where there are no sure words for it."""
    if spec is None:
        return ", up to each row"
    start, end = spec.args.get("start"), spec.args.get("end")
    back = (spec.text("start_side") or "").upper() == "PRECEDING"
    if end != "CURRENT ROW" or not back or spec.args.get("exclude"):
        return None
    if start == "UNBOUNDED":
        return ", up to each row"
    if spec.text("kind").upper() == "ROWS" and isinstance(start, exp.Literal):
        return f", over each row and the {start.name} before it"
    return None


VALUE_PHRASES: Phrases = {
    exp.Column: phrase(_column, "table", "db", "catalog"),
    exp.Literal: phrase(_literal, "is_string"),
    exp.Paren: phrase(lambda w, node: w.value(node.this)),
    exp.Cast: phrase(_cast, "to"),
    exp.Neg: phrase(lambda w, node: f"minus {w.operand(node.this)}"),
    exp.Add: phrase(_binary("plus"), "expression"),
    exp.Sub: phrase(_binary("minus"), "expression"),
    exp.Mul: phrase(_binary("times"), "expression"),
    exp.Div: phrase(_divided, "expression", "typed", "safe"),
    exp.Mod: phrase(
        lambda w, n: f"the rest of {w.operand(n.this)} divided by {w.operand(n.expression)}",
        "expression",
    ),
    exp.Nullif: phrase(_nullif, "expression"),
    exp.Coalesce: phrase(_coalesce, "expressions"),
    exp.Case: phrase(_case, "ifs", "default"),
    exp.If: phrase(_if, "true", "false"),
    exp.Count: phrase(_count, "big_int"),
    exp.CountIf: phrase(lambda w, n: f"the number of rows where {w.condition(n.this)}"),
    exp.ApproxDistinct: phrase(_named("the approximate number of different")),
    exp.ApproxQuantile: phrase(_quantile, "quantile"),
    exp.Sum: phrase(_sum),
    exp.Avg: phrase(lambda w, n: f"the average of {w.value(n.this)}"),
    exp.Min: phrase(_named("the smallest")),
    exp.Max: phrase(_named("the largest")),
    exp.Stddev: phrase(_named("the standard deviation of")),
    exp.AnyValue: phrase(_named("any")),
    exp.ArgMax: phrase(
        lambda w, n: f"{w.value(n.this)} where {w.value(n.expression)} is largest", "expression"
    ),
    exp.ArgMin: phrase(
        lambda w, n: f"{w.value(n.this)} where {w.value(n.expression)} is smallest", "expression"
    ),
    exp.Filter: phrase(_filtered, "expression"),
    exp.Window: phrase(_window, "partition_by", "order", "spec", "over"),
    exp.Round: phrase(_rounded, "decimals"),
    exp.Abs: phrase(lambda w, node: f"{w.operand(node.this)} without its sign"),
    exp.Lower: phrase(lambda w, node: f"{w.operand(node.this)} in lower case"),
    exp.Upper: phrase(lambda w, node: f"{w.operand(node.this)} in upper case"),
    exp.TimestampTrunc: phrase(_truncated, "unit"),
    exp.DateTrunc: phrase(_truncated, "unit"),
    exp.Extract: phrase(_extracted, "expression"),
    exp.Year: phrase(_named("the year of")),
    exp.Quarter: phrase(_named("the quarter number of")),
    exp.Day: phrase(_named("the day of the month of")),
    exp.Hour: phrase(_named("the hour of")),
    exp.DayOfWeekIso: phrase(_named("the weekday (1 is Monday) of")),
    exp.Month: phrase(_named("the month number of")),
    exp.Date: phrase(_named("the day of")),
    exp.DateAdd: phrase(_moved, "expression", "unit"),
    exp.DateDiff: phrase(_between_moments, "expression", "unit"),
    exp.Interval: phrase(_interval, "unit"),
    exp.CurrentDate: fixed("today"),
    exp.CurrentTimestamp: fixed("now"),
    exp.Null: fixed("nothing"),
    exp.Boolean: phrase(lambda _, node: "true" if node.this else "false"),
}
