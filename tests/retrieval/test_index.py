from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nlq.catalog.catalog import Catalog
from nlq.errors import IndexNotReady
from nlq.retrieval.index import build_index, open_index
from nlq.types import ColumnDoc, DimensionDoc, MetricDoc, TableDoc, VerifiedQuery

if TYPE_CHECKING:
    from conftest import HashedWords


def table(name: str, description: str, *columns: str) -> TableDoc:
    return TableDoc(name, tuple(ColumnDoc(c, "varchar") for c in columns), description)


CATALOG = Catalog(
    tables={
        t.name: t
        for t in (
            table("lake.shop.orders", "Orders of customers with amount and day.", "amount", "day"),
            table("lake.shop.customers", "Who buys from us, and in which country.", "country"),
            table("lake.ops.tickets", "Support tickets with priority.", "priority"),
        )
    },
    metrics={"revenue": MetricDoc("revenue", "Revenue", "Money that orders bring.")},
    dimensions={"country": DimensionDoc("country", "Country", "lake.shop.customers", "country")},
    verified=(VerifiedQuery("Top 5 customers in 2024 by orders?", "SELECT 1"),),
)


def test_finds_by_words_and_ranks_best_first(tmp_path: Path, embeddings: HashedWords) -> None:
    index = build_index(CATALOG, embeddings, tmp_path)
    found = index.search("How many support tickets of high priority?")
    assert next(iter(found.tables)) == "lake.ops.tickets"
    assert list(found.tables.values()) == sorted(found.tables.values(), reverse=True)
    assert all(0 <= score <= 1 for score in found.tables.values())
    assert set(found.metrics) == {"revenue"}
    assert set(found.dimensions) == {"country"}


def test_a_masked_question_finds_its_like(tmp_path: Path, embeddings: HashedWords) -> None:
    index = build_index(CATALOG, embeddings, tmp_path)
    found = index.search(
        "Top 9 customers in 2019 by orders?", "Top [number] customers in [date] by orders?"
    )
    assert found.verified["Top 5 customers in 2024 by orders?"] == pytest.approx(1.0)


def test_a_question_is_embedded_in_one_call(tmp_path: Path, embeddings: HashedWords) -> None:
    index = build_index(CATALOG, embeddings, tmp_path)
    before = embeddings.calls
    index.search("Top 9 customers", "Top [number] customers")
    assert embeddings.calls == before + 1


def test_an_index_that_was_built_opens_without_embedding(
    tmp_path: Path, embeddings: HashedWords
) -> None:
    built = build_index(CATALOG, embeddings, tmp_path).search("orders")
    before = embeddings.documents
    opened = open_index(CATALOG, embeddings, tmp_path).search("orders")
    assert embeddings.documents == before
    assert opened.tables == pytest.approx(built.tables)


def test_only_what_changed_is_embedded_again(tmp_path: Path, embeddings: HashedWords) -> None:
    build_index(CATALOG, embeddings, tmp_path)
    changed = replace(CATALOG.tables["lake.ops.tickets"], description="Complaints.")
    catalog = replace(CATALOG, tables={**CATALOG.tables, changed.name: changed})
    before = embeddings.documents
    with pytest.raises(IndexNotReady, match="lacks 1 of"):
        open_index(catalog, embeddings, tmp_path)
    build_index(catalog, embeddings, tmp_path)
    assert embeddings.documents == before + 1
    open_index(catalog, embeddings, tmp_path)


def test_what_is_gone_is_forgotten(tmp_path: Path, embeddings: HashedWords) -> None:
    build_index(CATALOG, embeddings, tmp_path)
    build_index(replace(CATALOG, metrics={}), embeddings, tmp_path)
    with pytest.raises(IndexNotReady):
        open_index(CATALOG, embeddings, tmp_path)


def test_another_model_has_vectors_of_its_own(tmp_path: Path, embeddings: HashedWords) -> None:
    build_index(CATALOG, embeddings, tmp_path, model="one")
    before = embeddings.documents
    build_index(CATALOG, embeddings, tmp_path, model="two")
    assert embeddings.documents == before + 6
    for model in ("one", "two"):
        open_index(CATALOG, embeddings, tmp_path, model=model)
    with pytest.raises(IndexNotReady):
        open_index(CATALOG, embeddings, tmp_path, model="three")


def test_no_index_yet(tmp_path: Path, embeddings: HashedWords) -> None:
    with pytest.raises(IndexNotReady) as caught:
        open_index(CATALOG, embeddings, tmp_path)
    assert "nlq index build" in caught.value.hint


def test_a_damaged_index_says_so(tmp_path: Path, embeddings: HashedWords) -> None:
    build_index(CATALOG, embeddings, tmp_path)
    (snapshot,) = tmp_path.glob("*.npz")
    snapshot.write_bytes(b"PK broken")
    with pytest.raises(IndexNotReady, match="damaged"):
        open_index(CATALOG, embeddings, tmp_path)


def test_a_build_that_fails_leaves_the_old_index_and_goes_on_from_there(
    tmp_path: Path, embeddings: HashedWords
) -> None:
    build_index(CATALOG, embeddings, tmp_path)
    many = {
        f"lake.new.t{i}": table(f"lake.new.t{i}x", f"Thing number {i}.", "a") for i in range(100)
    }
    bigger = replace(CATALOG, tables={**CATALOG.tables, **many})

    class Failing(type(embeddings)):  # type: ignore[misc]
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            if self.calls:
                raise RuntimeError("no more")
            return super().embed_documents(texts)  # type: ignore[no-any-return]

    with pytest.raises(RuntimeError):
        build_index(bigger, Failing(), tmp_path)
    open_index(CATALOG, embeddings, tmp_path)
    before = embeddings.documents
    build_index(bigger, embeddings, tmp_path)
    assert embeddings.documents - before == 100 - 64


def test_progress_reaches_the_end(tmp_path: Path, embeddings: HashedWords) -> None:
    heard: list[float | None] = []
    build_index(CATALOG, embeddings, tmp_path, on_progress=lambda _text, share: heard.append(share))
    assert heard[0] == 0.0
    assert heard[-1] == 1.0


def test_an_empty_catalog_has_an_index(tmp_path: Path, embeddings: HashedWords) -> None:
    assert build_index(Catalog(), embeddings, tmp_path).search("orders").tables == {}


def test_a_server_that_is_down_says_so(tmp_path: Path, embeddings: HashedWords) -> None:
    with pytest.raises(IndexNotReady, match=r"127\.0\.0\.1:9") as caught:
        open_index(CATALOG, embeddings, tmp_path, server="http://127.0.0.1:9")
    assert "index.server" in caught.value.hint


def test_the_packaged_model_knows_what_means_the_same(tmp_path: Path) -> None:
    from nlq.llm.embeddings import embeddings
    from nlq.settings import EmbeddingSettings

    index = build_index(CATALOG, embeddings(EmbeddingSettings()), tmp_path)
    found = index.search("complaints waiting at the help desk")
    assert next(iter(found.tables)) == "lake.ops.tickets"
