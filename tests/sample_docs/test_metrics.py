"""Every metric and dimension is whole, is named once, compiles, passes the guard and runs."""

from __future__ import annotations

from datetime import date

import pytest
from nlq_evals.scorers.execution import compare
from nlq_evals.suite import Reference

from nlq.catalog.yaml_docs import YamlDocs
from nlq.drafting.compile_plan import compile_plan, leaves, reachable
from nlq.sample.facts import SAMPLE_DOCS
from nlq.types import MetricPlan, PlanFilter

DOCS = YamlDocs(SAMPLE_DOCS).load()
METRICS = sorted(DOCS.metrics)
THIS_YEAR = (date(2026, 1, 1), date(2027, 1, 1))
QUARTER = (date(2026, 4, 1), date(2026, 7, 1))


def _phrases(label: str, name: str, synonyms: tuple[str, ...]) -> set[str]:
    return {label.lower(), name.replace("_", " "), *(s.lower() for s in synonyms)}


def test_there_are_enough():
    assert len(METRICS) >= 20
    assert len(DOCS.dimensions) >= 20


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_whole(name):
    metric = DOCS.metrics[name]
    assert metric.description.endswith(".")
    assert metric.owner
    assert metric.synonyms
    assert set(metric.dimensions) <= set(DOCS.dimensions)
    assert set(metric.inputs) <= set(METRICS)
    if metric.kind == "simple":
        base = DOCS.tables[metric.table]
        assert base.certification == "certified"
        assert base.column(metric.time_column) is not None
    elif metric.kind == "retention":
        assert metric.entity in DOCS.dimensions


@pytest.mark.parametrize("name", METRICS)
def test_a_derived_metric_offers_only_what_all_its_inputs_offer(name):
    metric = DOCS.metrics[name]
    for leaf in leaves(DOCS, metric):
        assert set(metric.dimensions) <= set(leaf.dimensions)


@pytest.mark.parametrize("name", sorted(DOCS.dimensions))
def test_a_dimension_is_a_column_that_some_metric_uses(name):
    dimension = DOCS.dimensions[name]
    column = DOCS.tables[dimension.table].column(dimension.column)
    assert column is not None
    assert "pii" not in column.tags
    assert dimension.description.endswith(".")
    assert any(name in m.dimensions or name == m.entity for m in DOCS.metrics.values())


def test_no_two_metrics_go_by_the_same_words():
    owner: dict[str, str] = {}
    for metric in DOCS.metrics.values():
        for phrase in _phrases(metric.label, metric.name, metric.synonyms):
            assert owner.setdefault(phrase, metric.name) == metric.name, phrase


@pytest.mark.parametrize("name", METRICS)
def test_no_two_dimensions_of_a_metric_go_by_the_same_words(name):
    owner: dict[str, str] = {}
    for dimension in (DOCS.dimensions[d] for d in DOCS.metrics[name].dimensions):
        for phrase in _phrases(dimension.label, dimension.name, dimension.synonyms):
            assert owner.setdefault(phrase, dimension.name) == dimension.name, phrase


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_has_a_value_this_year(name, lake, analyst):
    sql = compile_plan(MetricPlan((name,), start=THIS_YEAR[0], end=THIS_YEAR[1]), DOCS)
    result = lake.run_sql(sql, analyst)
    assert len(result.rows) == 1
    value = result.rows[0][0]
    assert isinstance(value, int | float)
    if DOCS.metrics[name].unit == "percent":
        assert 0 <= value < 1.5


def _within_reach(name: str) -> list[str]:
    metric = DOCS.metrics[name]
    return [d for d in metric.dimensions if reachable(DOCS, metric, DOCS.dimensions[d])]


def test_a_metric_can_be_split_by_all_that_it_lists():
    for name in METRICS:
        assert _within_reach(name) == list(DOCS.metrics[name].dimensions), name


@pytest.mark.parametrize("name", [m for m in METRICS if DOCS.metrics[m].dimensions])
def test_a_metric_splits_by_each_of_its_dimensions(name, lake, analyst):
    for dimension in _within_reach(name):
        start, end = THIS_YEAR
        if DOCS.metrics[name].table.startswith("lake.events."):
            start, end = date(2026, 6, 1), date(2026, 6, 8)
        sql = compile_plan(MetricPlan((name,), (dimension,), start=start, end=end), DOCS)
        assert lake.run_sql(sql, analyst).rows, dimension


