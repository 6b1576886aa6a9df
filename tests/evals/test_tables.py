from __future__ import annotations

import gzip
import json
from pathlib import Path

from langchain_core.embeddings import Embeddings
from nlq_evals.tables import measure, read_catalog


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
