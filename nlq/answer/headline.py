"""One sentence that answers, made from the result's shape by rule; it always states its dates.

Every number in it is a value of the result, formatted; ``nlq.answer.numbers`` checks that again.
"""

from __future__ import annotations

from datetime import date

from nlq.answer.covered import Span
from nlq.answer.formats import format_short, is_number
from nlq.answer.labels import is_plural, mid_sentence, sentence_case
from nlq.answer.periods import add_months, day_text
from nlq.answer.shape import Comparison, day_of
from nlq.answer.told import Row, Told
from nlq.types import MetricPlan


def headline(told: Told) -> str:
    """The sentence, by the shape of the result."""
    match told.shape.kind:
        case "empty":
            return _empty(told)
        case "value":
            return _value(told)
        case "series":
            return _series(told)
        case "breakdown":
            return _breakdown(told)
        case "series_breakdown":
            return _series_breakdown(told)
        case "list":
            return plain(told)


def plain(told: Told) -> str:
    """A sentence without any number but the count of rows."""
    count = len(told.result.rows)
    if not count:
        return _empty(told)
    rows = "1 row" if count == 1 else f"{count:,} rows"
    when = _when(told)
    if told.result.truncated:
        return f"The first {rows} of more{told.scope} are shown, {when}."
    if told.limit is not None and count == told.limit and count > 1:
        return f"The first {rows}{told.scope} are shown, {when}."
    return f"{sentence_case(rows)} {'matches' if count == 1 else 'match'}{told.scope}, {when}."


def _empty(told: Told) -> str:
    what = ""
    if told.shape.measures and told.plan:
        what = f" for {mid_sentence(told.label(told.shape.measures[0]))}"
    return f"No rows match{what}{told.scope}, {_when(told)}."


def _value(told: Told) -> str:
    row = told.result.rows[0]
    first = told.shape.measures[0]
    if compared := told.shape.comparison(first):
        return _compared(told, row, compared)
    names = [column.name for column in told.result.columns]
    if told.part and told.plan and f"{told.plan.metrics[0]}_total" in names:
        return _part_of_whole(told, row, names, told.plan.metrics[0])
    parts = []
    for number, index in enumerate(told.shape.measures[:3]):
        label = told.label(index)
        subject = sentence_case(label) + told.scope if number == 0 else mid_sentence(label)
        verb = f" {'were' if is_plural(label) else 'was'}" if number == 0 else ""
        parts.append(f"{subject}{verb} {told.short(row, index)}")
    return f"{_joined(parts)} {_when(told)}."


def _part_of_whole(told: Told, row: Row, names: list[str], metric: str) -> str:
    share, part, whole = (names.index(metric + end) for end in ("_share", "", "_total"))
    label = mid_sentence(told.label(part))
    return (
        f"The share of {label}{told.scope} that is{told.part} was {told.short(row, share)} "
        f"{_when(told)}: {told.short(row, part)} of {told.short(row, whole)}."
    )


def _compared(told: Told, row: Row, columns: Comparison, who: str = "") -> str:
    label, now, before = told.label(columns.now), row[columns.now], row[columns.before]
    subject = sentence_case(label) + (who or told.scope)
    when, earlier = _when(told), _earlier(told)
    verb = "were" if is_plural(label) else "was"
    if not is_number(now) or not is_number(before):
        return (
            f"{subject} {verb} {told.short(row, columns.now)} {when} "
            f"({earlier}: {told.short(row, columns.before)})."
        )
    if now == before:
        return f"{subject} {verb} unchanged at {told.short(row, columns.now)} {when}, as {earlier}."
    percent = told.units.get(told.result.columns[columns.now].name) == "percent"
    change = row[columns.change]
    word = _direction(now > before, grew=not percent)
    # A percentage of a percentage misleads: rates are told by their two values alone.
    by = "" if percent or not is_number(change) else f" {_size(change)}"
    return (
        f"{subject} {word}{by} to {told.short(row, columns.now)} {when}, "
        f"from {told.short(row, columns.before)} {earlier}."
    )


