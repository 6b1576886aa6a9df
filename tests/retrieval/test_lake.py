from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from nlq.catalog.catalog import Catalog
from nlq.retrieval.documents import documents
from nlq.retrieval.index import build_index
from nlq.retrieval.lake import WEIGHTS, Lake, Shares, Weights
from nlq.retrieval.time_words import read_time
from nlq.types import Clock, ColumnDoc, TableDoc, ValueDoc

if TYPE_CHECKING:
    from conftest import HashedWords


def table(name: str, *columns: str, values: tuple[str, ...] = ()) -> TableDoc:
    docs = tuple(
        ColumnDoc(column, "varchar", values=tuple(map(ValueDoc, values)) if i == 0 else ())
        for i, column in enumerate(columns)
    )
    return TableDoc(name, docs)


SHOP = (
    ("customers", "customer_id", "city"),
    ("orders", "order_id", "customer_id", "status"),
    ("payments", "payment_id", "order_id", "amount"),
    ("couriers", "courier_id", "vehicle"),
)
TABLES = (
    *(table(f"lake.web_shop.{name}", *columns) for name, *columns in SHOP),
    *(table(f"lake.pizza_shop.{name}", *columns, "topping") for name, *columns in SHOP),
    table("lake.fish.orderlines", "line", "weight", values=("Kingston Quay",)),
    *(table(f"lake.census.county_{y}_5yr", "geo", "income", "rent") for y in range(2005, 2020)),
    *(table(f"lake.schema{n}.table{n}", f"column{n}") for n in range(25)),
)


def lake(*tables: TableDoc, weights: Weights = WEIGHTS) -> Lake:
    return Lake(documents(Catalog({t.name: t for t in tables})), weights)


@pytest.fixture(scope="module")
def whole() -> Lake:
    return lake(*TABLES)


def test_tables_of_the_schema_that_explains_the_question_come_before_their_namesakes(
    whole: Lake,
) -> None:
    found = whole.ranked("Which customers pay most for orders with what topping?", {})
    assert found[:2] == ["lake.pizza_shop.orders", "lake.pizza_shop.customers"]
    for name in ("customers", "payments", "couriers"):
        assert found.index(f"lake.pizza_shop.{name}") < found.index(f"lake.web_shop.{name}")


def test_every_family_is_ranked_once(whole: Lake) -> None:
    found = whole.ranked("Rent by county in 2012", {})
    assert sorted(found) == sorted(t.name for t in TABLES)


def test_editions_that_the_question_names_come_first_and_the_others_last(whole: Lake) -> None:
    found = whole.ranked("How did rent by county change from 2012 to 2016?", {})
    assert set(found[:2]) == {"lake.census.county_2012_5yr", "lake.census.county_2016_5yr"}
    assert not [name for name in found[2:20] if name.startswith("lake.census")]


def test_words_written_as_one_in_a_name_are_found(whole: Lake) -> None:
    assert whole.ranked("How many order lines are there?", {})[0] == "lake.fish.orderlines"


def test_a_value_leads_to_the_table_that_holds_it(whole: Lake) -> None:
    assert whole.ranked("What was sold at Kingston Quay?", {})[0] == "lake.fish.orderlines"


def test_what_means_the_same_is_found_without_a_word_of_it(whole: Lake) -> None:
    docs = documents(Catalog({t.name: t for t in TABLES}))
    key = next(doc.key for doc in docs if doc.name == "lake.schema7.table7")
    assert whole.ranked("Something else entirely", {key: 0.9})[0] == "lake.schema7.table7"


DAYS = [
    *(f"lake.web_old.visits_201708{day:02}" for day in range(1, 4)),
    *(f"lake.web_new.visits_202101{day:02}" for day in range(1, 4)),
]


@pytest.mark.parametrize(
    ("text", "better", "worse"),
    [
        ("How many visits were there in January 2021?", "web_new", "web_old"),
        ("How many visits were there on August 2, 2017?", "web_old", "web_new"),
        ("How many visits were there between 2019 and 2022?", "web_new", "web_old"),
    ],
)
def test_shards_of_the_time_that_is_asked_about_come_before_others(
    text: str, better: str, worse: str
) -> None:
    both = lake(*TABLES, *(table(name, "page", "visitor") for name in DAYS))
    times = read_time(text, Clock(datetime(2026, 1, 1), ZoneInfo("UTC"))).ranges
    found = both.ranked(text, {}, times)
    assert found.index(f"lake.{better}.visits") < found.index(f"lake.{worse}.visits")


def test_a_name_spelt_out_with_its_schema_comes_first(whole: Lake) -> None:
    text = "Join the topping of pizza orders with web_shop.couriers"
    assert whole.ranked(text, {})[0] == "lake.web_shop.couriers"
    assert whole.ranked("See lake.fish.orderlines for toppings", {})[0] == "lake.fish.orderlines"


def test_nothing_counts_without_weights() -> None:
    nothing = Weights(**{field.name: 0.0 for field in fields(Weights)})
    first = lake(*TABLES, weights=nothing).ranked("topping", {})
    assert first == lake(*TABLES, weights=nothing).ranked("vehicle", {})


def test_shares_count_rare_terms_more() -> None:
    shares = Shares([{"order", "city"}, {"order", "topping"}, {"order"}])
    _city, topping, order = shares.of_question({"order", "topping"})
    assert topping == pytest.approx(1.0)
    assert order < 0.5
    assert shares.of_documents({"order", "unknown"})[2] == pytest.approx(1.0)
    assert list(shares.of_question({"unknown"})) == [0, 0, 0]


def test_a_lake_of_many_schemas_keeps_the_scale_of_scores(
    tmp_path: Path, embeddings: HashedWords
) -> None:
    catalog = Catalog({t.name: t for t in TABLES})
    text = "Which customers pay most for orders with what topping?"
    plain = build_index(catalog, embeddings, tmp_path, weights=None).search(text).tables
    ranked = build_index(catalog, embeddings, tmp_path).search(text).tables
    assert list(ranked.values()) == list(plain.values())
    assert list(ranked) != list(plain)
    assert set(ranked) == set(plain)


def test_few_schemas_rank_as_before(tmp_path: Path, embeddings: HashedWords) -> None:
    catalog = Catalog({t.name: t for t in TABLES[:8]})
    found = [
        build_index(catalog, embeddings, tmp_path, weights=weights).search("topping").tables
        for weights in (None, replace(WEIGHTS, table_name=9.0))
    ]
    assert list(found[0].items()) == list(found[1].items())
