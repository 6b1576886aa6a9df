"""Compiled plans, run on DuckDB over a handful of rows whose answers are worked out by hand."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
import sqlglot

from nlq.catalog.catalog import Catalog
from nlq.drafting.compile_plan import compile_plan
from nlq.errors import CatalogError
from nlq.types import MetricPlan, PlanFilter

Q1_2026 = {"start": date(2026, 1, 1), "end": date(2026, 4, 1)}


@pytest.fixture
def shop() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute(
        """
        ATTACH ':memory:' AS lake; CREATE SCHEMA lake.shop;
        CREATE TABLE lake.shop.customers AS FROM (VALUES
            (1, 'Ann', 'EMEA', 'ENT'), (2, 'Bob', 'APAC', 'ENT'), (3, 'Cyd', 'APAC', 'SMB')
        ) t(customer_id, name, region, tier);
        CREATE TABLE lake.shop.orders AS FROM (VALUES
            (1, 1, DATE '2025-02-10', 10000, 'P'), (2, 2, DATE '2025-03-01', 4000, 'P'),
            (3, 1, DATE '2026-01-05', 12000, 'P'), (4, 1, DATE '2026-02-05', 3000, 'C'),
            (5, 2, DATE '2026-02-20', 5000, 'P'), (6, 3, DATE '2026-03-31', 700, 'P'),
            (7, 3, DATE '2026-04-01', 900, 'P')
        ) t(order_id, customer_id, placed_on, amount_c, status);
        CREATE TABLE lake.shop.costs AS FROM (VALUES
            (1, TIMESTAMP '2026-01-31 23:59:00', 2000), (2, TIMESTAMP '2026-02-01 00:00:00', 6000)
        ) t(customer_id, booked_at, amount_c);
        CREATE TABLE lake.shop.visits AS FROM (VALUES
            (1, TIMESTAMP '2026-01-31 10:00:00', '2026-01-31'),
            (1, TIMESTAMP '2026-02-01 10:00:00', '2026-02-01')
        ) t(customer_id, visited_at, ds);
        """
    )
    yield connection
    connection.close()


def rows(
    shop: duckdb.DuckDBPyConnection, catalog: Catalog, plan: MetricPlan
) -> list[tuple[object, ...]]:
    sql = compile_plan(plan, catalog)
    translated = sqlglot.transpile(sql, read="presto", write="duckdb")[0]
    return [
        tuple(float(v) if hasattr(v, "as_tuple") else v for v in row)
        for row in shop.execute(translated).fetchall()
    ]


def test_one_metric_over_a_bounded_time(shop, catalog):
    assert rows(shop, catalog, MetricPlan(("revenue",), **Q1_2026)) == [(177.0,)]


def test_by_dimension_biggest_first(shop, catalog):
    plan = MetricPlan(("revenue",), ("region",), **Q1_2026)
    assert rows(shop, catalog, plan) == [("EMEA", 120.0), ("APAC", 57.0)]


def test_top_takes_the_first_and_ascending_turns_the_order(shop, catalog):
    top = MetricPlan(("revenue",), ("customer",), top=1, **Q1_2026)
    assert rows(shop, catalog, top) == [("Ann", 120.0)]
    bottom = MetricPlan(("revenue",), ("customer",), top=1, ascending=True, **Q1_2026)
    assert rows(shop, catalog, bottom) == [("Cyd", 7.0)]


def test_filters_join_the_table_that_they_need(shop, catalog):
    plan = MetricPlan(("revenue",), (), (PlanFilter("region", ("APAC",)),), **Q1_2026)
    assert rows(shop, catalog, plan) == [(57.0,)]
    kept_out = MetricPlan(("revenue",), (), (PlanFilter("tier", ("ENT",), True),), **Q1_2026)
    assert rows(shop, catalog, kept_out) == [(7.0,)]
    several = MetricPlan(("revenue",), (), (PlanFilter("region", ("APAC", "EMEA")),), **Q1_2026)
    assert rows(shop, catalog, several) == [(177.0,)]


def test_a_grain_makes_a_series(shop, catalog):
    plan = MetricPlan(("revenue",), grain="month", **Q1_2026)
    assert [(str(day)[:10], value) for day, value in rows(shop, catalog, plan)] == [
        ("2026-01-01", 120.0),
        ("2026-02-01", 50.0),
        ("2026-03-01", 7.0),
    ]


def test_two_metrics_of_the_same_rows_share_one_scan(shop, catalog):
    plan = MetricPlan(("revenue", "order_count"), **Q1_2026)
    assert rows(shop, catalog, plan) == [(177.0, 3)]
    assert compile_plan(plan, catalog).count("shop.orders") == 1


def test_metrics_of_different_tables_are_joined_on_the_dimensions(shop, catalog):
    plan = MetricPlan(("revenue", "cost"), ("customer",), **Q1_2026)
    assert rows(shop, catalog, plan) == [
        ("Ann", 120.0, 20.0),
        ("Bob", 50.0, 60.0),
        ("Cyd", 7.0, None),
    ]


def test_derived_metrics_count_a_missing_side_as_nothing(shop, catalog):
    plan = MetricPlan(("profit",), ("customer",), **Q1_2026)
    assert rows(shop, catalog, plan) == [("Ann", 100.0), ("Cyd", 7.0), ("Bob", -10.0)]


def test_derived_of_derived(shop, catalog):
    (row,) = rows(shop, catalog, MetricPlan(("margin",), **Q1_2026))
    assert row[0] == pytest.approx((177 - 80) / 177)


def test_year_over_year_sets_each_period_beside_its_own_a_year_before(shop, catalog):
    plan = MetricPlan(("revenue",), grain="quarter", comparison="previous_year", **Q1_2026)
    ((quarter, now, before, change),) = rows(shop, catalog, plan)
    assert (str(quarter)[:10], now, before) == ("2026-01-01", 177.0, 140.0)
    assert change == pytest.approx(37 / 140)


def test_comparison_without_grain_compares_whole_ranges(shop, catalog):
    plan = MetricPlan(
        ("revenue",),
        ("customer",),
        start=date(2026, 2, 1),
        end=date(2026, 3, 1),
        comparison="previous_period",
    )
    assert rows(shop, catalog, plan) == [("Bob", 50.0, None, None), ("Ann", None, 120.0, None)]


def test_comparison_of_derived_metrics(shop, catalog):
    plan = MetricPlan(("profit",), comparison="previous_year", **Q1_2026)
    ((now, before, _),) = rows(shop, catalog, plan)
    assert (now, before) == (97.0, 140.0)


def test_share_of_a_part_in_the_whole(shop, catalog):
    part = (PlanFilter("region", ("APAC",)),)
    plan = MetricPlan(("revenue",), share=True, part=part, **Q1_2026)
    ((share, value, whole),) = rows(shop, catalog, plan)
    assert (share, value, whole) == (pytest.approx(57 / 177), 57.0, 177.0)
    by_tier = MetricPlan(("revenue",), ("tier",), share=True, part=part, **Q1_2026)
    assert rows(shop, catalog, by_tier) == [
        ("SMB", 1.0, 7.0, 7.0),
        ("ENT", pytest.approx(50 / 170), 50.0, 170.0),
    ]


def test_share_of_each_row_in_the_total(shop, catalog):
    plan = MetricPlan(("revenue",), ("region",), share=True, **Q1_2026)
    assert rows(shop, catalog, plan) == [
        ("EMEA", pytest.approx(120 / 177), 120.0),
        ("APAC", pytest.approx(57 / 177), 57.0),
    ]


def test_rows_without_a_name_can_be_left_out(shop, catalog):
    shop.execute("INSERT INTO lake.shop.orders VALUES (8, 99, DATE '2026-01-01', 99900, 'P')")
    plan = MetricPlan(("revenue",), ("customer",), top=1, **Q1_2026)
    assert rows(shop, catalog, plan) == [(None, 999.0)]
    known = MetricPlan(("revenue",), ("customer",), top=1, known_only=True, **Q1_2026)
    assert rows(shop, catalog, known) == [("Ann", 120.0)]


def test_retention_counts_only_those_who_were_there_before(shop, catalog):
    (row,) = rows(shop, catalog, MetricPlan(("retention",), **Q1_2026))
    assert row[0] == pytest.approx(170 / 140)


def test_retention_by_dimension_and_quarter(shop, catalog):
    plan = MetricPlan(("retention",), ("region",), grain="quarter", **Q1_2026)
    found = [(str(q)[:10], region, value) for q, region, value in rows(shop, catalog, plan)]
    assert found == [
        ("2026-01-01", "APAC", pytest.approx(1.25)),
        ("2026-01-01", "EMEA", pytest.approx(1.2)),
    ]


def test_partition_columns_are_bounded_beside_the_time_column(shop, catalog):
    plan = MetricPlan(("visits",), start=date(2026, 2, 1), end=date(2026, 3, 1))
    assert rows(shop, catalog, plan) == [(1,)]
    assert "visits.ds >= '2026-02-01'" in compile_plan(plan, catalog)


def test_values_are_quoted(catalog):
    plan = MetricPlan(("revenue",), (), (PlanFilter("region", ("x' OR 1=1 --",)),))
    assert "'x'' OR 1=1 --'" in compile_plan(plan, catalog)


@pytest.mark.parametrize(
    "plan",
    [
        MetricPlan(("nosuch",)),
        MetricPlan(("revenue",), ("nosuch",)),
        MetricPlan(("cost",), ("status",)),
        MetricPlan(("revenue",), comparison="previous_period"),
    ],
)
def test_what_cannot_be_compiled_is_refused(catalog, plan):
    with pytest.raises(CatalogError):
        compile_plan(plan, catalog)
