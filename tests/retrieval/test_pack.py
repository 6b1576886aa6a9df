from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from nlq.retrieval.pack import pack, range_lines
from nlq.types import (
    Clock,
    ColumnDoc,
    Context,
    DateRange,
    JoinEdge,
    MetricDoc,
    MetricHit,
    Principal,
    Question,
    TableDoc,
    TableHit,
    TimeReading,
    ValueDoc,
    ValueLink,
    VerifiedHit,
    VerifiedQuery,
)

if TYPE_CHECKING:
    from conftest import WordCounter

ORDERS = TableDoc(
    "lake.shop.orders",
    (
        ColumnDoc("cents", "bigint", "Amount.", unit="USD cents"),
        ColumnDoc("st", "varchar", "State.", values=(ValueDoc("P", "Paid"), ValueDoc("O", "Open"))),
        ColumnDoc("junk", "varchar"),
        ColumnDoc("ds", "varchar"),
    ),
    "All orders.",
    partitioned_by=("ds",),
    partition_filter_required=True,
    certification="deprecated",
)
CUSTOMERS = TableDoc(
    "lake.shop.customers",
    (ColumnDoc("id", "bigint"), ColumnDoc("city", "varchar")),
    "Buyers. More.",
)
DISTANT = TableDoc("lake.shop.rates", (ColumnDoc("id", "bigint"),))
JOIN = JoinEdge("lake.shop.orders", ("cust", "org"), "lake.shop.customers", ("id", "org"))


@pytest.fixture
def context(clock: Clock) -> Context:
    return Context(
        Question("q", "Revenue in O'Hara?", Principal("ann"), clock),
        "Revenue in O'Hara?",
        tables=(
            TableHit(ORDERS, 0.9, ("cents", "st", "ds")),
            TableHit(CUSTOMERS, 0.6, ("id", "city")),
            TableHit(DISTANT, 0.4, ("id",)),
        ),
        joins=(JOIN,),
        metrics=(
            MetricHit(
                MetricDoc(
                    "r", "Revenue", "", table=ORDERS.name, expression="sum(cents)", filters=("a",)
                ),
                1.0,
                "Revenue",
            ),
        ),
        values=(
            ValueLink("O'Hara", "lake.shop.customers", "city", "O'Hara"),
            ValueLink("O'Hara", "lake.shop.rates", "place", "O'Hara"),
        ),
        time=TimeReading((DateRange("last month", date(2026, 6, 1), date(2026, 7, 1)),)),
        verified=(
            VerifiedHit(VerifiedQuery("Like it?", "SELECT 1\n"), 0.9),
            VerifiedHit(VerifiedQuery("Unlike it?", "SELECT 2"), 0.3),
        ),
    )


def test_says_all_that_a_draft_needs(context: Context, counter: WordCounter) -> None:
    text, tokens = pack(context, counter, 500)
    assert text == "\n".join(
        (
            "-- All orders; DEPRECATED; always filter ds",
            "CREATE TABLE lake.shop.orders (",
            "  cents bigint, -- Amount; USD cents",
            "  st varchar, -- State; values 'P' Paid, 'O' Open",
            "  ds varchar",
            ");",
            "-- Buyers",
            "CREATE TABLE lake.shop.customers (",
            "  id bigint,",
            "  city varchar",
            ");",
            "-- \"last month\" is >= DATE '2026-06-01' and < DATE '2026-07-01'",
            "-- \"O'Hara\" is lake.shop.customers.city = 'O''Hara'",
            "-- Revenue = sum(cents) from lake.shop.orders where a",
            "-- join lake.shop.orders.cust = lake.shop.customers.id AND "
            "lake.shop.orders.org = lake.shop.customers.org",
            "-- Question: Like it?",
            "SELECT 1",
        )
    )
    assert tokens == counter.count(text)


def test_only_points_at_tables_of_a_lake_that_the_prompt_has_whole(
    context: Context, counter: WordCounter
) -> None:
    text, _ = pack(replace(context, lake="CREATE TABLE ..."), counter, 500)
    assert text.splitlines()[:2] == [
        "-- tables: lake.shop.orders, lake.shop.customers",
        "-- join lake.shop.orders.cust = lake.shop.customers.id AND "
        "lake.shop.orders.org = lake.shop.customers.org",
    ]
    assert "CREATE TABLE" not in text


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (("seen date",), ["\"2024\" is >= DATE '2024-01-01' and < DATE '2025-01-01'"]),
        (("year bigint",), ['"2024" is year = 2024']),
        (
            ("year bigint", "seen timestamp(3)"),
            [
                '"2024" is year = 2024',
                "\"2024\" is >= DATE '2024-01-01' and < DATE '2025-01-01'",
            ],
        ),
    ],
)
def test_years_that_are_numbers_are_told_as_numbers(
    columns: tuple[str, ...], told: list[str]
) -> None:
    docs = [ColumnDoc(*column.split(" ")) for column in columns]
    found = DateRange("2024", date(2024, 1, 1), date(2025, 1, 1))
    assert list(range_lines(found, docs)) == [f"-- {line}" for line in told]


@pytest.mark.parametrize("budget", [0, 5, 20, 40, 60, 80])
def test_never_goes_over_the_budget(context: Context, counter: WordCounter, budget: int) -> None:
    text, tokens = pack(context, counter, budget)
    assert tokens <= budget
    assert counter.count(text) <= budget


def test_what_matters_least_goes_first(context: Context, counter: WordCounter) -> None:
    whole = pack(context, counter, 500)[1]
    text = pack(context, counter, whole - 1)[0]
    assert "CREATE TABLE lake.shop.orders (" in text
    assert "Like it?" not in text


def test_a_phrase_with_many_columns_does_not_fill_the_prompt(
    context: Context, counter: WordCounter
) -> None:
    links = tuple(ValueLink("x", "lake.shop.orders", f"c{i}", "X") for i in range(9))
    text = pack(replace(context, values=links), counter, 500)[0]
    assert text.count('"x" is') == 3
