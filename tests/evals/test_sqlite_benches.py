"""A tiny benchmark of Spider's and BIRD's form."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from nlq_evals.outside.sqlite_benches import (
    SqliteReferences,
    databases,
    is_bench,
    load_cases,
    load_lakes,
)
from nlq_evals.suite import SuiteError

NOW = datetime(2026, 5, 20)
QUESTIONS = [
    {"db_id": "Shop", "question": "How many cups? ", "SQL": "SELECT count(*) FROM Cup",
     "evidence": "a cup is a mug", "difficulty": "simple", "question_id": 7},
    {"db_id": "Shop", "question": "Names?", "query": "SELECT name FROM Cup"},
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "bench" / "dev_databases" / "Shop"
    (home / "database_description").mkdir(parents=True)
    with sqlite3.connect(home / "Shop.sqlite") as db:
        db.execute("CREATE TABLE Cup (id INTEGER PRIMARY KEY, name TEXT, size REAL, odd INTEGER)")
        db.executemany("INSERT INTO Cup VALUES (?, ?, ?, ?)", [(1, "a", 1.5, 3), (2, None, 2, "x")])
    (home / "database_description" / "Cup.csv").write_text(
        "original_column_name,column_name,column_description,data_format,value_description\n"
        "size,,How large,real,in litres\n"
    )
    (tmp_path / "bench" / "dev.json").write_text(json.dumps(QUESTIONS))
    return tmp_path / "bench"


def test_a_database_becomes_a_lake(folder: Path, tmp_path: Path) -> None:
    from nlq.catalog.yaml_docs import YamlDocs

    lake = load_lakes(folder, tmp_path / "homes", NOW, frozenset({"shop"}))["shop"]
    cup = YamlDocs(lake.home / "docs").load().tables["lake.shop.cup"]
    assert [(c.name, c.type) for c in cup.columns] == [
        ("id", "bigint"), ("name", "varchar"), ("size", "double"), ("odd", "varchar"),
    ]  # fmt: skip
    assert cup.columns[2].description == "How large; in litres"


def test_questions_become_cases_and_references_run_in_sqlite(folder: Path) -> None:
    assert is_bench(folder)
    first, second = load_cases(folder)
    assert (first.id, first.category, first.notes, first.lake) == (
        "dev-7", "simple", "a cup is a mug", "shop",
    )  # fmt: skip
    assert second.references[0].sql == "SELECT name FROM Cup"
    references = SqliteReferences(databases(folder)["shop"])
    assert references.run(first.references[0].sql).rows == ((2,),)
    with pytest.raises(SuiteError):
        references.run("SELECT nothing")
    with pytest.raises(SuiteError):
        references.run("DELETE FROM Cup")


def test_what_lacks_is_told(folder: Path, tmp_path: Path) -> None:
    assert not is_bench(tmp_path)
    with pytest.raises(SuiteError, match="no database other"):
        load_lakes(folder, tmp_path / "homes", NOW, frozenset({"other"}))
