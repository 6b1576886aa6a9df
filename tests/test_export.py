"""Files of results: every row and value, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from nlq.export import Kind, write_result
from nlq.types import QueryResult, ResultColumn

COLUMNS = tuple(
    ResultColumn(name, type)
    for name, type in (
        ("=name", "varchar"), ("big", "bigint"), ("money", "decimal(30,2)"), ("day", "date"),
        ("at", "timestamp with time zone"), ("mixed", "map"), ("nothing", "bigint"),
        ("ratio", "double"), ("span", "interval"), ("raw", "varbinary"), ("yes", "boolean"),
    )
)  # fmt: skip
ROW = (
    '=HYPERLINK("http://x")', 2**62, Decimal("12345678901234567890.25"), date(2026, 6, 30),
    datetime(2026, 6, 30, 9, tzinfo=UTC), {"a": 1}, None, 0.5, timedelta(hours=1), b"\x00\xff",
    True,
)  # fmt: skip
OTHER = ("+1", 1, Decimal("0.10"), None, None, ["x"], None, float("nan"), None, None, None)
RESULT = QueryResult(COLUMNS, (ROW, OTHER))


def test_a_workbook_has_text_and_numbers_and_no_formula(tmp_path: Path) -> None:
    write_result(RESULT, tmp_path / "r.xlsx", "xlsx")
    with zipfile.ZipFile(tmp_path / "r.xlsx") as book:
        names = book.namelist()
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.replace("HYPERLINK", "")
    assert not any("external" in name or "_rels/sheet" in name for name in names)
    assert "=HYPERLINK(" in sheet
    assert "4611686018427387904" in sheet  # whole, as text
    assert "12345678901234567890.25" in sheet
    assert "<v>0.1</v>" in sheet
    assert sheet.count("<row ") == 3


def test_a_parquet_file_has_the_types(tmp_path: Path) -> None:
    write_result(RESULT, tmp_path / "r.parquet", "parquet")
    table = pq.read_table(tmp_path / "r.parquet")
    assert table.column_names == [column.name for column in COLUMNS]
    rows = table.to_pylist()
    assert rows[0]["=name"] == ROW[0]
    assert rows[0]["big"] == 2**62
    assert rows[0]["money"] == ROW[2]
    assert rows[0]["day"] == ROW[3]
    assert rows[0]["at"] == ROW[4]
    assert rows[0]["mixed"] == '{"a": 1}'
    assert rows[0]["raw"] == b"\x00\xff"
    assert str(table.schema.field("nothing").type) == "int64"


def test_a_csv_keeps_formulas_from_running(tmp_path: Path) -> None:
    write_result(RESULT, tmp_path / "r.csv", "csv")
    rows = list(csv.reader((tmp_path / "r.csv").read_text("utf-8-sig").splitlines()))
    assert rows[0][0] == "'=name"
    assert rows[1][0].startswith("'=HYPERLINK")
    assert rows[2][0] == "'+1"
    assert rows[1][1] == str(2**62)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_an_empty_result_is_a_file_too(tmp_path: Path, kind: Kind) -> None:
    write_result(QueryResult(COLUMNS, ()), tmp_path / "r", kind)
    assert (tmp_path / "r").stat().st_size > 0
