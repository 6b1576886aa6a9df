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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from langchain_core.embeddings import Embeddings

from nlq.catalog.catalog import Catalog
from nlq.retrieval.index import build_index
from nlq.retrieval.lake import WEIGHTS, Weights
from nlq.retrieval.time_words import read_time
from nlq.types import Clock, ColumnDoc, TableDoc, ValueDoc
from nlq_evals.suite import SuiteError

PARTS = ("values", "lake", *(field.name for field in fields(Weights)))
"""What can be left out: sample values, the ranking for many schemas, or one of its weights."""
_CLOCK = Clock(datetime(2026, 1, 1), ZoneInfo("UTC"))
"""The day of which the questions are asked; nearly all of them name their years."""
_SHARD = re.compile(r"_?(\d{4,8}|\*)$")


@dataclass(frozen=True, slots=True)
class TableRecall:
    """Shares from 0 to 1 among the first ``k`` families, and seconds.

    ``families`` are as the benchmark counts them. Searching is timed without the embedding of the
    question.
    """

    questions: int
    tables: int
    families: int
    k: int
    recall: float
    full_recall: float
    build_seconds: float
    median_search_seconds: float
    p95_search_seconds: float


def family(table: str) -> str:
    """The benchmark's own rule for which tables are shards of one."""
    return _SHARD.sub("", table.lower())


def read_catalog(folder: Path, *, values: bool = True) -> Catalog:
    """The benchmark's tables as a catalog, with the texts among their sample ``values``."""
    tables: dict[str, TableDoc] = {}
    for record in _lines(folder):
        name = record["table"].lower()
        columns = tuple(
            ColumnDoc(
                c["name"],
                c["type"].lower(),
                c["description"] or "",
                values=_samples(c) if values else (),
            )
            for c in record["columns"]
        )
        tables[name] = TableDoc(name, columns)
    return Catalog(tables)


def _samples(column: dict[str, Any]) -> tuple[ValueDoc, ...]:
    return tuple(ValueDoc(v) for v in column.get("samples") or () if isinstance(v, str))


class _Timed(Embeddings):
    """Another model, whose time for questions is added up."""

    def __init__(self, inner: Embeddings) -> None:
        self._inner = inner
        self.seconds = 0.0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._inner.embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        started = time.perf_counter()
        try:
            return self._inner.embed_query(text)
        finally:
            self.seconds += time.perf_counter() - started


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
    without: Sequence[str] = (),
    on_progress: Callable[[str, float | None], None] | None = None,
) -> TableRecall:
    """Index the benchmark's tables in ``index_folder`` and ask for each question's.

    ``without`` names ``PARTS`` that are left out. Raises ``SuiteError`` for others, and where the
    benchmark is not in ``folder``.
    """
    if unknown := set(without) - set(PARTS):
        raise SuiteError(f"No such part: {', '.join(unknown)}. There are: {', '.join(PARTS)}.")
    if not (folder / "questions.jsonl").is_file():
        raise SuiteError(f"{folder} has no questions.jsonl.")
    catalog = read_catalog(folder, values="values" not in without)
    zeros = {name: 0.0 for name in without if name not in ("values", "lake")}
    timed = _Timed(embeddings)
    started = time.perf_counter()
    index = build_index(
        catalog,
        timed,
        index_folder,
        model="table-recall",
        weights=None if "lake" in without else replace(WEIGHTS, **zeros),
        on_progress=on_progress,
    )
    built = time.perf_counter() - started
    recalls: list[float] = []
    seconds: list[float] = []
    for line in (folder / "questions.jsonl").read_text("utf-8").splitlines():
        question = json.loads(line)
        started, embedded = time.perf_counter(), timed.seconds
        times = read_time(question["question"], _CLOCK).ranges
        found = index.search(question["question"], times=times)
        seconds.append(time.perf_counter() - started - (timed.seconds - embedded))
        first = set(list(dict.fromkeys(family(name) for name in found.tables))[:k])
        gold = {name.lower() for name in question["gold_families"]}
        recalls.append(len(gold & first) / len(gold))
    seconds.sort()
    return TableRecall(
        questions=len(recalls),
        tables=len(catalog.tables),
        families=len({family(name) for name in catalog.tables}),
        k=k,
        recall=sum(recalls) / len(recalls),
        full_recall=sum(share == 1 for share in recalls) / len(recalls),
        build_seconds=built,
        median_search_seconds=seconds[len(seconds) // 2],
        p95_search_seconds=seconds[int(len(seconds) * 0.95)],
    )


def told(found: TableRecall) -> str:
    """The figures as lines of text."""
    return (
        f"{found.tables} tables, {found.families} families, {found.questions} questions\n"
        f"recall@{found.k} {found.recall:.3f}, full recall@{found.k} {found.full_recall:.3f}\n"
        f"search beside the embedding: median {found.median_search_seconds * 1000:.1f} ms, "
        f"95th percentile {found.p95_search_seconds * 1000:.1f} ms"
    )
