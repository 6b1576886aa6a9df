"""Mends of drafts that an engine would turn down: each one mends, and leaves what runs."""

from __future__ import annotations

import pytest

from nlq.catalog.catalog import Catalog
from nlq.drafting.mends.mend import mend
from nlq.types import ColumnDoc, JoinEdge, TableDoc


def doc(name: str, *columns: tuple[str, str], to: tuple[JoinEdge, ...] = ()) -> TableDoc:
    known = tuple(ColumnDoc(column, kind) for column, kind in columns)
    return TableDoc(f"lake.farm.{name}", known, primary_key=(columns[0][0],), joins=to)


def to(left: str, column: str, right: str, key: str) -> JoinEdge:
    return JoinEdge(f"lake.farm.{left}", (column,), f"lake.farm.{right}", (key,))


TABLES = (
    doc("fields", ("field_id", "bigint"), ("field_nm", "varchar"), ("soil_kind", "varchar"),
        ("hectares", "double"), ("fdsoilregion", "varchar")),
    doc("harvests", ("harvest_id", "bigint"), ("field_id", "bigint"), ("crop_id", "bigint"),
        ("reaped_at", "timestamp"), ("sown_at", "timestamp"), ("tonnes", "double"),
        ("organic", "boolean"), ("sold_on", "date"),
        to=(to("harvests", "field_id", "fields", "field_id"),
            to("harvests", "crop_id", "crops", "crop_id"))),
    doc("crops", ("crop_id", "bigint"), ("latin_name", "varchar"), ("plain_name", "varchar"),
        ("family", "varchar")),
    doc("crop_uses", ("crop_id", "bigint"), ("use_cd", "varchar"),
        to=(to("crop_uses", "crop_id", "crops", "crop_id"),)),
)  # fmt: skip
FARM = Catalog({table.name: table for table in TABLES})


def mended(draft: str, asked: str = "") -> str:
    return mend(draft, FARM, asked)[0]


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("SELECT f.name FROM fields AS f", "SELECT f.field_nm FROM fields AS f"),
        ("SELECT h.id FROM harvests AS h", "SELECT h.harvest_id FROM harvests AS h"),
        ("SELECT farm_soil_kind FROM fields", "SELECT soil_kind FROM fields"),
        ("SELECT fdregion FROM fields", "SELECT fdsoilregion FROM fields"),
        ("SELECT field_nm FROM field", "SELECT field_nm FROM fields AS field"),
        # Not where two columns are called so, nor where it is an outer query's.
        ("SELECT c.name FROM crops AS c", "SELECT c.name FROM crops AS c"),
        (
            "SELECT f.field_nm FROM fields AS f WHERE EXISTS "
            "(SELECT 1 FROM crops WHERE hectares > 1)",
            "SELECT f.field_nm FROM fields AS f WHERE EXISTS "
            "(SELECT 1 FROM crops WHERE hectares > 1)",
        ),
    ],
)
def test_names_that_a_table_nearly_has_are_read_as_its_own(draft: str, expected: str) -> None:
    assert mended(draft) == expected


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (
            "SELECT COUNT(field_id) AS n FROM fields AS f JOIN harvests AS h "
            "ON f.field_id = h.field_id WHERE h.tonnes > 1",
            "SELECT COUNT(f.field_id) AS n FROM fields AS f JOIN harvests AS h "
            "ON f.field_id = h.field_id WHERE h.tonnes > 1",
        ),
        (
            "SELECT c.use_cd, c.field_id FROM crop_uses AS c JOIN harvests AS h "
            "ON c.crop_id = h.crop_id JOIN fields AS f ON h.field_id = f.field_id "
            "WHERE f.hectares > 1",
            "SELECT c.use_cd, h.field_id FROM crop_uses AS c JOIN harvests AS h "
            "ON c.crop_id = h.crop_id JOIN fields AS f ON h.field_id = f.field_id "
            "WHERE f.hectares > 1",
        ),
        (
            "SELECT fields.field_id FROM harvests AS a JOIN harvests AS b "
            "ON a.field_id = b.field_id AND a.reaped_at < b.reaped_at",
            "SELECT a.field_id FROM harvests AS a JOIN harvests AS b "
            "ON a.field_id = b.field_id AND a.reaped_at < b.reaped_at",
        ),
    ],
)
def test_what_several_tables_have_is_taken_from_the_first(draft: str, expected: str) -> None:
    assert mended(draft) == expected
