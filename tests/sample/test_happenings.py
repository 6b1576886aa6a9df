"""Each real event that ``nlq.sample.happenings`` claims shows in the data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from nlq.sample import happenings

Sql = Callable[[str], list[tuple[Any, ...]]]


def between(column: str, span: tuple[date, date]) -> str:
    return f"{column} BETWEEN '{span[0]}' AND '{span[1]}'"


def delivery(sql: Sql, where: str) -> float:
    ((rate,),) = sql(f"""SELECT sum(delivered_cnt) / sum(sent_cnt)
        FROM curated.carrier_quality_daily JOIN product.carriers USING (carrier_id)
        WHERE prd_cd = 'SMS' AND {where}""")
    return float(rate)


def test_sms_outage(sql: Sql) -> None:
    there = f"region = '{happenings.SMS_OUTAGE_REGION}'"
    during = between("quality_date", happenings.SMS_OUTAGE)
    week = "quality_date BETWEEN '2025-11-03' AND '2025-11-09'"
    assert delivery(sql, f"{there} AND {during}") < 0.70
    assert delivery(sql, f"{there} AND {week}") > 0.93
    assert delivery(sql, f"NOT {there} AND {during}") > 0.93
    days = "ds BETWEEN '2025-11-12' AND '2025-11-13' AND status = 'F' AND dest_ctry_cd = 'GB'"
    assert sql(f"SELECT DISTINCT err_cd FROM events.messages WHERE {days}") == [(30500,)]


def test_sms_outage_has_an_incident_credits_and_tickets(sql: Sql) -> None:
    ((number, severity),) = sql(f"""SELECT incident_id, severity FROM ops.incidents
        WHERE prd_cd = 'SMS' AND region = 'EMEA'
        AND CAST(started_at AS DATE) = '{happenings.SMS_OUTAGE[0]}'""")
    assert severity == "S1"
    ((credits_given, outside),) = sql(f"""SELECT count(*), count(*) FILTER (a.region <> 'EMEA')
        FROM finance.credits JOIN product.accounts a USING (account_id)
        WHERE incident_id = {number} AND reason_cd = 'SLA'""")
    assert credits_given >= 3
    assert outside == 0
    ((during, before),) = sql("""SELECT
        count(*) FILTER (opened_at >= '2025-11-12' AND opened_at < '2025-11-14'),
        count(*) FILTER (opened_at >= '2025-11-05' AND opened_at < '2025-11-07')
        FROM support.tickets t JOIN product.accounts a USING (account_id)
        WHERE a.region = 'EMEA' AND t.category_cd = 'DLV'""")
    assert during > 2 * max(before, 1)


def test_voice_price_rise(sql: Sql) -> None:
    since = happenings.VOICE_PRICE_RISE
    rises = sql(f"""SELECT n.price_usd_micros / o.price_usd_micros
        FROM product.price_list o JOIN product.price_list n USING (prd_cd, plan_cd)
        WHERE prd_cd = 'VOI' AND o.valid_to = DATE '{since}' - 1 AND n.valid_from = '{since}'""")
    assert len(rises) == 4
    assert all(abs(rise - 1.12) < 0.001 for (rise,) in rises)
    by_month = dict(
        sql("""SELECT month(usage_date), sum(usage_amt_usd_c) / sum(units)
        FROM curated.daily_usage WHERE prd_cd = 'VOI' AND year(usage_date) = 2025 GROUP BY 1""")
    )
    assert 1.08 < by_month[10] / by_month[9] < 1.16
    assert 0.96 < by_month[9] / by_month[8] < 1.04


def test_carrier_incident(sql: Sql) -> None:
    name = happenings.CARRIER_INCIDENT_NAME
    during = between("quality_date", happenings.CARRIER_INCIDENT)
    assert delivery(sql, f"carrier_name = '{name}' AND {during}") < 0.75
    assert delivery(sql, f"carrier_name = '{name}' AND quality_date < '2026-03-03'") > 0.93
    assert delivery(sql, f"carrier_name <> '{name}' AND {during}") > 0.93


def test_fraud_wave(sql: Sql) -> None:
    rates = dict(
        sql(f"""SELECT {between("ds", happenings.FRAUD_WAVE)},
            sum(ver_cnt) FILTER (outcome_cd = 'B') / sum(ver_cnt) FROM events.verifications
            WHERE dest_ctry_cd = '{happenings.FRAUD_WAVE_COUNTRY}' GROUP BY 1""")
    )
    assert rates[True] > 0.6
    assert rates[False] < 0.05


def test_whatsapp_launch(sql: Sql) -> None:
    ((first,),) = sql("SELECT min(usage_date) FROM curated.daily_usage WHERE prd_cd = 'WA'")
    assert first >= happenings.WHATSAPP_LAUNCH
    ((before, after),) = sql("""SELECT sum(units) FILTER (year(usage_date) = 2024),
        sum(units) FILTER (year(usage_date) = 2025)
        FROM curated.daily_usage WHERE prd_cd = 'WA'""")
    assert after > 2 * before


def test_the_largest_customer_leaves(sql: Sql) -> None:
    ((number, left, reason),) = sql(f"""SELECT account_id, churn_date, churn_reason_cd
        FROM product.accounts WHERE account_name = '{happenings.BIG_CUSTOMER}'""")
    assert (number, left, reason) == (happenings.BIG_CUSTOMER_ID, happenings.BIG_CHURN, "CMP")
    months = dict(sql(f"""SELECT month_start::varchar, revenue_usd_c FROM curated.account_month
        WHERE account_id = {number}"""))  # fmt: skip
    assert max(months) == "2026-02-01"
    ((best,),) = sql("""SELECT arg_max(account_id, revenue_usd_c) FROM curated.account_month
        WHERE month_start = '2025-10-01'""")
    assert best == number
    assert sql(f"""SELECT count(*) FROM finance.invoices WHERE account_id = {number}
        AND invoice_date > '2026-03-31'""") == [(0,)]


def test_the_budget_did_not_see_the_largest_customer_leave(sql: Sql) -> None:
    plans = dict(sql("""SELECT version, sum(amt_usd) FROM finance.budgets
        WHERE region = 'AMER' AND prd_cd = 'SMS'
        AND budget_month BETWEEN '2026-04-01' AND '2026-06-01'
        GROUP BY 1"""))  # fmt: skip
    assert plans["V1"] > 1.03 * float(plans["RF"])


def test_the_rising_customer_rises(sql: Sql) -> None:
    ((number, joined),) = sql(f"""SELECT account_id, signup_date FROM product.accounts
        WHERE account_name = '{happenings.RISING_CUSTOMER}'""")
    assert (number, joined) == (happenings.RISING_CUSTOMER_ID, happenings.RISING_SINCE)
    months = dict(sql(f"""SELECT month_start::varchar, revenue_usd_c FROM curated.account_month
        WHERE account_id = {number}"""))  # fmt: skip
    assert months["2026-06-01"] > 2 * months["2025-06-01"]


def test_trend_week_and_season(sql: Sql) -> None:
    ((growth,),) = sql("""SELECT sum(amt_usd_c) FILTER (year(rev_month) = 2025)
        / sum(amt_usd_c) FILTER (year(rev_month) = 2024) FROM finance.revenue_lines""")
    assert 1.1 < growth < 2.5
    ((weekend,),) = sql("""SELECT avg(units) FILTER (isodow(usage_date) >= 6)
        / avg(units) FILTER (isodow(usage_date) <= 4)
        FROM curated.daily_usage WHERE prd_cd = 'VOI'""")
    assert weekend < 0.7
    ((shopping,),) = sql("""SELECT
        sum(units) FILTER (usage_date BETWEEN '2024-11-24' AND '2024-12-20')
        / sum(units) FILTER (usage_date BETWEEN '2024-10-06' AND '2024-11-01')
        FROM curated.daily_usage WHERE prd_cd = 'SMS'""")
    assert shopping > 1.1


def test_marketing_export_failed_in_the_last_days(sql: Sql) -> None:
    assert sql("""SELECT DISTINCT status FROM ops.pipeline_runs
        WHERE pipeline = 'marketing_spend' AND started_at >= '2026-07-13'""") == [("failed",)]
    assert sql("""SELECT count(*) FROM ops.pipeline_runs WHERE status = 'running'""") == [(1,)]


def test_the_query_log_begins_when_the_assistant_opened(sql: Sql) -> None:
    days = sql("SELECT min(ds), max(ds), count(DISTINCT ds) FROM ops.query_log")
    assert days == [(str(happenings.ASSISTANT_OPENED), "2026-07-14", 51)]
    wrong_day = "asked_at::date <> ds::date"
    assert sql(f"SELECT count(*) FROM ops.query_log WHERE {wrong_day}") == [(0,)]


def test_every_table_of_an_answer_is_a_table_read(sql: Sql) -> None:
    listed = """SELECT question_id, unnest(string_split(tables_read, ', ')) FROM ops.query_log
        WHERE outcome = 'answer' ORDER BY ALL"""
    assert sql("SELECT question_id, table_name FROM ops.table_reads ORDER BY ALL") == sql(listed)


def test_the_heavy_reader_reads_most_in_that_week(sql: Sql) -> None:
    read = sql(f"""SELECT principal, sum(read_bytes) FROM ops.query_log
        WHERE {between("ds", happenings.HEAVY_WEEK)} GROUP BY 1 ORDER BY 2 DESC NULLS LAST""")
    assert read[0][0] == happenings.HEAVY_READER
    assert read[0][1] > 2 * read[1][1]
