"""Results as files: every row of a result goes in; CSV, a workbook or a Parquet file comes out.

Text stays text: a spreadsheet must run nothing that stands in the lake.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal

from nlq.errors import ResultTooLarge
from nlq.types import QueryResult

Kind = Literal["csv", "xlsx", "parquet"]

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_SHEET_ROWS: Final = 1_048_575
_CELL: Final = 32_767
_EXACT: Final = 2**53


def write_result(result: QueryResult, path: Path, kind: Kind) -> None:
    """Write ``result`` to ``path``; raises ``ResultTooLarge`` where a sheet has too few rows."""
    writers: dict[Kind, Callable[[QueryResult, Path], None]] = {
        "csv": write_csv,
        "xlsx": write_xlsx,
        "parquet": write_parquet,
    }
    writers[kind](result, path)


def write_csv(result: QueryResult, path: Path) -> None:
    """UTF-8 with a byte-order mark, which spreadsheets ask for; numbers in full.

    Text that a spreadsheet would run as a formula is kept from it by a leading apostrophe.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_csv_cell(column.name) for column in result.columns])
        writer.writerows([_csv_cell(value) for value in row] for row in result.rows)


def write_xlsx(result: QueryResult, path: Path) -> None:
    """A workbook of one sheet; text is never a formula or a link.

    Numbers that a spreadsheet would round, and times with a zone, are text.
    """
    from xlsxwriter import Workbook

    if len(result.rows) > _SHEET_ROWS:
        raise ResultTooLarge(
            f"A sheet holds {_SHEET_ROWS:,} rows, and the result has {len(result.rows):,}.",
            hint="Take it as CSV or Parquet.",
        )
    with Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Result")
        bold = book.add_format({"bold": True})
        formats: dict[type, Any] = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(result.columns):
            sheet.write_string(0, at, column.name[:_CELL], bold)
        for number, row in enumerate(result.rows, 1):
            for at, value in enumerate(row):
                _write_cell(sheet, number, at, value, formats)


def write_parquet(result: QueryResult, path: Path) -> None:
    """A Parquet file; a column whose values have no common type is JSON text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [
        _arrow([row[at] for row in result.rows], column.type)
        for at, column in enumerate(result.columns)
    ]
    names = [column.name for column in result.columns]
    pq.write_table(pa.Table.from_arrays(columns, names=names), path)


def _csv_cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value.hex() if isinstance(value, bytes) else value


def _write_cell(sheet: Any, row: int, column: int, value: object, formats: dict[type, Any]) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | float() | Decimal() if _is_exact(value):
            sheet.write_number(row, column, float(value))
        case datetime() if value.tzinfo is None and value.year >= 1900:
            sheet.write_datetime(row, column, value, formats[datetime])
        case date() if not isinstance(value, datetime) and value.year >= 1900:
            sheet.write_datetime(row, column, value, formats[date])
        case _:
            sheet.write_string(row, column, _text(value)[:_CELL])


def _is_exact(value: float | Decimal) -> bool:
    """Whether a spreadsheet's 15 digits hold it."""
    if isinstance(value, Decimal):
        return value.is_finite() and len(value.normalize().as_tuple().digits) <= 15
    return math.isfinite(value) and (isinstance(value, float) or abs(value) <= _EXACT)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, int | float | Decimal | timedelta):
        return str(value)
    if isinstance(value, dict):
        value = {k if isinstance(k, str) else _text(k): item for k, item in value.items()}
    return json.dumps(value, ensure_ascii=False, default=_text)


def _arrow(values: list[object], type: str) -> Any:
    import pyarrow as pa

    if all(value is None for value in values):
        return pa.array(values, _empty_type(type))
    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        return pa.array([None if v is None else _text(v) for v in values], pa.string())


def _empty_type(type: str) -> Any:
    """The Arrow type of a column without values."""
    import pyarrow as pa

    known = {
        "tinyint": pa.int8(), "smallint": pa.int16(), "integer": pa.int32(), "bigint": pa.int64(),
        "real": pa.float32(), "double": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(),
    }  # fmt: skip
    return known.get(type.lower(), pa.string())
