"""Spider and BIRD: SQLite databases and JSON questions enter, lakes and cases leave.

The folder holds ``dev.json`` (or another ``*.json`` list of questions with ``db_id``), and a folder
of databases, ``NAME/NAME.sqlite``; BIRD's has ``database_description/TABLE.csv`` beside each, and
its questions have evidence, which becomes the asker's notes. References run in SQLite itself.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from nlq.types import QueryResult, ResultColumn
from nlq_evals.outside.lake import OutsideLake, TableNotes, make_lake
from nlq_evals.suite import Case, Reference, SuiteError

_FOLDERS = ("database", "dev_databases", "databases", "test_database", "train_databases")
_WHOLE = ("INT", "SERIAL")
_REAL = ("REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL")


def is_bench(folder: Path) -> bool:
    """Whether the folder holds SQLite databases as Spider and BIRD have them."""
    return _databases_folder(folder) is not None and _question_file(folder) is not None


def load_cases(folder: Path) -> tuple[Case, ...]:
    """The questions; raises ``SuiteError`` naming the file and entry that is wrong."""
    path = _question_file(folder)
    if path is None:
        raise SuiteError(f"{folder} has no JSON list of questions with db_id.")
    cases = []
    for number, entry in enumerate(json.loads(path.read_text("utf-8")), start=1):
        try:
            sql = entry.get("SQL") or entry["query"]
            cases.append(
                Case(
                    id=f"{path.stem}-{entry.get('question_id', number)}",
                    category=str(entry.get("difficulty") or "all"),
                    question=entry["question"].strip(),
                    references=(Reference(sql),),
                    notes=(entry.get("evidence") or "").strip(),
                    lake=entry["db_id"].lower(),
                    may_be_empty=True,
                )
            )
        except (KeyError, TypeError, AttributeError) as exc:
            raise SuiteError(f"{path}: question {number} is not one of Spider or BIRD.") from exc
    return tuple(cases)


def load_lakes(
    folder: Path, homes: Path, now: datetime, names: frozenset[str]
) -> dict[str, OutsideLake]:
    """Make the named databases into homes below ``homes``; raises ``SuiteError``."""
    found = databases(folder)
    if missing := sorted(names - set(found)):
        raise SuiteError(f"{folder} has no database {missing[0]}.")
    return {name: _load_lake(name, found[name], homes / name, now) for name in sorted(names)}


def databases(folder: Path) -> dict[str, Path]:
    """The SQLite files by lower-case name."""
    inside = _databases_folder(folder)
    files = sorted(inside.glob("*/*.sqlite")) if inside else []
    return {file.stem.lower(): file for file in files if file.stem == file.parent.name}


class SqliteReferences:
    """Runs references in the benchmark's own SQLite file, which is never written."""

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self._db = _open(path)

    def run(self, sql: str) -> QueryResult:
        """All rows; raises ``SuiteError`` where it does not run."""
        try:
            cursor = self._db.execute(sql)
            rows = cursor.fetchall()
        except sqlite3.Error as exc:
            raise SuiteError(f"{exc}") from exc
        columns = tuple(ResultColumn(name, "varchar") for name, *_ in cursor.description or ())
        return QueryResult(columns, tuple(rows))


def _load_lake(name: str, file: Path, home: Path, now: datetime) -> OutsideLake:
    source = hashlib.sha256(file.read_bytes()).hexdigest()

    def fill(db: duckdb.DuckDBPyConnection) -> None:
        sqlite = _open(file)
        for (table,) in sqlite.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            if not table.startswith("sqlite_"):
                _copy(sqlite, table, db)
        sqlite.close()

    return make_lake(name, home, source=source, now=now, fill=fill, notes=_notes(file.parent))


def _copy(sqlite: sqlite3.Connection, table: str, db: duckdb.DuckDBPyConnection) -> None:
    """A table with the types that its values have; a column of mixed values is text."""
    info = sqlite.execute(f'PRAGMA table_info("{table}")').fetchall()
    rows = sqlite.execute(f'SELECT * FROM "{table}"').fetchall()
    kinds = [_kind(declared, (row[at] for row in rows)) for at, _, declared, *_ in info]
    columns = ", ".join(f'"{row[1]}" {kind}' for row, kind in zip(info, kinds, strict=True))
    db.execute(f'CREATE TABLE "{table}" ({columns})')
    if rows:
        as_text = [kind == "VARCHAR" for kind in kinds]
        marks = ", ".join("?" * len(kinds))
        db.executemany(
            f'INSERT INTO "{table}" VALUES ({marks})',
            [
                tuple(
                    str(value) if text and value is not None else value
                    for value, text in zip(row, as_text, strict=True)
                )
                for row in rows
            ],
        )


def _kind(declared: str, values: Iterator[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int} and (kinds or any(word in declared.upper() for word in _WHOLE)):
        return "BIGINT"
    if kinds <= {int, float} and (kinds or any(word in declared.upper() for word in _REAL)):
        return "DOUBLE"
    return "VARCHAR"


def _notes(folder: Path) -> Mapping[str, TableNotes]:
    """BIRD's descriptions of columns and values, by table."""
    notes = {}
    for path in sorted((folder / "database_description").glob("*.csv")):
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            columns = {}
            for row in csv.DictReader(file):
                told = [row.get(key) for key in ("column_description", "value_description")]
                text = "; ".join(" ".join(part.split()) for part in told if part)
                columns[(row.get("original_column_name") or "").strip().lower()] = text
        notes[path.stem.lower()] = TableNotes(columns=columns)
    return notes


def _databases_folder(folder: Path) -> Path | None:
    return next((folder / name for name in _FOLDERS if (folder / name).is_dir()), None)


def _question_file(folder: Path) -> Path | None:
    """The list of questions: ``dev.json``, else the only file that is one."""
    for path in (folder / "dev.json", *sorted(folder.glob("*.json"))):
        if path.is_file():
            try:
                entries = json.loads(path.read_text("utf-8"))
            except ValueError:
                continue
            if isinstance(entries, list) and entries and "question" in entries[0]:
                return path
    return None


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, check_same_thread=False)
    connection.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
    return connection