REGION = MetricPlan(("net_revenue",), ("region",), start=date(2026, 1, 1), end=date(2026, 4, 1))
BY_HAND = {
    "net revenue": (
        REGION,
        """
        SELECT region, sum(cents) / 1e2 FROM (
          SELECT a.region, r.amt_usd_c AS cents FROM lake.finance.revenue_lines r
          JOIN lake.product.accounts a ON a.account_id = r.account_id
          WHERE r.rev_month >= DATE '2026-01-01' AND r.rev_month < DATE '2026-04-01'
          UNION ALL
          SELECT a.region, -c.amt_usd_c AS cents FROM lake.finance.credits c
          JOIN lake.product.accounts a ON a.account_id = c.account_id
          WHERE c.credit_date >= DATE '2026-01-01' AND c.credit_date < DATE '2026-04-01'
        ) AS both_sides GROUP BY region
        """,
    ),
    "gross margin": (
        MetricPlan(("gross_margin",), ("product",), start=QUARTER[0], end=QUARTER[1]),
        """
        SELECT prd_cd, sum(revenue - cost) / sum(revenue) FROM (
          SELECT prd_cd, amt_usd_c / 1e2 AS revenue, 0e0 AS cost FROM lake.finance.revenue_lines
          WHERE rev_month >= DATE '2026-04-01' AND rev_month < DATE '2026-07-01'
          UNION ALL
          SELECT prd_cd, 0e0, amt_usd_c / 1e2 FROM lake.finance.cost_of_goods
          WHERE cost_month >= DATE '2026-04-01' AND cost_month < DATE '2026-07-01'
        ) AS both_sides GROUP BY prd_cd
        """,
    ),
    "retention": (
        MetricPlan(("net_revenue_retention",), ("segment",), start=QUARTER[0], end=QUARTER[1]),
        """
        SELECT a.seg, CAST(sum(p.now_c) AS double) / sum(p.before_c) FROM (
          SELECT account_id,
                 sum(CASE WHEN rev_month >= DATE '2026-04-01' THEN amt_usd_c ELSE 0 END) AS now_c,
                 sum(CASE WHEN rev_month < DATE '2025-07-01' THEN amt_usd_c ELSE 0 END) AS before_c
          FROM lake.finance.revenue_lines
          WHERE rev_month >= DATE '2025-04-01' AND rev_month < DATE '2026-07-01'
          GROUP BY account_id
        ) AS p JOIN lake.product.accounts a ON a.account_id = p.account_id
        WHERE p.before_c > 0 GROUP BY a.seg
        """,
    ),
    "messages by segment": (
        MetricPlan(("messages_sent",), ("segment",), start=date(2026, 6, 1), end=date(2026, 7, 1)),
        """
        SELECT a.seg, sum(m.msg_cnt) FROM lake.events.messages m
        JOIN lake.product.accounts a ON a.account_sid = m.acct_sid
        WHERE m.ds >= '2026-06-01' AND m.ds < '2026-07-01' AND m.dir_cd = 'O' AND NOT a.is_test
        GROUP BY a.seg
        """,
    ),
    "satisfaction of enterprises": (
        MetricPlan(
            ("csat",), filters=(PlanFilter("segment", ("ENT",)),), start=QUARTER[0], end=QUARTER[1]
        ),
        """
        SELECT avg(CASE WHEN c.score >= 4 THEN 1e0 ELSE 0e0 END) FROM lake.support.csat_responses c
        JOIN lake.support.tickets t ON t.ticket_id = c.ticket_id
        JOIN lake.product.accounts a ON a.account_id = t.account_id
        WHERE a.seg = 'ENT' AND c.responded_at >= TIMESTAMP '2026-04-01 00:00:00'
          AND c.responded_at < TIMESTAMP '2026-07-01 00:00:00'
        """,
    ),
}


@pytest.mark.parametrize("title", BY_HAND)
def test_a_metric_gives_what_sql_by_hand_gives(title, lake, analyst):
    plan, by_hand = BY_HAND[title]
    compiled = lake.run_sql(compile_plan(plan, DOCS), analyst)
    verdict = compare(lake.run_sql(by_hand, analyst), compiled, Reference(by_hand))
    assert verdict.right, verdict.reason