def _series(told: Told) -> str:
    time, measure = told.shape.times[0], told.shape.measures[0]
    rows = [r for r in told.result.rows if day_of(r[time]) and is_number(r[measure])]
    rows.sort(key=lambda r: day_of(r[time]) or date.min)
    if not rows:
        return plain(told)
    label = sentence_case(told.label(measure)) + told.scope
    verb = "were" if is_plural(told.label(measure)) else "was"
    last = rows[-1]
    compared = told.shape.comparison(measure)
    if compared:
        told_last = f"{told.short(last, measure)} {_in(told.period(last))}"
        return f"{label} {verb} {told_last}{_than(told, last, compared)}."
    if len(rows) == 1:
        return f"{label} {verb} {told.short(last, measure)} {_in(told.period(last))}."
    if told.ranked:
        best = told.result.rows[0]
        extreme = "lowest" if told.ascending else "highest"
        return f"{label} {verb} {extreme} {_in(told.period(best))}, at {told.short(best, measure)}."
    first = rows[0]
    ends = (
        f"from {told.short(first, measure)} {_in(told.period(first))} "
        f"to {told.short(last, measure)} {_in(told.period(last))}"
    )
    start, end = first[measure], last[measure]
    word = "went" if start == end else _direction(_exceeds(end, start), grew=False)
    peak = max(rows, key=lambda r: _key(r[measure]))
    low = min(rows, key=lambda r: _key(r[measure]))
    extra = ""
    if peak not in (first, last):
        extra = f", with a peak of {told.short(peak, measure)} {_in(told.period(peak))}"
    elif low not in (first, last):
        extra = f", with a low of {told.short(low, measure)} {_in(told.period(low))}"
    return f"{label} {word} {ends}{extra}."


def _breakdown(told: Told) -> str:
    measure = told.shape.measures[0]
    rows = [r for r in told.result.rows if is_number(r[measure])]
    if not rows:
        return plain(told)
    label, when = mid_sentence(told.label(measure)) + told.scope, _when(told)
    if len(rows) == 1:
        verb = "were" if is_plural(told.label(measure)) else "was"
        who = f"{told.scope} for {told.category(rows[0])}"
        if compared := told.shape.comparison(measure):
            return _compared(told, rows[0], compared, who)
        subject = sentence_case(told.label(measure)) + who
        return f"{subject} {verb} {told.short(rows[0], measure)} {when}."
    ranked = sorted(rows, key=lambda r: _key(r[measure]), reverse=not told.ascending)
    best, second = ranked[0], ranked[1]
    extreme = "lowest" if told.ascending else "highest"
    among = "" if _complete(told) else f" of the {len(told.result.rows):,} shown"
    share = _share(told, best)
    compared = told.shape.comparison(measure)
    tail = (
        _than(told, best, compared)
        if compared
        else f", followed by {told.category(second)} with {told.short(second, measure)}"
    )
    return (
        f"{told.category(best, starts=True)} had the {extreme} {label}{among} {when}: "
        f"{told.short(best, measure)}{share}{tail}."
    )


def _series_breakdown(told: Told) -> str:
    time, measure = told.shape.times[0], told.shape.measures[0]
    rows = [r for r in told.result.rows if day_of(r[time]) and is_number(r[measure])]
    if not rows or told.result.truncated:
        return plain(told)
    latest = max(day_of(r[time]) or date.min for r in rows)
    final = [r for r in rows if day_of(r[time]) == latest]
    best = max(final, key=lambda r: _key(r[measure]))
    label = mid_sentence(told.label(measure)) + told.scope
    if len({r[i] for r in rows for i in told.shape.categories}) == 1 or len(final) == 1:
        return plain(told)
    return (
        f"{told.category(best, starts=True)} had the highest {label} "
        f"{_in(told.period(best))}, the latest shown: {told.short(best, measure)}."
    )


