"""What a ranked number belongs to stands beside it."""

from __future__ import annotations

import pytest

from nlq.catalog.catalog import Catalog
from nlq.drafting.mends.mend import mend
from nlq.types import ColumnDoc, TableDoc

PEAKS = TableDoc(
    "lake.maps.peak",
    (
        ColumnDoc("peak_name", "varchar"),
        ColumnDoc("region_name", "varchar"),
        ColumnDoc("height", "integer"),
    ),
)
BOXES = TableDoc(
    "lake.maps.box",
    (ColumnDoc("box_no", "varchar"), ColumnDoc("weight", "decimal(9,2)")),
    primary_key=("box_no",),
)
MAPS = Catalog({table.name: table for table in (PEAKS, BOXES)})


@pytest.mark.parametrize(
    ("drafted", "mended"),
    [
        ("SELECT height FROM peak ORDER BY height DESC",
         "SELECT peak_name, height FROM peak ORDER BY height DESC"),
        ("SELECT b.weight FROM box AS b ORDER BY b.weight DESC LIMIT 3",
         "SELECT b.box_no, b.weight FROM box AS b ORDER BY b.weight DESC LIMIT 3"),
    ],
)  # fmt: skip
def test_a_ranked_number_is_shown_with_what_it_is_of(drafted: str, mended: str) -> None:
    assert mend(drafted, MAPS, "the highest or heaviest ones")[0] == mended


@pytest.mark.parametrize(
    "drafted",
    [
        "SELECT peak_name FROM peak AS p",
        "SELECT height FROM peak",
        "SELECT DISTINCT height FROM peak ORDER BY height",
        "SELECT MAX(p.height) AS height FROM peak AS p",
    ],
)
def test_other_numbers_stand_alone(drafted: str) -> None:
    assert mend(drafted, MAPS, "the heights") == (drafted, ())
