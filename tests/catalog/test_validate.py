from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from nlq.catalog.catalog import Catalog
from nlq.catalog.validate import validate
from nlq.catalog.yaml_docs import YamlDocs
from nlq.types import (
    AmbiguousTerm,
    ColumnDoc,
    DimensionDoc,
    JoinEdge,
    MetricDoc,
    TableDoc,
    ValueDoc,
    VerifiedQuery,
)


def columns(*names: str) -> tuple[ColumnDoc, ...]:
    return tuple(ColumnDoc(name, "varchar") for name in names)


ORDERS = TableDoc(
    "lake.shop.orders",
    columns("id", "customer_id", "cents", "day"),
    time_column="day",
    joins=(JoinEdge("lake.shop.orders", ("customer_id",), "lake.shop.customers", ("id",)),),
)
CUSTOMERS = TableDoc("lake.shop.customers", columns("id", "region"), primary_key=("id",))
REGION = DimensionDoc("region", "Region", "lake.shop.customers", "region")
REVENUE = MetricDoc(
    "revenue",
    "Revenue",
    "",
    table="lake.shop.orders",
    time_column="day",
    expression="sum(cents) / 1e2",
    dimensions=("region",),
)
SOUND = Catalog(
    tables={t.name: t for t in (ORDERS, CUSTOMERS)},
    metrics={"revenue": REVENUE},
    dimensions={"region": REGION},
    verified=(VerifiedQuery("How many orders?", "SELECT count(*) FROM lake.shop.orders"),),
)


def with_table(**change: object) -> Catalog:
    return replace(SOUND, tables={**SOUND.tables, ORDERS.name: replace(ORDERS, **change)})  # type: ignore[arg-type]


def with_metric(**change: object) -> Catalog:
    changed = replace(REVENUE, **change)  # type: ignore[arg-type]
    return replace(SOUND, metrics={**SOUND.metrics, changed.name: changed})


def test_sound_docs_have_no_problems() -> None:
    assert validate(SOUND) == ()


def test_the_sample_docs_are_sound() -> None:
    folder = Path(str(resources.files("nlq.sample"))) / "docs"
    assert validate(YamlDocs(folder).load()) == ()


@pytest.mark.parametrize(
    ("catalog", "problem"),
    [
        (with_table(columns=columns("id", "id", "customer_id", "cents", "day")), "id is described"),
        (with_table(primary_key=("nope",)), "primary key nope"),
        (with_table(time_column="nope"), "time column nope"),
        (with_table(partitioned_by=("nope",)), "partition column nope"),
        (with_table(partition_filter_required=True), "no partition column is named"),
        (with_table(replaced_by="lake.shop.gone"), "replaced by lake.shop.gone"),
        (
            with_table(
                columns=(
                    *ORDERS.columns,
                    ColumnDoc("s", "varchar", values=(ValueDoc("A"), ValueDoc("A"))),
                )
            ),
            "value A twice",
        ),
        (
            with_table(joins=(JoinEdge(ORDERS.name, ("nope",), CUSTOMERS.name, ("id",)),)),
            "uses its column nope",
        ),
        (
            with_table(joins=(JoinEdge(ORDERS.name, ("id",), CUSTOMERS.name, ("nope",)),)),
            "uses the column nope",
        ),
        (
            with_table(joins=(JoinEdge(ORDERS.name, ("id",), "lake.shop.gone", ("id",)),)),
            "a table that is not described",
        ),
        (
            with_table(joins=(JoinEdge(ORDERS.name, ("id",), CUSTOMERS.name, ("id", "region")),)),
            "unequal numbers",
        ),
        (
            with_table(
                joins=(
                    JoinEdge(
                        ORDERS.name, ("customer_id",), CUSTOMERS.name, ("id",), "many_to_many"
                    ),
                )
            ),
            "region cannot be reached",
        ),
        (with_metric(table="lake.shop.gone"), "its table lake.shop.gone"),
        (with_metric(time_column="nope"), "no column nope"),
        (with_metric(expression="sum(nope)"), "no column nope"),
        (with_metric(expression="sum((cents"), "not valid SQL"),
        (with_metric(filters=("nope = 1",)), "no column nope"),
        (
            with_metric(filters=("id IN (SELECT id FROM lake.shop.gone)",)),
            "the table lake.shop.gone is not described",
        ),
        (with_metric(dimensions=("nope",)), "dimension nope is not described"),
        (
            with_metric(name="m", kind="derived", expression="revenue - nope", inputs=("revenue",)),
            "uses nope",
        ),
        (with_metric(name="m", kind="derived", expression="x", inputs=("x",)), "x is not a metric"),
        (with_metric(name="m", kind="derived", expression="m", inputs=("m",)), "back to itself"),
        (with_metric(name="m", kind="derived", expression="1", inputs=()), "names no inputs"),
        (
            with_metric(name="m", kind="retention", inputs=("revenue", "revenue"), entity="region"),
            "exactly one input",
        ),
        (
            with_metric(name="m", kind="retention", inputs=("revenue",), entity="nope"),
            "entity nope",
        ),
        (
            replace(SOUND, dimensions={"region": replace(REGION, column="nope")}),
            "has no column nope",
        ),
        (
            replace(SOUND, dimensions={"region": replace(REGION, table="lake.shop.gone")}),
            "its table lake.shop.gone",
        ),
        (
            replace(SOUND, verified=(*SOUND.verified, *SOUND.verified)),
            "there twice",
        ),
        (
            replace(SOUND, verified=(VerifiedQuery("q", "SELECT 1 FROM lake.shop.gone"),)),
            "lake.shop.gone",
        ),
        (replace(SOUND, verified=(VerifiedQuery("q", "SELECT ((("),)), "cannot be read"),
        (
            replace(SOUND, verified=(VerifiedQuery("q", "SELECT 1 FROM orders"),)),
            "the table orders",
        ),
        (
            replace(SOUND, ambiguous=(AmbiguousTerm(("sales",), "Which?", ("revenue",)),)),
            "fewer than two options",
        ),
    ],
)
def test_names_what_is_wrong(catalog: Catalog, problem: str) -> None:
    found = validate(catalog)
    assert any(problem in line for line in found), found


def test_a_query_may_name_its_own_ctes() -> None:
    query = VerifiedQuery(
        "q", "WITH big AS (SELECT 1 AS x FROM lake.shop.orders) SELECT * FROM big"
    )
    assert validate(replace(SOUND, verified=(query,))) == ()
