"""A small catalog of orders and customers, and a clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from nlq.catalog.catalog import Catalog
from nlq.types import (
    Clock,
    ColumnDoc,
    DimensionDoc,
    JoinEdge,
    MetricDoc,
    TableDoc,
    ValueDoc,
)


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 7, 15, 9, tzinfo=UTC), ZoneInfo("UTC"))


@pytest.fixture
def catalog() -> Catalog:
    orders = TableDoc(
        "lake.shop.orders",
        (
            ColumnDoc("order_id", "bigint"),
            ColumnDoc("customer_id", "bigint"),
            ColumnDoc("placed_on", "date"),
            ColumnDoc("amount_c", "bigint", unit="USD cents"),
            ColumnDoc("status", "varchar", values=(ValueDoc("P", "paid"), ValueDoc("C", "open"))),
        ),
        time_column="placed_on",
        joins=(
            JoinEdge("lake.shop.orders", ("customer_id",), "lake.shop.customers", ("customer_id",)),
        ),
    )
    customers = TableDoc(
        "lake.shop.customers",
        (
            ColumnDoc("customer_id", "bigint"),
            ColumnDoc("name", "varchar"),
            ColumnDoc(
                "region",
                "varchar",
                values=(ValueDoc("EMEA", "Europe"), ValueDoc("APAC", "Asia Pacific")),
            ),
            ColumnDoc("tier", "varchar", values=(ValueDoc("ENT", "Enterprise"),)),
        ),
    )
    costs = TableDoc(
        "lake.shop.costs",
        (
            ColumnDoc("customer_id", "bigint"),
            ColumnDoc("booked_at", "timestamp(3)"),
            ColumnDoc("amount_c", "bigint", unit="USD cents"),
        ),
        time_column="booked_at",
        joins=(
            JoinEdge("lake.shop.costs", ("customer_id",), "lake.shop.customers", ("customer_id",)),
        ),
    )
    visits = TableDoc(
        "lake.shop.visits",
        (
            ColumnDoc("customer_id", "bigint"),
            ColumnDoc("visited_at", "timestamp(3)"),
            ColumnDoc("ds", "varchar"),
        ),
        partitioned_by=("ds",),
        partition_filter_required=True,
        time_column="visited_at",
    )
    tables = {t.name: t for t in (orders, customers, costs, visits)}
    dimensions = {
        d.name: d
        for d in (
            DimensionDoc("region", "Region", "lake.shop.customers", "region"),
            DimensionDoc("tier", "Tier", "lake.shop.customers", "tier"),
            DimensionDoc("customer", "Customer", "lake.shop.customers", "name"),
            DimensionDoc("status", "Status", "lake.shop.orders", "status"),
        )
    }
    on_customers = ("region", "tier", "customer")
    metrics = {
        m.name: m
        for m in (
            MetricDoc(
                "revenue",
                "Revenue",
                "Paid orders.",
                table="lake.shop.orders",
                time_column="placed_on",
                expression="sum(amount_c) / 100.0",
                filters=("status = 'P'",),
                dimensions=(*on_customers, "status"),
                unit="usd",
            ),
            MetricDoc(
                "order_count",
                "Orders",
                "Paid orders, counted.",
                table="lake.shop.orders",
                time_column="placed_on",
                expression="count(*)",
                filters=("status = 'P'",),
                dimensions=on_customers,
                unit="count",
            ),
            MetricDoc(
                "cost",
                "Cost",
                "Costs booked.",
                table="lake.shop.costs",
                time_column="booked_at",
                expression="sum(amount_c) / 100.0",
                dimensions=on_customers,
                unit="usd",
                higher_is_better=False,
            ),
            MetricDoc(
                "profit",
                "Profit",
                "Revenue less cost.",
                kind="derived",
                expression="revenue - cost",
                inputs=("revenue", "cost"),
                dimensions=on_customers,
                unit="usd",
            ),
            MetricDoc(
                "margin",
                "Margin",
                "Profit over revenue.",
                kind="derived",
                expression="profit / nullif(revenue, 0)",
                inputs=("profit", "revenue"),
                dimensions=on_customers,
                unit="percent",
            ),
            MetricDoc(
                "retention",
                "Net revenue retention",
                "Revenue of those who bought a year before, over their revenue then.",
                kind="retention",
                inputs=("revenue",),
                entity="customer",
                dimensions=("region", "tier"),
                unit="percent",
            ),
            MetricDoc(
                "visits",
                "Visits",
                "Page visits.",
                table="lake.shop.visits",
                time_column="visited_at",
                expression="count(*)",
                unit="count",
            ),
        )
    }
    return Catalog(tables, metrics, dimensions)
