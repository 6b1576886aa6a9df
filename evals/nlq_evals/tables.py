"""How well retrieval finds tables in a large lake: Spider2's table docs and questions go in.

The folder holds ``bigquery.jsonl.gz`` and ``sqlite.jsonl.gz`` (one table a line) and
``questions.jsonl`` (questions with the table families that their reference queries read). Recall@k
is the mean share of those families among the first k found; full recall@k the share of questions
with all of them.
"""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlq.catalog.catalog import Catalog
from nlq.retrieval.index import build_index
from nlq.types import ColumnDoc, TableDoc

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

_SHARD = re.compile(r"_?(\d{4,8}|\*)$")


@dataclass(frozen=True, slots=True)
class TableRecall:
    """Shares from 0 to 1 among the first ``k`` families, and seconds."""

    questions: int
    tables: int
    k: int
    recall: float
    full_recall: float
    build_seconds: float
    median_search_seconds: float


def family(table: str) -> str:
    """The benchmark's own rule for which tables are shards of one."""
    return _SHARD.sub("", table.lower())


def read_catalog(folder: Path) -> Catalog:
    """The benchmark's tables as a catalog."""
    tables: dict[str, TableDoc] = {}
    for record in _lines(folder):
        name = record["table"].lower()
        columns = tuple(
            ColumnDoc(c["name"], c["type"].lower(), c["description"] or "")
            for c in record["columns"]
        )
        tables[name] = TableDoc(name, columns)
    return Catalog(tables)


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    for name in ("bigquery.jsonl.gz", "sqlite.jsonl.gz"):
        with gzip.open(folder / name, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)


def measure(
    folder: Path,
    embeddings: Embeddings,
    index_folder: Path,
    *,
    k: int = 10,
    on_progress: Callable[[str, float | None], None] | None = None,
) -> TableRecall:
    """Index the benchmark's tables in ``index_folder`` and ask for each question's."""
    catalog = read_catalog(folder)
    started = time.perf_counter()
    index = build_index(
        catalog, embeddings, index_folder, model="table-recall", on_progress=on_progress
    )
    built = time.perf_counter() - started
    recalls: list[float] = []
    seconds: list[float] = []
    for line in (folder / "questions.jsonl").read_text("utf-8").splitlines():
        question = json.loads(line)
        started = time.perf_counter()
        found = index.search(question["question"])
        seconds.append(time.perf_counter() - started)
        first = set(list(dict.fromkeys(family(name) for name in found.tables))[:k])
        gold = {name.lower() for name in question["gold_families"]}
        recalls.append(len(gold & first) / len(gold))
    return TableRecall(
        questions=len(recalls),
        tables=len(catalog.tables),
        k=k,
        recall=sum(recalls) / len(recalls),
        full_recall=sum(share == 1 for share in recalls) / len(recalls),
        build_seconds=built,
        median_search_seconds=sorted(seconds)[len(seconds) // 2],
    )
