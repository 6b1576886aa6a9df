"""Periods kept by half, patterns on one column, keys under another name, the best of each group."""

from __future__ import annotations

from datetime import date

import pytest

from nlq.catalog.catalog import Catalog
from nlq.drafting.mends.mend import mend
from nlq.types import ColumnDoc, DateRange, JoinEdge, TableDoc


def doc(name: str, columns: dict[str, str], *joins: JoinEdge) -> TableDoc:
    known = tuple(ColumnDoc(column, kind) for column, kind in columns.items())
    return TableDoc(f"lake.fair.{name}", known, primary_key=(next(iter(columns)),), joins=joins)


def edge(left: str, right: str, key: str) -> JoinEdge:
    return JoinEdge(f"lake.fair.{left}", (key,), f"lake.fair.{right}", (key,))


STANDS = doc("stand", {"sid": "bigint", "stand": "varchar", "opens": "date", "closes": "date"})
CROPS = doc("crop", {"cid": "bigint", "sort": "varchar", "fam": "varchar"})
SALES = doc(
    "sale",
    {"lid": "bigint", "sid": "bigint", "cid": "bigint", "sold_on": "date", "eur": "double"},
    edge("sale", "stand", "sid"),
    edge("sale", "crop", "cid"),
)
FAIR = Catalog({table.name: table for table in (STANDS, CROPS, SALES)})
IN_2024 = (DateRange("in 2024", date(2024, 1, 1), date(2025, 1, 1)),)
FROM = "CAST('2024-01-01' AS DATE)"
TO = "CAST('2025-01-01' AS DATE)"


@pytest.mark.parametrize(
    ("asked", "drafted", "mended"),
    [
        ("What was sold in 2024?",
         f"SELECT SUM(eur) AS n FROM sale WHERE sold_on >= {FROM}",
         f"SELECT SUM(eur) AS n FROM sale WHERE sold_on >= {FROM} AND sold_on < {TO}"),
        ("Which stands opened in 2024?",
         f"SELECT stand FROM stand WHERE opens >= {FROM} AND closes < {TO}",
         f"SELECT stand FROM stand WHERE opens >= {FROM} AND opens < {TO}"),
        ("Which stands closed in 2024?",
         f"SELECT stand FROM stand WHERE {FROM} <= opens AND closes <= CAST('2024-12-31' AS DATE)",
         f"SELECT stand FROM stand WHERE closes >= {FROM} AND closes < {TO}"),
    ],
)  # fmt: skip
def test_a_period_is_kept_whole(asked: str, drafted: str, mended: str) -> None:
    assert mend(drafted, FAIR, asked, IN_2024)[0] == mended


@pytest.mark.parametrize(
    ("asked", "drafted"),
    [
        ("What was sold in 2024?",
         f"SELECT SUM(eur) AS n FROM sale WHERE sold_on >= {FROM} AND sold_on < {TO}"),
        ("What was sold in 2024?",
         "SELECT SUM(eur) AS n FROM sale WHERE sold_on >= CAST('2023-01-01' AS DATE)"),
        ("Which stands were there from the first to the last day in 2024?",
         f"SELECT stand FROM stand WHERE opens >= {FROM} AND closes < {TO}"),
    ],
)  # fmt: skip
def test_periods_that_are_whole_or_unclear_are_left(asked: str, drafted: str) -> None:
    assert mend(drafted, FAIR, asked, IN_2024) == (drafted, ())


def test_a_period_that_is_not_over_is_not_bounded() -> None:
    drafted = f"SELECT SUM(eur) AS n FROM sale WHERE sold_on >= {FROM}"
    assert mend(drafted, FAIR, "What was sold since 2024?") == (drafted, ())


def test_patterns_for_the_beginning_bind_before_one_for_what_is_behind() -> None:
    drafted = "SELECT cid FROM crop WHERE sort LIKE 'k%' OR sort LIKE 'm%' AND sort LIKE '%iii%'"
    mended, _ = mend(drafted, FAIR, "Which K and M sorts are of class III?")
    low = "LOWER(sort) LIKE"
    assert f"({low} 'k%' OR {low} 'm%') AND {low} '%iii%'" in mended
    same = "SELECT cid FROM crop WHERE sort LIKE 'k%' OR sort LIKE 'm%' AND sort LIKE 'n%'"
    assert f"{low} 'k%' OR {low} 'm%' AND {low} 'n%'" in mend(same, FAIR, "Which sorts?")[0]


def test_a_key_shown_under_another_name_becomes_what_is_called_so() -> None:
    drafted = "SELECT t.cid AS family, SUM(t.eur) AS n FROM sale AS t GROUP BY t.cid"
    mended, _ = mend(drafted, FAIR, "What was sold of each family?")
    assert mended == (
        "SELECT crop.fam AS family, SUM(t.eur) AS n FROM sale AS t "
        "JOIN lake.fair.crop AS crop ON t.cid = crop.cid GROUP BY crop.fam"
    )


