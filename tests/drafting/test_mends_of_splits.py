"""Splits by one word: a column or a table that the question names after "by" or "each"."""

from __future__ import annotations

import pytest

from nlq.catalog.catalog import Catalog
from nlq.drafting.mends.mend import mend
from nlq.types import ColumnDoc, JoinEdge, TableDoc


def doc(name: str, key: str, *columns: str, joins: tuple[JoinEdge, ...] = ()) -> TableDoc:
    known = (ColumnDoc(key, "bigint"), *(ColumnDoc(column, "varchar") for column in columns))
    return TableDoc(f"lake.shop.{name}", known, primary_key=(key,), joins=joins)


BAYS = TableDoc(
    "lake.shop.bays",
    (ColumnDoc("bay_id", "bigint"), ColumnDoc("lt", "varchar", "lift type: A, B")),
)
GARAGES = doc("garages", "garage_id", "garage_nm", "town", "dept")
REPAIRS = doc(
    "repairs", "repair_id", "chan", "amount", "garage_id",
    joins=(JoinEdge("lake.shop.repairs", ("garage_id",), "lake.shop.garages", ("garage_id",)),),
)  # fmt: skip
SHOP = Catalog({table.name: table for table in (GARAGES, REPAIRS, BAYS)})
JOINED = "FROM repairs AS r JOIN garages AS g ON r.garage_id = g.garage_id"


@pytest.mark.parametrize(
    ("asked", "drafted", "mended"),
    [
        ("How many repairs are there by channel?", "SELECT COUNT(*) AS n FROM repairs AS r",
         "SELECT r.chan, COUNT(*) AS n FROM repairs AS r GROUP BY r.chan"),
        ("How many repairs are there by channel type?", "SELECT COUNT(*) AS n FROM repairs AS r",
         "SELECT r.chan, COUNT(*) AS n FROM repairs AS r GROUP BY r.chan"),
        ("How many bays are there per lift type?", "SELECT COUNT(*) AS n FROM bays AS b",
         "SELECT b.lt, COUNT(*) AS n FROM bays AS b GROUP BY b.lt"),
        ("What is the highest amount at each garage, with its town?",
         f"SELECT g.town, MAX(r.amount) AS n {JOINED} GROUP BY g.town",
         f"SELECT g.garage_id, g.town, MAX(r.amount) AS n, g.garage_nm {JOINED} "
         "GROUP BY g.town, g.garage_id, g.garage_nm"),
    ],
)  # fmt: skip
def test_a_split_by_one_word_is_made(asked: str, drafted: str, mended: str) -> None:
    assert mend(drafted, SHOP, asked)[0] == mended


@pytest.mark.parametrize(
    ("asked", "drafted"),
    [
        ("How many repairs were booked by channel?", "SELECT COUNT(*) AS n FROM repairs AS r"),
        ("How many repairs by channel partners are there?",
         "SELECT COUNT(*) AS n FROM repairs AS r"),
        ("What is the highest amount at each garage?",
         f"SELECT g.garage_nm, MAX(r.amount) AS n {JOINED} GROUP BY g.garage_nm"),
        ("What is the highest amount of each garage type?",
         f"SELECT g.dept, MAX(r.amount) AS n {JOINED} GROUP BY g.dept"),
    ],
)  # fmt: skip
def test_splits_that_are_made_or_not_meant_are_left(asked: str, drafted: str) -> None:
    assert mend(drafted, SHOP, asked) == (drafted, ())