def _than(told: Told, row: Row, columns: Comparison) -> str:
    """`` , 14.2% more than ...``: how a value compares with that of the period before."""
    now, before, change = row[columns.now], row[columns.before], row[columns.change]
    step = told.plan.comparison if told.plan else None
    earlier = "a year earlier" if step == "previous_year" else "in the period before"
    if told.shape.kind == "breakdown":
        earlier = _earlier(told)
    if not is_number(now) or not is_number(before):
        return ""
    percent = told.units.get(told.result.columns[columns.now].name) == "percent"
    if percent or not is_number(change) or now == before:
        return f", against {told.short(row, columns.before)} {earlier}"
    return f", {_size(change)} {'more' if now > before else 'less'} than {earlier}"


def _when(told: Told) -> str:
    """The dates that the numbers are of, as the end of a sentence."""
    span = told.covered.single
    fiscal = told.clock.fiscal_start_month
    if span and (text := span.text(fiscal)):
        return _in(text)
    if not told.covered.sure:
        return f"as of {day_text(told.clock.today)}, for the dates described below"
    bounded = [s for s in told.covered.spans if s.start or s.end]
    if bounded and len(bounded) < len(told.covered.spans):
        return f"as of {day_text(told.clock.today)}, for the dates described below"
    if bounded:
        starts, ends = [s.start for s in bounded], [s.end for s in bounded]
        if None not in starts and None not in ends:
            whole = Span(
                min(s for s in starts if s is not None), max(e for e in ends if e is not None)
            )
            return f"within {whole.text(fiscal)}"
    if told.covered.timed:
        return f"over all dates up to {day_text(told.clock.today)}"
    return f"as of {day_text(told.clock.today)}"


def _earlier(told: Told) -> str:
    """The period that a comparison is with, as the end of a sentence."""
    plan = told.plan
    if plan is None or plan.start is None or plan.end is None:
        return "in the period before"
    earlier = previous_span(plan)
    return _in(earlier.text(told.clock.fiscal_start_month))


def previous_span(plan: MetricPlan) -> Span:
    """The range that a plan's comparison sets beside its own; needs both of its bounds."""
    assert plan.start is not None
    assert plan.end is not None
    start, end = plan.start, plan.end
    if plan.comparison == "previous_year":
        return Span(_year_before(start), _year_before(end))
    if start.day == 1 and end.day == 1:
        months = (end.year - start.year) * 12 + end.month - start.month
        return Span(add_months(start, -months), start)
    return Span(start - (end - start), start)


def _year_before(day: date) -> date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28) if leap else day.replace(year=day.year - 1)


def _in(period: str) -> str:
    if period.startswith(("since ", "until ")):
        return period
    if " to " in period and "(" not in period:
        return f"from {period}"
    return f"on {period}" if period[:1].isdigit() and " " in period else f"in {period}"


def _complete(told: Told) -> bool:
    """Whether the best row shown is the best of all, not just of some rows."""
    if told.result.truncated:
        return False
    return told.limit is None or len(told.result.rows) < told.limit or told.ranked


def _share(told: Told, row: Row) -> str:
    for index in told.shape.measures[1:]:
        name = told.result.columns[index].name
        if "share" in name and told.units.get(name) == "percent":
            return f" ({told.short(row, index)} of the total)"
    return ""


def _direction(up: bool, *, grew: bool) -> str:
    if grew:
        return "grew" if up else "fell"
    return "rose" if up else "fell"


def _size(change: object) -> str:
    return format_short(abs(change), "percent") if is_number(change) else ""


def _exceeds(left: object, right: object) -> bool:
    return is_number(left) and is_number(right) and _key(left) > _key(right)


def _key(value: object) -> float:
    return float(value) if is_number(value) else float("-inf")


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
