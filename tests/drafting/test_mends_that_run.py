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


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        (
            "SELECT f.field_nm FROM fields AS f JOIN soil AS s ON f.soil_kind = s.kind "
            "WHERE s.hectares > 2",
            "SELECT f.field_nm FROM fields AS f WHERE f.hectares > 2",
        ),
        # Not where the table of its own making gives what no other has.
        (
            "SELECT f.field_nm FROM fields AS f JOIN soil AS s ON f.soil_kind = s.kind "
            "WHERE s.depth > 2",
            "SELECT f.field_nm FROM fields AS f JOIN soil AS s ON f.soil_kind = s.kind "
            "WHERE s.depth > 2",
        ),
        (
            "SELECT COUNT(DISTINCT h.use_cd) AS n FROM crops AS c JOIN harvests AS h "
            "ON c.crop_id = h.crop_id WHERE h.tonnes > 1",
            "SELECT COUNT(DISTINCT crop_uses.use_cd) AS n FROM crops AS c JOIN harvests AS h "
            "ON c.crop_id = h.crop_id JOIN lake.farm.crop_uses AS crop_uses "
            "ON c.crop_id = crop_uses.crop_id WHERE h.tonnes > 1",
        ),
    ],
)
def test_columns_come_from_tables_that_are_there(draft: str, expected: str) -> None:
    assert mended(draft) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("sold_on >= DATE_SUB(CURDATE(), INTERVAL 1 MONTH)",
         "sold_on >= (CURRENT_DATE - INTERVAL '1' MONTH)"),
        ("sold_on >= DATE_SUB('2026-05-01', INTERVAL 1 MONTH)",
         "sold_on >= (CAST('2026-05-01' AS DATE) - INTERVAL '1' MONTH)"),
        ("sown_at < '2026-05-01 06:00:00' + INTERVAL '2' HOUR",
         "sown_at < CAST('2026-05-01 06:00:00' AS TIMESTAMP) + INTERVAL '2' HOUR"),
        ("reaped_at - sown_at > INTERVAL '24' HOUR", "reaped_at > sown_at + INTERVAL '24' HOUR"),
        ("STRFTIME('%w', sold_on) IN ('6', '0')", "DAY_OF_WEEK(sold_on) IN (6, 7)"),
        ("sold_on LIKE '2025%'", "YEAR(sold_on) = 2025"),
        ("sold_on LIKE '2025-03-%'", "(YEAR(sold_on) = 2025 AND MONTH(sold_on) = 3)"),
        ("tonnes - 1 > 2", "tonnes - 1 > 2"),
        ("STRFTIME('%d', sold_on) IN ('06')", "STRFTIME('%d', sold_on) IN ('06')"),
    ],
)  # fmt: skip
def test_dates_are_reckoned_as_presto_does(condition: str, expected: str) -> None:
    draft = "SELECT COUNT(*) AS n FROM harvests WHERE "
    assert mended(draft + condition) == draft + expected


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("SELECT SUM(organic) AS n FROM harvests", "SELECT COUNT_IF(organic) AS n FROM harvests"),
        (
            "SELECT crop_id, COUNT(*) AS n FROM harvests WHERE tonnes > 1 AND COUNT(*) > 3 "
            "GROUP BY crop_id",
            "SELECT crop_id, COUNT(*) AS n FROM harvests WHERE tonnes > 1 GROUP BY crop_id "
            "HAVING COUNT(*) > 3",
        ),
        (
            "SELECT a.hectares / b.hectares AS r FROM fields AS a JOIN fields AS b "
            "ON a.field_nm = 'Low' AND b.field_nm = 'High'",
            "SELECT (SELECT a.hectares FROM fields AS a WHERE a.field_nm = 'Low') / "
            "(SELECT b.hectares FROM fields AS b WHERE b.field_nm = 'High') AS r",
        ),
        (
            "SELECT field_id, field_nm FROM fields EXCEPT SELECT field_id FROM harvests",
            "SELECT field_id, field_nm FROM fields EXCEPT SELECT field_id, field_nm FROM fields "
            "WHERE field_id IN (SELECT field_id FROM harvests)",
        ),
        # Two rows that a join links, and queries of one width, are as they should be.
        (
            "SELECT a.tonnes / b.tonnes AS r FROM harvests AS a JOIN harvests AS b "
            "ON a.field_id = b.field_id AND a.harvest_id = 1 AND b.harvest_id = 2",
            "SELECT a.tonnes / b.tonnes AS r FROM harvests AS a JOIN harvests AS b "
            "ON a.field_id = b.field_id AND a.harvest_id = 1 AND b.harvest_id = 2",
        ),
        (
            "SELECT field_id FROM fields EXCEPT SELECT field_id FROM harvests",
            "SELECT field_id FROM fields EXCEPT SELECT field_id FROM harvests",
        ),
    ],
)
def test_what_no_engine_runs_is_written_as_it_is_meant(draft: str, expected: str) -> None:
    assert mended(draft) == expected
