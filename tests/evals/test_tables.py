from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from langchain_core.embeddings import Embeddings
from nlq_evals.suite import SuiteError
from nlq_evals.tables import measure, read_catalog, told


class Letters(Embeddings):
    """Texts are alike where they have the same letters."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [float(text.lower().count(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"]


def write(folder: Path) -> None:
    def line(table: str, column: str, description: str) -> str:
        columns = [{"name": column, "type": "INT64", "description": description}]
        return json.dumps({"table": table, "columns": columns}) + "\n"

    big = line("Proj.Web.Visits_20240101", "page", "Page") + line(
        "Proj.Web.Visits_20240102", "page", "Page"
    )
    with gzip.open(folder / "bigquery.jsonl.gz", "wt") as file:
        file.write(big)
    with gzip.open(folder / "sqlite.jsonl.gz", "wt") as file:
        file.write(line("Shop.Orders", "amount", "") + line("Shop.Customers", "city", ""))
    questions = [
        {"id": "1", "question": "How many page visits?", "gold_families": ["Proj.Web.Visits"]},
        {
            "id": "2",
            "question": "What amount do orders have?",
            "gold_families": ["Shop.Orders", "Proj.Web.Visits"],
        },
    ]
    (folder / "questions.jsonl").write_text("\n".join(json.dumps(q) for q in questions))


def test_reads_both_files(tmp_path: Path) -> None:
    write(tmp_path)
    assert set(read_catalog(tmp_path).tables) == {
        "proj.web.visits_20240101",
        "proj.web.visits_20240102",
        "shop.orders",
        "shop.customers",
    }


def test_recall_counts_families_and_full_recall_questions(tmp_path: Path) -> None:
    write(tmp_path)
    first = measure(tmp_path, Letters(), tmp_path / "index", k=1)
    assert (first.questions, first.tables) == (2, 4)
    assert (first.recall, first.full_recall) == (0.75, 0.5)
    assert measure(tmp_path, Letters(), tmp_path / "index", k=3).full_recall == 1.0


def test_sample_texts_are_values_unless_left_out(tmp_path: Path) -> None:
    write(tmp_path)
    column = {"name": "city", "type": "TEXT", "description": None, "samples": ["Bonn", 5]}
    with gzip.open(tmp_path / "sqlite.jsonl.gz", "wt") as file:
        file.write(json.dumps({"table": "shop.customers", "columns": [column]}))
    (city,) = read_catalog(tmp_path).tables["shop.customers"].columns
    assert [value.value for value in city.values] == ["Bonn"]
    (bare,) = read_catalog(tmp_path, values=False).tables["shop.customers"].columns
    assert bare.values == ()


def test_figures_are_told_and_an_unknown_part_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    found = measure(tmp_path, Letters(), tmp_path / "index", k=1, without=("lake", "schema_size"))
    assert "recall@1 0.750, full recall@1 0.500" in told(found)
    assert found.families == 3
    with pytest.raises(SuiteError, match="No such part: nothing"):
        measure(tmp_path, Letters(), tmp_path / "index", without=("nothing",))
    with pytest.raises(SuiteError, match=r"questions\.jsonl"):
        measure(tmp_path / "elsewhere", Letters(), tmp_path / "index")
