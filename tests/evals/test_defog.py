"""A tiny benchmark of defog's form: its lake, its cases, its references."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from nlq_evals.outside.defog import acceptable, load_cases, load_lakes
from nlq_evals.outside.references import ReferenceDatabase
from nlq_evals.suite import SuiteError

NOW = datetime(2026, 5, 20, 12)
DUMP = """
CREATE TABLE public.shopOrders (
  orderId SERIAL PRIMARY KEY, custId bigint NOT NULL REFERENCES cust(id), total numeric(10,2),
  placed date DEFAULT CURRENT_DATE, note text);
INSERT INTO public.shopOrders (custId, total, placed, note) VALUES
 (1, 2.50, CURRENT_DATE - INTERVAL '1 day', TO_CHAR(NOW(), '%Y%m%d')), (2, 4, '2026-01-02', 'a;b');
CREATE TABLE public.cust (id bigint, name text);
INSERT INTO public.cust (id, name) VALUES (1, 'Ann'), (2, 'Bob');
"""
QUESTIONS = """db_name,query_category,question,instructions,query
shop,group_by,Total by customer?,Round nothing,"SELECT {c.name, c.id}, sum(o.total) FROM \
shopOrders o JOIN cust c ON c.id = o.custId GROUP BY {}; SELECT 1"
shop,cat_a,What is dark matter?,"Return ...","SELECT 'I cannot tell.' AS answer;"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "bench"
    made.mkdir()
    (made / "shop.sql").write_text(DUMP)
    column = {"data_type": "bigint", "column_name": "custId", "column_description": "The buyer"}
    docs = {"table_metadata": {"shopOrders": [column]}, "glossary": "- AOV = average total\n"}
    (made / "shop.json").write_text(json.dumps(docs))
    (made / "questions.csv").write_text(QUESTIONS)
    return made


def test_a_dump_becomes_a_lake_with_docs(folder: Path, tmp_path: Path) -> None:
    from nlq.catalog.yaml_docs import YamlDocs

    lake = load_lakes(folder, tmp_path / "homes", NOW)["shop"]
    catalog = YamlDocs(lake.home / "docs").load()
    table = catalog.tables["lake.shop.shoporders"]
    assert [(c.name, c.type) for c in table.columns] == [
        ("orderid", "integer"), ("custid", "bigint"), ("total", "decimal(10,2)"),
        ("placed", "date"), ("note", "varchar"),
    ]  # fmt: skip
    custid = table.column("custid")
    assert custid is not None
    assert (custid.description, custid.synonyms) == ("The buyer", ("cust id",))
    assert catalog.glossary == ("AOV = average total",)
    assert lake.now == NOW
    assert (lake.home / "lake" / "shop" / "cust" / "part-0.parquet").is_file()


def test_a_lake_is_made_once(folder: Path, tmp_path: Path) -> None:
    first = load_lakes(folder, tmp_path / "homes", NOW)["shop"]
    (first.home / "mark").touch()
    again = load_lakes(folder, tmp_path / "homes", datetime(2027, 1, 1))["shop"]
    assert again.now == NOW
    assert (again.home / "mark").exists()
    (folder / "shop.json").write_text((folder / "shop.json").read_text() + " ")
    load_lakes(folder, tmp_path / "homes", NOW)
    assert not (first.home / "mark").exists()


def test_questions_become_cases(folder: Path) -> None:
    total, idk = load_cases(folder)
    assert (total.id, total.lake, total.expect, total.notes) == (
        "questions-1", "shop", "answer", "Round nothing",
    )  # fmt: skip
    assert len(total.references) == 4
    assert (idk.expect, idk.references, idk.notes) == ("decline", (), "")


def test_references_run_as_they_are(folder: Path, tmp_path: Path) -> None:
    lake = load_lakes(folder, tmp_path / "homes", NOW)["shop"]
    database = ReferenceDatabase(lake.reference, "postgres", lake.now)
    rows = [database.run(r.sql).rows for r in load_cases(folder)[0].references]
    assert [len(found[0]) for found in rows] == [2, 2, 3, 1]
    assert sorted(rows[0]) == [("Ann", 2.5), ("Bob", 4)]
    assert database.run("SELECT CURRENT_DATE, date_trunc('month', NOW())").rows == (
        (NOW.date(), datetime(2026, 5, 1)),
    )
    with pytest.raises(SuiteError):
        database.run("SELECT nothing FROM nowhere")


def test_a_choice_with_aliases_is_grouped_by_what_they_stand_for() -> None:
    assert list(acceptable("SELECT {a.x AS n, a.y}, count(*) FROM a GROUP BY {}")) == [
        "SELECT a.x AS n, count(*) FROM a GROUP BY a.x",
        "SELECT a.y, count(*) FROM a GROUP BY a.y",
        "SELECT a.x AS n, a.y, count(*) FROM a GROUP BY a.x, a.y",
    ]


def test_a_folder_of_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="holds no"):
        load_lakes(tmp_path, tmp_path / "homes", NOW)
