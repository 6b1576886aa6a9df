"""Reasons to be careful, each found where it is and not where it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from nlq.answer.covered import covered_by
from nlq.answer.double_counting import double_counted, mixed_currencies
from nlq.answer.lineage import Lineage
from nlq.answer.shape import shape_of
from nlq.answer.tables import table_states
from nlq.answer.warnings import result_warnings, table_warnings
from nlq.catalog.catalog import Catalog
from nlq.types import Clock, QueryResult

LineageOf = Callable[[str], Lineage]
JOINED = (
    "FROM lake.finance.invoices i JOIN lake.finance.invoice_lines l ON l.invoice_id = i.invoice_id"
)


def test_a_sum_over_rows_that_a_join_repeats(lineage_of: LineageOf) -> None:
    risky = lineage_of(f"SELECT sum(i.total_amount) AS s {JOINED}")
    assert list(double_counted(risky)) == [
        "Rows of finance.invoices may be counted more than once: one of them can join several "
        "rows of finance.invoice_lines."
    ]
    written_with_commas = lineage_of(
        "SELECT count(i.invoice_id) AS n FROM lake.finance.invoices i, "
        "lake.finance.invoice_lines l WHERE l.invoice_id = i.invoice_id"
    )
    assert len(list(double_counted(written_with_commas))) == 1


def test_joins_that_repeat_nothing_that_is_summed(lineage_of: LineageOf) -> None:
    for sql in (
        f"SELECT sum(l.line_usd) AS s {JOINED}",
        f"SELECT count(DISTINCT i.invoice_id) AS n {JOINED}",
        f"SELECT max(i.total_amount) AS m {JOINED}",
        f"SELECT count(*) AS n {JOINED}",
        f"SELECT sum(i.total_amount) AS s {JOINED} AND l.line_no = i.account_id",
        "SELECT sum(r.amount_cents) AS c FROM lake.finance.revenue_daily r "
        "JOIN lake.crm.accounts a ON a.id = r.account_id",
        "SELECT sum(i.total_amount) AS s FROM lake.finance.invoices i JOIN (SELECT invoice_id, "
        "sum(line_usd) AS u FROM lake.finance.invoice_lines GROUP BY 1) l "
        "ON l.invoice_id = i.invoice_id",
    ):
        assert list(double_counted(lineage_of(sql))) == [], sql


def test_currencies_are_not_added_up_unnoticed(lineage_of: LineageOf) -> None:
    invoices = "FROM lake.finance.invoices"
    mixed = list(mixed_currencies(lineage_of(f"SELECT sum(total_amount) AS s {invoices}")))
    assert mixed == [
        "total_amount of finance.invoices is in several currencies, which are added up here as "
        "if they were one."
    ]
    for sql in (
        f"SELECT currency, sum(total_amount) AS s {invoices} GROUP BY currency",
        f"SELECT sum(total_amount) AS s {invoices} WHERE currency = 'EUR'",
        f"SELECT count(total_amount) AS n {invoices}",
        "SELECT sum(line_usd) AS s FROM lake.finance.invoice_lines",
    ):
        assert list(mixed_currencies(lineage_of(sql))) == [], sql


def warned(
    sql: str, result: QueryResult, tables: tuple[str, ...], lineage: Lineage, clock: Clock
) -> list[str]:
    covered = covered_by(lineage, None, clock.today)
    states = table_states(tables, lineage.catalog, clock)
    shape = shape_of(result, None, aggregated=True)
    return [
        *table_warnings(states, lineage.catalog, covered),
        *result_warnings(lineage, result, shape, covered, clock, states),
    ]


def test_unfinished_periods(
    lineage_of: LineageOf, make_result: Callable[..., QueryResult], clock: Clock
) -> None:
    table = "lake.finance.revenue_daily"
    sql = f"SELECT ds AS month, sum(messages) AS messages FROM {table} GROUP BY 1"
    columns = "month date; messages bigint"
    running = make_result(columns, (date(2026, 5, 1), 4), (date(2026, 6, 1), 3))
    assert warned(sql, running, (table,), lineage_of(sql), clock) == [
        "The last period, June 2026, is not complete: it has data through 29 Jun 2026."
    ]
    over = make_result(columns, (date(2026, 4, 1), 4), (date(2026, 5, 1), 3))
    assert warned(sql, over, (table,), lineage_of(sql), clock) == []


def test_dates_that_the_data_does_not_reach(
    lineage_of: LineageOf, make_result: Callable[..., QueryResult], clock: Clock
) -> None:
    table = "lake.finance.revenue_daily"
    total = make_result("messages bigint", (4,))
    sql = f"SELECT sum(messages) AS messages FROM {table} WHERE ds >= '2026-04-01' AND ds < '{{}}'"
    late, over = sql.format("2026-07-01"), sql.format("2026-06-30")
    assert warned(late, total, (table,), lineage_of(late), clock) == [
        "finance.revenue_daily has whole days only through 29 Jun 2026, and the dates asked for "
        "run to 30 Jun 2026."
    ]
    assert warned(over, total, (table,), lineage_of(over), clock) == []
    calls = "SELECT count(*) AS n FROM lake.events.calls WHERE year(started_at) = 2026"
    assert warned(calls, make_result("n bigint", (4,)), (), lineage_of(calls), clock) == [
        "The period asked for is not over: it runs to 31 Dec 2026, and today is 30 Jun 2026."
    ]


def test_copies_that_are_not_to_be_used(
    catalog: Catalog, clock: Clock, lineage_of: LineageOf
) -> None:
    states = table_states(("lake.finance.revenue_old", "lake.events.calls"), catalog, clock)
    covered = covered_by(lineage_of("SELECT 1 AS one"), None, clock.today)
    assert table_warnings(states, catalog, covered) == (
        "finance.revenue_old is deprecated; use lake.finance.revenue_daily instead.",
        "events.calls is a staging copy: its numbers are not final.",
    )


def test_many_empty_values(
    lineage_of: LineageOf, make_result: Callable[..., QueryResult], clock: Clock
) -> None:
    sql = "SELECT segment, count(*) AS n FROM lake.crm.accounts GROUP BY 1"
    columns = "segment varchar; n bigint"
    some = make_result(columns, (None, 1), ("a", 1), ("b", 1), ("c", None))
    assert warned(sql, some, (), lineage_of(sql), clock) == [
        "1 of 4 rows have no value for segment (shown as \N{EN DASH}).",
        "1 of 4 rows have no value for n (shown as \N{EN DASH}).",
    ]
    few = make_result(columns, (None, 1), *((str(n), 1) for n in range(9)))
    assert warned(sql, few, (), lineage_of(sql), clock) == []
