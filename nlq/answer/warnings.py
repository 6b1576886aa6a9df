"""Reasons to be careful with an answer, found by rule: in its tables, its query and its result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from nlq.answer.covered import Covered
from nlq.answer.double_counting import double_counted, mixed_currencies
from nlq.answer.formats import MISSING, format_bytes
from nlq.answer.labels import join_words
from nlq.answer.lineage import Lineage
from nlq.answer.periods import day_text, period_end, period_text
from nlq.answer.shape import Shape, day_of
from nlq.catalog.catalog import Catalog
from nlq.types import Clock, Confidence, Estimate, QueryResult, TableState

_DAY = timedelta(days=1)
_MANY_NULLS = 0.2
_LARGE_READ = 100 * 10**9


def table_warnings(
    tables: Iterable[TableState], catalog: Catalog, covered: Covered
) -> tuple[str, ...]:
    """Late tables, failing checks, deprecated and staging copies, days that are not there yet."""
    return tuple(text for table in tables for text in _of_table(table, catalog, covered))


def result_warnings(
    lineage: Lineage,
    result: QueryResult,
    shape: Shape,
    covered: Covered,
    clock: Clock,
    tables: Iterable[TableState],
) -> tuple[str, ...]:
    """Unfinished periods, rows counted twice, mixed currencies, many empty values, cut results."""
    found = [*double_counted(lineage), *mixed_currencies(lineage)]
    found += _unfinished(result, shape, covered, clock, tables)
    found += _nulls(result, shape)
    if result.truncated:
        found.append(
            f"The result was cut off after {len(result.rows):,} rows; there is more in the lake."
        )
    return tuple(dict.fromkeys(found))


def doubt_warnings(confidence: Confidence | None, *, offers_others: bool) -> tuple[str, ...]:
    """Where the model was unsure of its query and no other draft came to the same result."""
    if confidence != "alone":
        return ()
    look = "look at how it is computed before you use it"
    other = ", or choose another reading" if offers_others else ""
    return (f"Several drafts of this query disagree: {look}{other}.",)


def lost_warnings(lost: Sequence[str]) -> tuple[str, ...]:
    """Where the query has nothing of an amount or a text that the question gives."""
    if not lost:
        return ()
    said = join_words(f"\u201c{text}\u201d" for text in lost)
    return (f"The query has nothing that stands for {said} of the question.",)


def cost_warnings(estimate: Estimate | None) -> tuple[str, ...]:
    """A read so large that the person should think of a smaller one."""
    size = estimate.size_bytes if estimate else None
    if size is None or size < _LARGE_READ:
        return ()
    return (f"This read about {format_bytes(size)}; a shorter time would be quicker and cheaper.",)


def _of_table(table: TableState, catalog: Catalog, covered: Covered) -> Iterator[str]:
    name = table.name.split(".", 1)[1]
    if table.late_by_hours:
        yield (
            f"{name} is late: its data is {table.late_by_hours:,.0f} h past the promised "
            f"{table.sla_hours:g} h."
        )
    for check in table.failing_checks:
        yield f"A quality check of {name} is failing: {check}."
    if table.certification == "deprecated":
        doc = catalog.tables.get(table.name)
        instead = f"; use {doc.replaced_by} instead" if doc and doc.replaced_by else ""
        yield f"{name} is deprecated{instead}."
    if table.certification == "staging":
        yield f"{name} is a staging copy: its numbers are not final."
    through, end = table.complete_through, covered.last_end
    if through and end and through < end - _DAY:
        yield (
            f"{name} has whole days only through {day_text(through)}, and the dates asked for run "
            f"to {day_text(end - _DAY)}."
        )


def _unfinished(
    result: QueryResult,
    shape: Shape,
    covered: Covered,
    clock: Clock,
    tables: Iterable[TableState],
) -> Iterator[str]:
    """The last period of a series, or the whole range, is still going on."""
    through = [t.complete_through for t in tables if t.complete_through]
    known = min([clock.today - _DAY, *through])
    if shape.times and shape.grain:
        days = [d for row in result.rows if (d := day_of(row[shape.times[0]]))]
        if not days:
            return
        last = max(days)
        if period_end(last, shape.grain) - _DAY > known >= last - _DAY * 400:
            period = period_text(last, shape.grain, clock.fiscal_start_month)
            yield (
                f"The last period, {period}, is not complete: it has data through "
                f"{day_text(known)}."
            )
        return
    end = covered.last_end
    told = end is not None and any(day < end - _DAY for day in through)
    if end and end > clock.today and not told and shape.kind != "list":
        yield (
            f"The period asked for is not over: it runs to {day_text(end - _DAY)}, and today is "
            f"{day_text(clock.today)}."
        )


def _nulls(result: QueryResult, shape: Shape) -> Iterator[str]:
    count = len(result.rows)
    for index in (*shape.categories, *shape.measures) if count > 1 else ():
        empty = sum(row[index] is None for row in result.rows)
        if empty > count * _MANY_NULLS:
            name = result.columns[index].name
            yield f"{empty:,} of {count:,} rows have no value for {name} (shown as {MISSING})."
