"""Every exact rewrite gives the same rows on the sample lake, and says why it is made."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from nlq.errors import GuardRefused

MESSAGES = "lake.events.messages"
LEFT_ALONE = yaml.safe_load((Path(__file__).parent / "fixtures/left_alone.yaml").read_text())
DAY = "ds >= '2026-06-01' AND ds < '2026-06-08'"

EXACT = [
    (
        "partition condition",
        "SELECT sum(email_cnt) AS n FROM lake.events.emails "
        "WHERE sent_date >= DATE '2026-05-03' AND sent_date < DATE '2026-07-01'",
        ("month >= '2026-05'", "month <= '2026-06'"),
    ),
    (
        "partition condition",
        "SELECT c.name, sum(k.call_cnt) AS n FROM lake.events.calls k "
        "JOIN lake.product.countries c ON c.code = k.dest_ctry_cd "
        "WHERE k.hr_ts BETWEEN TIMESTAMP '2026-06-01 00:00:00' AND TIMESTAMP '2026-06-02 11:00:00' "
        "GROUP BY c.name",
        ("k.ds >= '2026-06-01'", "k.ds <= '2026-06-02'"),
    ),
    (
        "range in place of a function",
        "SELECT count(*) AS n FROM lake.finance.revenue_lines WHERE year(rev_month) = 2025",
        ("rev_month >= DATE '2025-01-01'", "rev_month < DATE '2026-01-01'"),
    ),
    (
        "range in place of a function",
        "SELECT count(*) AS n FROM lake.support.tickets "
        "WHERE priority = 'P1' OR date(opened_at) = DATE '2026-06-03'",
        ("(\n    opened_at >= TIMESTAMP '2026-06-03 00:00:00'",),
    ),
    (
        "range in place of a function",
        "SELECT count(*) AS n FROM lake.support.tickets "
        "WHERE CAST(opened_at AS date) = DATE '2026-06-03'",
        ("opened_at < TIMESTAMP '2026-06-04 00:00:00'",),
    ),
    (
        "range in place of a function",
        "SELECT count(*) AS n FROM lake.support.tickets "
        "WHERE date_trunc('quarter', opened_at) = TIMESTAMP '2026-04-01 00:00:00'",
        (),
    ),
    (
        "group condition before grouping",
        "SELECT region, count(*) AS n FROM lake.product.accounts GROUP BY region "
        "HAVING region <> 'EMEA' AND count(*) > 5",
        ("WHERE\n  region <> 'EMEA'", "HAVING\n  count(*) > 5"),
    ),
    (
        "columns by name",
        "SELECT * FROM lake.product.countries",
        ("SELECT\n  code,",),
    ),
    (
        "larger table first",
        "SELECT a.region, sum(r.amt_usd_c) AS n FROM lake.product.accounts a "
        "JOIN lake.finance.revenue_lines r ON r.account_id = a.account_id GROUP BY a.region",
        ("FROM lake.finance.revenue_lines AS r\nJOIN lake.product.accounts AS a",),
    ),
    (
        "no sort inside",
        "WITH t AS (SELECT region, count(*) AS n FROM lake.product.accounts GROUP BY region "
        "ORDER BY n DESC) SELECT max(n) AS n FROM t",
        (),
    ),
    (
        "UNION ALL",
        "SELECT 'a' AS kind, region FROM lake.product.accounts GROUP BY region "
        "UNION SELECT 'b', seg FROM lake.product.accounts GROUP BY seg",
        ("UNION ALL",),
    ),
    (
        "repeated query named",
        "SELECT a.n FROM "
        "(SELECT region, count(*) AS n FROM lake.product.accounts GROUP BY region) a "
        "WHERE a.n = (SELECT max(b.n) FROM "
        "(SELECT region, count(*) AS n FROM lake.product.accounts GROUP BY region) b)",
        ("WITH step AS (", "FROM step AS a"),
    ),
    (
        "equality in place of LIKE",
        "SELECT count(*) AS n FROM lake.product.accounts WHERE region LIKE 'EMEA'",
        ("region = 'EMEA'",),
    ),
    (
        "IN in place of OR",
        "SELECT count(*) AS n FROM lake.product.accounts "
        "WHERE NOT is_test AND (region = 'EMEA' OR region = 'APAC')",
        ("region IN ('EMEA', 'APAC')",),
    ),
]  # fmt: skip


def suggested(desk, principal, sql, name):
    found = [s for s in desk.optimise(sql, principal) if s.name == name]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("name", "sql", "parts"), EXACT, ids=[f"{n}-{i}" for i, (n, *_) in enumerate(EXACT)]
)
def test_an_exact_rewrite_gives_the_same_rows(desk, ana, name, sql, parts):
    suggestion = suggested(desk, ana, sql, name)
    assert suggestion is not None, [s.name for s in desk.optimise(sql, ana)]
    assert suggestion.exact
    assert suggestion.changes == ""
    assert suggestion.reason.endswith(".")
    for part in parts:
        assert part in suggestion.sql
    after = desk.run(suggestion.sql, ana)
    assert after.rows
    if name != "partition condition" or "calls" not in sql:
        before = desk.run(sql, ana)
        assert [c.name for c in before.columns] == [c.name for c in after.columns]
        assert Counter(before.rows) == Counter(after.rows)


def test_the_missing_partition_condition_reads_what_the_time_says(desk, platform):
    """The guard refuses the query without it, so it is held against one by the hour."""
    name, sql, _ = EXACT[1]
    after = desk.run(suggested(desk, platform, sql, name).sql, platform)
    wide = sql.replace("WHERE", "WHERE k.ds >= '2026-05-25' AND k.ds < '2026-06-10' AND")
    assert Counter(desk.run(wide, platform).rows) == Counter(after.rows)


def test_an_approximate_count_says_what_changes(desk, ana):
    sql = f"SELECT count(DISTINCT acct_sid) AS n FROM {MESSAGES} WHERE {DAY}"
    suggestion = suggested(desk, ana, sql, "approximate count")
    assert not suggestion.exact
    assert "2.3 %" in suggestion.changes
    ((true,),), ((about,),) = desk.run(sql, ana).rows, desk.run(suggestion.sql, ana).rows
    assert abs(about - true) < 0.1 * true


@pytest.mark.parametrize("case", LEFT_ALONE, ids=lambda case: case["rewrite"])
def test_a_rewrite_that_could_change_the_result_is_not_suggested(desk, ana, case):
    assert desk.check(case["sql"], ana).allowed
    assert suggested(desk, ana, case["sql"], case["rewrite"]) is None


def test_what_cannot_be_helped_is_refused(desk, ana):
    with pytest.raises(GuardRefused) as refused:
        desk.optimise(f"SELECT count(*) AS n FROM {MESSAGES}", ana)
    assert refused.value.rule == "partition-filter"


def test_a_good_query_gets_no_suggestion(desk, ana):
    assert desk.optimise(f"SELECT sum(msg_cnt) AS n FROM {MESSAGES} WHERE {DAY}", ana) == ()
