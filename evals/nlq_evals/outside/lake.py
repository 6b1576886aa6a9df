"""A benchmark's database as a lake like any other: a DuckDB database and docs enter, a home leaves.

The home holds the lake's files, its docs and policy, and ``reference.duckdb``, in which reference
SQL runs. The clock stands still at ``now``, since some dumps fill in dates counted from today.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

from nlq.engine.presto_on_duckdb.types import from_duckdb
from nlq.retrieval.words import words
from nlq.settings import Settings
from nlq_evals.suite import SuiteError

_POLICY = {
    "version": 1,
    "contact": "Ask the benchmark's maintainer.",
    "limits": {"default_row_limit": 10_000, "max_row_limit": 10_000},
    "roles": {"analyst": {"tables": ["lake.*.*"]}},
}


@dataclass(frozen=True, slots=True)
class TableNotes:
    """What a benchmark says of one table: a description, and one for each column."""

    description: str = ""
    columns: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class OutsideLake:
    """One database of a benchmark, made into a home of its own."""

    name: str
    home: Path

    @property
    def reference(self) -> Path:
        """The database in which reference SQL runs."""
        return self.home / "reference.duckdb"

    @property
    def now(self) -> datetime:
        """The local time at which the lake was made, and at which it is asked."""
        return datetime.fromisoformat(json.loads((self.home / "made.json").read_text())["now"])

    def settings(self, common: Settings) -> Settings:
        """The settings under which this lake is asked; models and all else as in ``common``."""
        return common.model_copy(
            update={
                "home": self.home,
                "lake": self.home / "lake",
                "models": common.models_dir,
                "policy": self.home / "policy.yaml",
                "audit": self.home / "audit.sqlite",
                "catalog": common.catalog.model_copy(update={"docs": self.home / "docs"}),
                "clock": common.clock.model_copy(update={"today": self.now}),
            }
        )


@dataclass(frozen=True, slots=True)
class _Made:
    source: str
    now: str


def make_lake(
    name: str,
    home: Path,
    *,
    source: str,
    now: datetime,
    fill: Callable[[duckdb.DuckDBPyConnection], None],
    notes: Mapping[str, TableNotes],
    glossary: str = "",
) -> OutsideLake:
    """Make the home of the database ``name``, or find it made from the same ``source`` (a hash).

    ``fill`` puts the tables into an empty database; ``notes`` are by lower-case table name.
    Raises ``SuiteError`` where the database cannot be filled.
    """
    lake = OutsideLake(name, home)
    mark = home / "made.json"
    if mark.is_file() and json.loads(mark.read_text()).get("source") == source:
        return lake
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    with duckdb.connect(str(lake.reference)) as db:
        try:
            fill(db)
        except duckdb.Error as exc:
            raise SuiteError(f"The database {name} cannot be filled: {exc}") from exc
        docs = [_table(db, name, table, notes, home / "lake") for table in _tables(db)]
    (home / "docs").mkdir()
    text = yaml.safe_dump({"tables": docs}, sort_keys=False, allow_unicode=True)
    (home / "docs" / "tables.yaml").write_text(text, "utf-8")
    if glossary.strip():
        terms = [line.strip(" -*") for line in glossary.splitlines() if line.strip(" -*")]
        text = yaml.safe_dump({"glossary": terms}, allow_unicode=True)
        (home / "docs" / "glossary.yaml").write_text(text, "utf-8")
    (home / "policy.yaml").write_text(yaml.safe_dump(_POLICY), "utf-8")
    mark.write_text(json.dumps(asdict(_Made(source, now.isoformat()))), "utf-8")
    return lake


def _tables(db: duckdb.DuckDBPyConnection) -> list[str]:
    found = db.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
    ).fetchall()
    return [name for (name,) in found]


def _table(
    db: duckdb.DuckDBPyConnection,
    schema: str,
    table: str,
    notes: Mapping[str, TableNotes],
    lake: Path,
) -> dict[str, Any]:
    """Write a table's file; gives its docs."""
    folder = lake / schema / table.lower()
    folder.mkdir(parents=True)
    described = db.execute(f'DESCRIBE "{table}"').fetchall()
    columns = ", ".join(f'"{column}" AS "{column.lower()}"' for column, *_ in described)
    target = str(folder / "part-0.parquet").replace("'", "''")
    db.execute(f"COPY (SELECT {columns} FROM \"{table}\") TO '{target}' (FORMAT parquet)")
    told = notes.get(table.lower(), TableNotes())
    by_column = {key.lower(): value for key, value in (told.columns or {}).items()}
    return {
        "name": f"lake.{schema}.{table.lower()}",
        "description": told.description,
        "synonyms": _spoken(table),
        "columns": [
            {
                "name": column.lower(),
                "type": str(from_duckdb(kind, "UTC") or "varchar"),
                "description": by_column.get(column.lower(), ""),
                "synonyms": _spoken(column),
            }
            for column, kind, *_ in described
        ],
    }


def _spoken(name: str) -> list[str]:
    """The words of a name in mixed case, which lower case would hide."""
    parts = words(name)
    return [" ".join(parts)] if len(parts) > len(words(name.lower())) else []
