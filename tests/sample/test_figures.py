"""The figures of different tables agree with each other, and the copies that should not do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Sql = Callable[[str], list[tuple[Any, ...]]]

REAL = "SELECT account_id FROM product.accounts WHERE NOT is_test"

EVENTS = {
    "SMS": ("messages", "msg_cnt", "e.prd_cd = 'SMS' AND e.status <> 'F'", "ds"),
    "WA": ("messages", "msg_cnt", "e.prd_cd = 'WA' AND e.status <> 'F'", "ds"),
    "VOI": ("calls", "bill_min", "true", "ds"),
    "VER": ("verifications", "ver_cnt", "outcome_cd <> 'B'", "ds"),
    "EML": ("emails", "email_cnt", "true", "sent_date"),
}


@pytest.mark.parametrize("product", EVENTS)
def test_daily_usage_is_what_the_events_add_up_to(product: str, sql: Sql) -> None:
    table, count, billed, day = EVENTS[product]
    differing = sql(f"""
        WITH events AS (
            SELECT CAST({day} AS DATE) AS usage_date, account_id, sum({count}) AS units
            FROM events.{table} e JOIN product.accounts a ON a.account_sid = e.acct_sid
            WHERE {billed} AND NOT a.is_test GROUP BY 1, 2 HAVING sum({count}) > 0
        ), usage AS (SELECT * FROM curated.daily_usage WHERE prd_cd = '{product}')
        SELECT * FROM events FULL JOIN usage USING (usage_date, account_id)
        WHERE events.units IS DISTINCT FROM usage.units LIMIT 3""")
    assert differing == []
    assert sql(f"SELECT count(*) > 100 FROM curated.daily_usage WHERE prd_cd = '{product}'") == [
        (True,)
    ]


def test_usage_is_worth_its_units_at_list_price_less_discount(sql: Sql) -> None:
    assert sql("""
        SELECT * FROM (
            SELECT u.*, (u.units * p.price_usd_micros
                * (10000 - CAST(coalesce(c.discount_pct, 0) * 100 AS BIGINT)) + 50000000)
                // 100000000 AS expected
            FROM curated.daily_usage u
            JOIN product.accounts a USING (account_id)
            LEFT JOIN crm.contracts c USING (account_id)
            LEFT JOIN product.price_list p ON p.prd_cd = u.prd_cd AND p.plan_cd = a.plan_cd
                AND u.usage_date >= p.valid_from
                AND u.usage_date <= coalesce(p.valid_to, DATE '9999-01-01'))
        WHERE expected IS DISTINCT FROM usage_amt_usd_c LIMIT 3""") == []  # fmt: skip


def test_carrier_cost_is_that_of_the_events(sql: Sql) -> None:
    ((events, usage),) = sql(f"""
        SELECT (SELECT sum(cost_usd_micros) / 10000 FROM events.calls e
                JOIN product.accounts a ON a.account_sid = e.acct_sid WHERE NOT a.is_test),
               (SELECT sum(carrier_cost_usd_c) FROM curated.daily_usage
                WHERE prd_cd = 'VOI' AND account_id IN ({REAL}))""")
    assert usage == pytest.approx(events, rel=1e-3)


def test_usage_revenue_is_daily_usage_by_month(sql: Sql) -> None:
    assert sql("""
        SELECT * FROM (
            SELECT date_trunc('month', usage_date) AS m, account_id, prd_cd,
                sum(usage_amt_usd_c) AS amount, sum(units) AS units
            FROM curated.daily_usage GROUP BY ALL HAVING sum(usage_amt_usd_c) > 0) u
        FULL JOIN (SELECT * FROM finance.revenue_lines WHERE rev_type = 'U') r
            ON r.rev_month = u.m AND r.account_id = u.account_id AND r.prd_cd = u.prd_cd
        WHERE r.amt_usd_c IS DISTINCT FROM u.amount OR r.qty IS DISTINCT FROM u.units
        LIMIT 3""") == []  # fmt: skip


def test_account_months_add_up_to_the_revenue_lines(sql: Sql) -> None:
    assert (
        sql("""
        WITH l AS (SELECT rev_month, sum(amt_usd_c) AS c FROM finance.revenue_lines GROUP BY 1),
             m AS (SELECT month_start, sum(revenue_usd_c) AS c
                   FROM curated.account_month GROUP BY 1)
        SELECT * FROM l FULL JOIN m ON l.rev_month = m.month_start
        WHERE l.c IS DISTINCT FROM m.c""")
        == []
    )
    assert sql("SELECT count(DISTINCT month_start) FROM curated.account_month") == [(31,)]


def test_only_the_open_month_is_accrued(sql: Sql) -> None:
    assert sql("""SELECT status, min(rev_month)::varchar, max(rev_month)::varchar
        FROM finance.revenue_lines GROUP BY 1 ORDER BY 1""") == [
        ("A", "2026-07-01", "2026-07-01"),
        ("P", "2024-01-01", "2026-06-01"),
    ]  # fmt: skip


def test_recurring_revenue_is_the_plans_fees(sql: Sql) -> None:
    assert (
        sql("""
        SELECT * FROM finance.revenue_lines r JOIN product.accounts a USING (account_id)
        JOIN product.plans p USING (plan_cd)
        WHERE r.status = 'P' AND (
            (r.prd_cd = 'PLT' AND r.amt_usd_c <> p.platform_fee_usd_c)
            OR (r.prd_cd = 'SUP' AND r.amt_usd_c <> p.support_fee_usd_c)) LIMIT 3""")
        == []
    )


def test_number_rent_is_that_of_the_rented_numbers(sql: Sql) -> None:
    assert (
        sql("""
        WITH owed AS (
            SELECT m.rev_month, n.account_id, sum(n.monthly_fee_usd_c) AS c, count(*) AS numbers
            FROM product.phone_numbers n
            JOIN (SELECT DISTINCT rev_month FROM finance.revenue_lines WHERE status = 'P') m
                ON n.acquired_date < m.rev_month + INTERVAL 1 MONTH
                AND (n.released_date IS NULL OR n.released_date > m.rev_month)
            GROUP BY ALL)
        SELECT * FROM finance.revenue_lines r LEFT JOIN owed USING (rev_month, account_id)
        WHERE r.prd_cd = 'NUM' AND r.status = 'P'
            AND (r.amt_usd_c IS DISTINCT FROM owed.c OR r.qty IS DISTINCT FROM owed.numbers)
        LIMIT 3""")
        == []
    )


def test_invoices_are_the_sum_of_their_lines(sql: Sql) -> None:
    assert (
        sql("""
        WITH l AS (SELECT invoice_id, sum(amt_c) AS c, sum(amt_usd_c) AS u, max(line_no) AS last,
                   count(*) AS many, min(period_month) AS p FROM finance.invoice_lines GROUP BY 1)
        SELECT * FROM finance.invoices i FULL JOIN l USING (invoice_id)
        WHERE i.net_c IS DISTINCT FROM l.c OR i.net_usd_c IS DISTINCT FROM l.u
            OR i.total_c <> i.net_c + i.tax_c OR l.last <> l.many OR l.p <> i.period_month
        LIMIT 3""")
        == []
    )


def test_closed_months_are_invoiced_in_full(sql: Sql) -> None:
    assert (
        sql("""
        WITH r AS (SELECT rev_month AS m, sum(amt_usd_c) AS c FROM finance.revenue_lines
                   WHERE status = 'P' GROUP BY 1),
             i AS (SELECT period_month AS m, sum(net_usd_c) AS c FROM finance.invoices GROUP BY 1)
        SELECT * FROM r FULL JOIN i USING (m) WHERE r.c IS DISTINCT FROM i.c""")
        == []
    )


def test_invoices_are_converted_at_the_rate_of_their_day(sql: Sql) -> None:
    assert (
        sql("""
        SELECT * FROM finance.invoice_lines l JOIN finance.invoices i USING (invoice_id)
        JOIN finance.exchange_rates x ON x.rate_date = i.invoice_date AND x.ccy = i.ccy
        WHERE abs(l.amt_c - l.amt_usd_c / x.usd_per_unit) > 0.51 LIMIT 3""")
        == []
    )
    ((currencies,),) = sql("SELECT count(DISTINCT ccy) FROM finance.invoices")
    assert currencies >= 4


def test_paid_invoices_have_one_good_payment_of_the_total(sql: Sql) -> None:
    assert (
        sql("""
        WITH p AS (SELECT invoice_id, sum(amt_c) AS c, count(*) AS many, min(paid_at) AS at
                   FROM finance.payments WHERE status = 'OK' GROUP BY 1)
        SELECT * FROM finance.invoices i FULL JOIN p USING (invoice_id)
        WHERE (i.status = 'PAID') IS DISTINCT FROM (p.many = 1 AND p.c = i.total_c)
            AND (i.status = 'PAID' OR p.many IS NOT NULL) LIMIT 3""")
        == []
    )
    assert sql("""SELECT count(*) FROM finance.invoices WHERE (status = 'LATE') <>
        (status NOT IN ('PAID', 'VOID') AND due_date < DATE '2026-07-15')""") == [(0,)]


def test_carrier_cost_of_goods_is_that_of_daily_usage(sql: Sql) -> None:
    assert (
        sql("""
        WITH u AS (SELECT date_trunc('month', usage_date) AS m, prd_cd, region,
                   sum(carrier_cost_usd_c) AS c FROM curated.daily_usage
                   JOIN product.accounts USING (account_id) GROUP BY ALL),
             g AS (SELECT cost_month AS m, prd_cd, region, amt_usd_c AS c
                   FROM finance.cost_of_goods
                   WHERE cost_type = 'CAR' AND prd_cd IN ('SMS', 'WA', 'VOI', 'VER', 'EML'))
        SELECT * FROM u FULL JOIN g USING (m, prd_cd, region)
        WHERE coalesce(u.c, 0) <> coalesce(g.c, 0) LIMIT 3""")
        == []
    )


def test_carrier_quality_counts_outbound_messages(sql: Sql) -> None:
    assert (
        sql("""
        WITH e AS (SELECT CAST(ds AS DATE) AS quality_date, carrier_id, prd_cd,
                   sum(msg_cnt) AS sent,
                   sum(msg_cnt) FILTER (status = 'D') AS delivered
                   FROM events.messages WHERE dir_cd = 'O' GROUP BY ALL)
        SELECT * FROM e FULL JOIN curated.carrier_quality_daily q
            USING (quality_date, carrier_id, prd_cd)
        WHERE e.sent IS DISTINCT FROM q.sent_cnt
            OR coalesce(e.delivered, 0) IS DISTINCT FROM q.delivered_cnt
            OR q.sent_cnt <> q.delivered_cnt + q.undelivered_cnt + q.failed_cnt LIMIT 3""")
        == []
    )


def test_carriers_serve_the_country_that_messages_go_to(sql: Sql) -> None:
    assert sql("""
        SELECT count(*) FROM events.messages m JOIN product.carriers c USING (carrier_id)
        WHERE c.ctry_cd <> m.dest_ctry_cd""") == [(0,)]


def test_budgets_cover_three_years_and_are_near_what_came(sql: Sql) -> None:
    assert sql("""SELECT version, min(budget_month)::varchar, max(budget_month)::varchar
        FROM finance.budgets GROUP BY 1 ORDER BY 1""") == [
        ("RF", "2026-01-01", "2026-12-01"),
        ("V1", "2024-01-01", "2026-12-01"),
    ]  # fmt: skip
    ((ratio,),) = sql("""SELECT (SELECT sum(amt_usd) FROM finance.budgets
            WHERE version = 'V1' AND budget_month BETWEEN '2025-01-01' AND '2025-12-01')
        / (SELECT sum(amt_usd_c) / 100 FROM finance.revenue_lines
            WHERE rev_month BETWEEN '2025-01-01' AND '2025-12-01')""")
    assert 0.85 < ratio < 1.15


def test_nobody_uses_anything_before_the_sign_up_or_after_the_churn(sql: Sql) -> None:
    assert sql("""SELECT count(*) FROM curated.daily_usage JOIN product.accounts USING (account_id)
        WHERE usage_date < signup_date OR usage_date >= churn_date OR is_test""") == [(0,)]
    assert sql("""SELECT count(*) FROM product.accounts
        WHERE (status = 'C') <> (churn_date IS NOT NULL)""") == [(0,)]


def test_regions_are_those_of_the_countries(sql: Sql) -> None:
    assert sql("""SELECT count(*) FROM product.accounts a JOIN product.countries c
        ON c.code = a.ctry_cd WHERE c.region <> a.region""") == [(0,)]


@pytest.mark.parametrize(
    ("copy", "real"),
    [
        (
            "SELECT sum(units) FROM staging.daily_usage_v2",
            "SELECT sum(units) FROM curated.daily_usage"
            " WHERE usage_date BETWEEN '2026-01-01' AND '2026-07-13'",
        ),
        (
            "SELECT sum(revenue) * 100 FROM finance.revenue_old WHERE month >= '2025-01-01'",
            "SELECT sum(amt_usd_c) FROM finance.revenue_lines"
            " WHERE rev_month BETWEEN '2025-01-01' AND '2025-12-01'",
        ),
        (
            "SELECT sum(amt) * 100 FROM curated.daily_usage_v1",
            "SELECT sum(usage_amt_usd_c) FROM curated.daily_usage"
            " WHERE usage_date BETWEEN '2025-10-01' AND '2025-12-31'",
        ),
    ],
    ids=["daily_usage_v2", "revenue_old", "daily_usage_v1"],
)
def test_copies_are_near_but_wrong(copy: str, real: str, sql: Sql) -> None:
    ((wrong,),), ((right,),) = sql(copy), sql(real)
    assert wrong != right
    assert wrong == pytest.approx(right, rel=0.4)


def test_the_stale_copy_of_accounts_has_duplicates(sql: Sql) -> None:
    ((rows, accounts),) = sql("SELECT count(*), count(DISTINCT id) FROM staging.accounts_tmp")
    assert rows > accounts


def test_some_rows_land_late_and_local_times_are_shifted(sql: Sql) -> None:
    ((share,),) = sql(
        "SELECT avg((loaded_at > hr_ts + INTERVAL 6 HOUR)::int) FROM events.messages"
        " WHERE ds < '2026-07-01'"
    )
    assert 0.002 < share < 0.03
    assert sql("SELECT max(loaded_at - hr_ts) < INTERVAL 3 DAY FROM events.messages") == [(True,)]
    shifts = sql("""SELECT DISTINCT a.ctry_cd, t.opened_at_local - t.opened_at AS shift
        FROM support.tickets t JOIN product.accounts a USING (account_id)""")
    assert len(shifts) == len({country for country, _ in shifts})
    assert len({shift for _, shift in shifts}) > 2


def test_tickets_go_forward_in_time(sql: Sql) -> None:
    assert sql("""SELECT count(*) FROM support.tickets WHERE first_response_at < opened_at
        OR resolved_at < first_response_at
        OR (status = 'R') <> (resolved_at IS NOT NULL)""") == [(0,)]
    assert sql("SELECT count(DISTINCT status) > 1 FROM support.tickets") == [(True,)]


def test_converted_leads_came_before_their_account(sql: Sql) -> None:
    assert sql("""SELECT count(*) FROM marketing.leads l JOIN product.accounts a USING (account_id)
        WHERE l.status <> 'CNV' OR CAST(l.created_at AS DATE) > a.signup_date""") == [(0,)]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("product.phone_numbers", "acquired_date"),
        ("product.users", "created_at"),
        ("product.accounts", "cdc_ts"),
        ("marketing.leads", "created_at"),
        ("crm.opportunities", "created_date"),
        ("support.tickets", "opened_at"),
    ],
)
def test_nothing_piles_up_on_the_last_day(table: str, column: str, sql: Sql) -> None:
    ((share,),) = sql(f"SELECT avg(({column} >= '2026-07-14')::int) FROM {table}")
    assert share < 0.12
