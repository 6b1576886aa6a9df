"""Audit records in, lines of text out: JSON Lines for machines, CSV for spreadsheets."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Literal

from nlq.audit.record import AuditRecord

ExportFormat = Literal["jsonl", "csv"]


def to_json(record: AuditRecord) -> str:
    """One record as one line of JSON; times in ISO 8601, sizes in bytes."""
    return json.dumps(dataclasses.asdict(record), default=_plain, ensure_ascii=False)


def export(records: Iterable[AuditRecord], form: ExportFormat) -> Iterator[str]:
    """One line a record, without line ends; CSV has a head line first, nested values as JSON."""
    if form == "jsonl":
        yield from map(to_json, records)
        return
    names = [field.name for field in dataclasses.fields(AuditRecord)]
    yield ",".join(names)
    for record in records:
        values = json.loads(to_json(record))
        yield _csv_line([_cell(values[name]) for name in names])


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
    # A spreadsheet runs a cell that begins like a formula; a question is anybody's text.
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _csv_line(cells: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="").writerow(cells)
    return buffer.getvalue()
