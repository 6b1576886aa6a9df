"""The smallest sample lake, made once, and SQL over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from nlq.catalog.yaml_docs import YamlDocs
from nlq.sample.facts import SAMPLE_DOCS
from nlq.sample.lake import LakeSummary, make_lake
from nlq.types import TableDoc

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="session")
def tiny_lake(tmp_path_factory: pytest.TempPathFactory) -> LakeSummary:
    """A whole lake of 60 accounts."""
    return make_lake(tmp_path_factory.mktemp("sample") / "lake", scale=0.02)


@pytest.fixture(scope="session")
def table_docs() -> dict[str, TableDoc]:
    """The sample's table docs by ``schema.table``."""
    docs = YamlDocs(SAMPLE_DOCS / "tables").load().tables
    return {doc.short_name: doc for doc in docs.values()}


def _open(lake: LakeSummary) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with each table of a lake copied into memory."""
    connection = duckdb.connect()
    for table in lake.tables:
        _, schema, name = table.name.split(".")
        files = lake.folder / schema / name / "**/*.parquet"
        hive = ""
        if table.partitioned_by:
            types = ", ".join(f"'{column}': VARCHAR" for column in table.partitioned_by)
            hive = f", hive_partitioning = true, hive_types = {{{types}}}"
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        connection.execute(
            f"CREATE TABLE {schema}.{name} AS SELECT * FROM read_parquet('{files}'{hive})"
        )
    return connection


@pytest.fixture(scope="session")
def open_lake() -> Callable[[LakeSummary], duckdb.DuckDBPyConnection]:
    """Opens any lake in DuckDB."""
    return _open


@pytest.fixture(scope="session")
def sql(tiny_lake: LakeSummary) -> Iterator[Callable[[str], Rows]]:
    """Runs DuckDB SQL over the tiny lake and gives its rows."""
    connection = _open(tiny_lake)
    yield lambda text: connection.execute(text).fetchall()
    connection.close()


@pytest.fixture
def lake_folder(tmp_path: Path) -> Path:
    """Where a test may make a lake; not there yet."""
    return tmp_path / "lake"