@pytest.mark.parametrize("name", ["crop_id", "cid", "colour", "sid"])
def test_other_names_of_keys_are_left(name: str) -> None:
    drafted = f"SELECT t.cid AS {name}, SUM(t.eur) AS n FROM sale AS t GROUP BY t.cid"
    assert mend(drafted, FAIR, "What was sold of each?") == (drafted, ())


JOINED = "FROM sale AS l JOIN stand AS s ON l.sid = s.sid JOIN crop AS c ON l.cid = c.cid"


def test_the_best_total_within_each_group_is_ranked_there() -> None:
    drafted = (
        f"SELECT s.stand AS stand, c.sort AS sort, SUM(l.eur) AS total {JOINED} "
        "GROUP BY s.stand, c.sort ORDER BY total DESC LIMIT 1"
    )
    mended, notes = mend(drafted, FAIR, "For each stand, which sort was sold for the most?")
    assert "RANK() OVER (PARTITION BY s.stand ORDER BY SUM(l.eur) DESC)" in mended
    assert "GROUP BY s.stand, c.sort" in mended
    assert "LIMIT" not in mended
    assert "ranked within each stand" in notes


def test_the_best_of_all_groups_stays_one() -> None:
    drafted = (
        "SELECT s.stand AS stand, SUM(l.eur) AS total FROM sale AS l JOIN stand AS s "
        "ON l.sid = s.sid GROUP BY s.stand ORDER BY total DESC LIMIT 1"
    )
    asked = "Of the totals for each stand, which is the highest?"
    assert "RANK" not in mend(drafted, FAIR, asked)[0]


def test_how_often_counts_each_time() -> None:
    drafted = "SELECT COUNT(DISTINCT l.sid) AS n FROM sale AS l"
    assert mend(drafted, FAIR, "How often was anything sold?")[0] == (
        "SELECT COUNT(l.sid) AS n FROM sale AS l"
    )
    asked = "How often was anything sold, at different stands?"
    assert mend(drafted, FAIR, asked) == (drafted, ())


def test_a_share_of_those_that_are_there_is_of_all() -> None:
    drafted = (
        "SELECT CAST(COUNT(l.cid) AS DOUBLE) / COUNT(l.lid) AS part FROM sale AS l "
        "WHERE NOT l.cid IS NULL AND l.eur > 5"
    )
    mended, _ = mend(drafted, FAIR, "What share of the sales above 5 has a crop?")
    assert mended.endswith("FROM sale AS l WHERE l.eur > 5")


def test_including_those_that_never_did_counts_them_with_none() -> None:
    drafted = (
        "SELECT s.stand AS stand, COUNT(*) AS n FROM sale AS l JOIN stand AS s ON l.sid = s.sid "
        "GROUP BY s.stand"
    )
    asked = "List the stands with their number of sales, including those that never sold anything."
    mended, _ = mend(drafted, FAIR, asked)
    assert "FROM stand AS s LEFT JOIN sale AS l" in mended
    assert "COUNT(l.sid)" in mended


SHIPS = Catalog(
    {
        table.name: table
        for table in (
            doc("shship", {"shshid": "bigint", "shshfee": "double"}),
            doc("steamboat", {"bid": "bigint", "name": "varchar"}),
            doc("tour_boat", {"bid": "bigint", "tour": "bigint"}),
        )
    }
)


def test_letters_put_into_a_name_are_left_out() -> None:
    drafted = "SELECT s.shshharbourfee FROM shship AS s"
    assert mend(drafted, SHIPS)[0] == "SELECT s.shshfee FROM shship AS s"


def test_a_table_is_not_asked_about_by_a_word_that_ends_the_name_of_another() -> None:
    drafted = "SELECT s.name FROM steamboat AS s JOIN tour_boat AS t ON s.bid = t.bid"
    assert "JOIN" not in mend(drafted, SHIPS, "What are the boats called?")[0]
    assert "JOIN" in mend(drafted, SHIPS, "What are the boats on tour called?")[0]


def test_a_name_without_its_end_and_a_date_under_another_name_are_read() -> None:
    trips = doc("trip", {"trid": "bigint", "left_at": "timestamp", "milesdriven": "double"})
    catalog = Catalog({trips.name: trips})
    drafted = "SELECT t.milesdri FROM trip AS t WHERE t.tripdate >= DATE '2024-01-01'"
    mended = mend(drafted, catalog)[0]
    assert mended.startswith("SELECT t.milesdriven FROM trip AS t WHERE t.left_at >=")


def test_a_date_that_may_be_either_of_two_is_left() -> None:
    drafted = "SELECT t.stand FROM stand AS t WHERE t.made_on >= DATE '2024-01-01'"
    assert "t.made_on" in mend(drafted, FAIR)[0]
