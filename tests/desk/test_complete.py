"""Completions fit the place of the cursor and what the person may see, and come at once."""

from __future__ import annotations

import time

import pytest


def texts(desk, principal, marked, kind=None):
    """The completions at the ``|`` of the text."""
    position = marked.index("|")
    found = desk.complete(marked.replace("|", ""), position, principal)
    return [c.text for c in found if kind in (None, c.kind)]


@pytest.mark.parametrize(
    ("marked", "kind", "first"),
    [
        ("SELECT * FROM rev|", "table", "lake.finance.revenue_lines"),
        ("SELECT * FROM finance.invoices|", "table", "lake.finance.invoices"),
        ("SELECT * FROM lake.crm.|", "table", "lake.crm.accounts"),
        ("SELECT re| FROM lake.product.accounts", "column", "region"),
        ("SELECT a.reg| FROM lake.product.accounts AS a", "column", "region"),
        ("SELECT t.pri| FROM crm.reps a JOIN support.tickets t ON true", "column", "priority"),
        ("SELECT approx_d| FROM lake.product.accounts", "function", "approx_distinct"),
        ("SELECT region FROM lake.product.accounts gr|", "keyword", "GROUP BY"),
        ("WITH paying AS (SELECT 1) SELECT * FROM pay|", "table", "paying"),
        ("SELECT count(*) FROM lake.product.accounts WHERE status = '|'", "value", "A"),
        ("SELECT 1 FROM product.accounts a WHERE a.seg IN ('ENT', 'S|')", "value", "SMB"),
        ("|", "keyword", "SELECT"),
    ],
)  # fmt: skip
def test_the_best_comes_first(desk, ana, marked, kind, first):
    assert texts(desk, ana, marked, kind)[0] == first


def test_a_completion_replaces_what_was_typed(desk, ana):
    sql = "SELECT a.reg FROM lake.product.accounts AS a"
    best = desk.complete(sql, len("SELECT a.reg"), ana)[0]
    assert sql[: best.start] + best.text + sql[best.end :] == sql.replace("a.reg", "a.region")
    assert best.detail.startswith("varchar")
    table = desk.complete("SELECT * FROM finance.rev", 25, ana)[0]
    assert (table.start, table.end) == (14, 25)


@pytest.mark.parametrize("marked", ["SELECT 1 -- from rev|", "SELECT /* rev|", "SELECT 'any rev|'"])
def test_nothing_is_completed_in_comments_and_texts(desk, ana, marked):
    assert texts(desk, ana, marked) == []


def test_a_nested_query_has_its_own_clause(desk, ana):
    marked = (
        "SELECT x FROM lake.product.accounts WHERE account_id IN (SELECT acc| FROM support.tickets"
    )
    assert texts(desk, ana, marked, "table") == []
    assert "account_id" in texts(desk, ana, marked, "column")


def test_only_what_may_be_seen_is_offered(desk, ana, emea, platform, stranger):
    logins = "SELECT ip| FROM lake.events.console_logins"
    assert "ip_addr" in texts(desk, platform, logins, "column")
    assert "ip_addr" not in texts(desk, ana, logins, "column")
    assert texts(desk, emea, "SELECT * FROM lake.crm.contr|", "table") == []
    assert texts(desk, stranger, "SELECT * FROM lake.|", "table") == []


def test_it_is_quick(desk, ana):
    sql = (
        "SELECT a.re FROM lake.product.accounts AS a WHERE region = 'EMEA' " + "AND seg = 'x' " * 99
    )
    desk.complete(sql, 11, ana)
    times = []
    for _ in range(20):
        started = time.process_time()
        desk.complete(sql, 11, ana)
        times.append(time.process_time() - started)
    assert sorted(times)[10] < 0.02
