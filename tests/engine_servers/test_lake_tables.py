"""Files of a lake as statements."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nlq.engine.servers.lake_tables import analyses, file_tables, fingerprint, statements
from nlq.errors import LakeNotReady


@pytest.fixture
def lake(tmp_path) -> Path:
    folder = tmp_path / "lake"
    part = folder / "events" / "calls" / "ds=2026-05-01"
    part.mkdir(parents=True)
    point = pa.struct([("x", pa.float64()), ("y", pa.float32())])
    columns = {
        "Id": pa.array([1], pa.int64()),
        "price": pa.array([Decimal("1.25")], pa.decimal128(10, 2)),
        "at": pa.array([datetime(2026, 5, 1)], pa.timestamp("ms")),
        "tags": pa.array([["a"]], pa.list_(pa.string())),
        "points": pa.array([{"x": 1.0, "y": 2.0}], point),
    }
    pq.write_table(pa.table(columns), part / "part-0.parquet")
    (folder / "crm" / "reps").mkdir(parents=True)
    pq.write_table(
        pa.table({"d": pa.array([], pa.date32())}), folder / "crm" / "reps" / "p.parquet"
    )
    (folder / ".partial" / "x").mkdir(parents=True)
    return folder


def test_statements_make_the_files_tables(lake) -> None:
    made = list(statements("lake", list(file_tables(lake)), lambda s, t: f"file:///l'ake/{s}/{t}"))
    assert [told for told, _ in made] == [
        "Schema crm", "Schema events", "Table crm.reps", "Table events.calls",
        "Partitions of events.calls",
    ]  # fmt: skip
    assert [sql for _, sql in made][2:] == [
        'CREATE TABLE IF NOT EXISTS lake."crm"."reps" ("d" date) '
        "WITH (format = 'PARQUET', external_location = 'file:///l''ake/crm/reps')",
        'CREATE TABLE IF NOT EXISTS lake."events"."calls" ("id" bigint, "price" decimal(10,2), '
        '"at" timestamp, "tags" array(varchar), "points" row("x" double, "y" real), '
        "\"ds\" varchar) WITH (format = 'PARQUET', external_location = "
        "'file:///l''ake/events/calls', partitioned_by = ARRAY['ds'])",
        "CALL lake.system.sync_partition_metadata('events', 'calls', 'FULL')",
    ]


def test_statistics_are_gathered_table_by_table(lake) -> None:
    assert list(analyses("lake", list(file_tables(lake)))) == [
        ("Statistics of crm.reps", 'ANALYZE lake."crm"."reps"'),
        ("Statistics of events.calls", 'ANALYZE lake."events"."calls"'),
    ]


def test_a_new_partition_changes_the_fingerprint(lake) -> None:
    before = fingerprint(lake, list(file_tables(lake)))
    assert fingerprint(lake, list(file_tables(lake))) == before
    part = lake / "events" / "calls" / "ds=2026-05-02"
    part.mkdir()
    (part / "part-0.parquet").touch()
    assert fingerprint(lake, list(file_tables(lake))) != before


def test_an_empty_folder_is_no_lake(tmp_path) -> None:
    with pytest.raises(LakeNotReady, match="no lake"):
        list(file_tables(tmp_path))


def test_a_column_of_an_unknown_type_is_named(tmp_path) -> None:
    folder = tmp_path / "crm" / "reps"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"n": pa.array([1], pa.uint64())}), folder / "p.parquet")
    with pytest.raises(LakeNotReady, match=r"reps\.n has the type uint64"):
        list(file_tables(tmp_path))
