"""The report names every rule of the guard, and what is to be mended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nlq.desk.checks import RULES

GUARDRAILS = Path(__file__).parents[2] / "docs/guardrails.md"


def refused(report):
    return {d.rule for d in report.decisions if d.verdict == "refused"}


def test_every_rule_that_is_documented_is_in_the_report():
    section = GUARDRAILS.read_text("utf-8").split("## Rules")[1].split("\n### ")[0]
    documented = set(re.findall(r"^\| `([\w-]+)` \|", section, re.M))
    assert {rule for group in RULES for rule in group} == documented - {"invented-value"}


def test_an_allowed_query_passes_every_rule_and_says_what_was_changed(desk, ana):
    report = desk.check("SELECT region FROM accounts_tmp_x", ana)
    assert not report.allowed
    report = desk.check("SELECT region, seg FROM product.accounts", ana)
    assert report.allowed
    assert {d.verdict for d in report.decisions} == {"passed"}
    assert [change.words for change in report.changes] == [
        "read product.accounts as lake.product.accounts",
        "limited to 1,000 rows",
    ]
    assert all(change.why.endswith(".") for change in report.changes)
    assert report.sql.endswith("LIMIT 1000")
    assert report.row_limit == 1000
    assert report.tables == ("lake.product.accounts",)


def test_all_that_costs_too_much_is_said_at_once(desk, ana):
    report = desk.check(
        "SELECT count(*) AS n FROM lake.events.messages m, lake.events.calls c "
        "WHERE repeat('x', 99999999) IS NOT NULL",
        ana,
    )
    assert refused(report) == {"cross-join", "partition-filter", "unbounded-call"}
    assert report.rule in refused(report)
    assert report.sql == ""
    by_rule = {d.rule: d.verdict for d in report.decisions}
    assert by_rule["unknown-table"] == "passed"
    assert by_rule["not-rendered"] == "not reached"


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("DROP TABLE lake.product.accounts", "reads-only"),
        ("SELECT FROM WHERE", "unparsable"),
        ("SELECT 1; SELECT 2", "one-statement"),
        ("SELECT nme FROM lake.product.accounts", "unknown-column"),
        ("SELECT ip_addr FROM lake.events.console_logins", "column-not-granted"),
        ("SELECT * FROM lake.hr.employees", "unknown-table"),
        ("SELECT 'x' > 1 AS y", "type-mismatch"),
        ("(" * 3000, "too-deep"),
        ("", "unparsable"),
    ],
)
def test_a_refusal_is_a_report(desk, ana, sql, rule):
    report = desk.check(sql, ana)
    assert not report.allowed
    assert (report.rule, refused(report)) == (rule, {rule})
    assert report.headline.endswith(".")
