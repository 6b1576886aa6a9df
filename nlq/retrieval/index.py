"""The search index: built once from a catalog, then asked which of its things a question is about.

``build_index`` embeds only texts that are new; ``open_index`` raises ``IndexNotReady`` when a text
of the catalog has no vector yet. Both take any LangChain ``Embeddings``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np
from numpy.typing import NDArray

from nlq.catalog.catalog import Catalog
from nlq.errors import IndexNotReady
from nlq.retrieval.documents import Document, Kind, documents
from nlq.retrieval.keywords import Keywords
from nlq.retrieval.lake import WEIGHTS, Lake, Weights
from nlq.retrieval.vectors import ChromaVectors, Snapshot, Vectors, collection_name
from nlq.retrieval.words import search_terms
from nlq.types import DateRange

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

OnProgress = Callable[[str, float | None], None]
"""Called with plain words and a share from 0 to 1."""

Vector = NDArray[np.float32]
Scores = NDArray[np.float64]

_CHROMA = "chroma"
_BATCH = 64
_WORDING = 0.4
"""Weight of wording against meaning in a score."""
_NEIGHBOURS = 0.7
"""Weight of a table's schema against the table itself: what is asked together lies together.
docs/retrieval.md has the measurements behind both."""
_MANY_SCHEMAS = 20
"""From so many schemas on, tables come in the order of ``Lake``."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a question may be about: scores from 0 to 1 by name, best first, for each kind.

    ``verified`` has the plain similarity of the masked questions.
    """

    tables: Mapping[str, float]
    metrics: Mapping[str, float]
    dimensions: Mapping[str, float]
    verified: Mapping[str, float]


class Index:
    """Searches the documents of one catalog by meaning and by wording."""

    def __init__(
        self,
        docs: Sequence[Document],
        vectors: Vectors,
        embeddings: Embeddings,
        weights: Weights | None = WEIGHTS,
    ) -> None:
        """``weights`` are for lakes with many schemas; with None these rank like small ones."""
        self._vectors = vectors
        self._embeddings = embeddings
        self._shelves = {
            kind: _Shelf([doc for doc in docs if doc.kind == kind]) for kind in get_args(Kind)
        }
        tables = [doc for doc in docs if doc.kind == "table"]
        many = len({doc.name.rpartition(".")[0] for doc in tables}) >= _MANY_SCHEMAS
        self._lake = Lake(tables, weights) if many and weights is not None else None

    def search(self, text: str, masked: str = "", times: Sequence[DateRange] = ()) -> Found:
        """Score everything against a question; the model is called once.

        ``masked`` is the question without its particulars, for verified queries; ``times`` are the
        stretches of time that it names.
        """
        plain, shape = self._embed((text, masked or text))
        alike = self._vectors.similar(plain)
        shapes = alike if shape is plain else self._vectors.similar(shape)
        terms = search_terms(text)
        tables = self._shelves["table"].ranked(alike, terms, neighbours=_NEIGHBOURS)
        if self._lake:
            # Another order, the same scores by rank: how sure is sure stays as it was measured.
            tables = dict(zip(self._lake.ranked(text, alike, times), tables.values(), strict=True))
        return Found(
            tables,
            self._shelves["metric"].ranked(alike, terms),
            self._shelves["dimension"].ranked(alike, terms),
            self._shelves["verified"].ranked(shapes, ()),
        )

    def _embed(self, texts: tuple[str, str]) -> tuple[Vector, Vector]:
        if texts[0] == texts[1]:
            vector = np.asarray(self._embeddings.embed_query(texts[0]), dtype=np.float32)
            return vector, vector
        first, second = self._embeddings.embed_documents(list(texts))
        return np.asarray(first, dtype=np.float32), np.asarray(second, dtype=np.float32)


class _Shelf:
    """The documents of one kind."""

    def __init__(self, docs: Sequence[Document]) -> None:
        self._names = [doc.name for doc in docs]
        self._keys = [doc.key for doc in docs]
        # Titles and parts count again on their own, or long descriptions would drown them.
        fields = ([d.title for d in docs], [d.parts for d in docs], [d.text for d in docs])
        self._keywords = [Keywords(field) for field in fields if any(field)]
        schemas = [name.rpartition(".")[0] for name in self._names]
        self._schema: NDArray[np.intp] = np.unique(schemas, return_inverse=True)[1]

    def ranked(
        self, alike: Mapping[str, float], terms: Sequence[str], *, neighbours: float = 0.0
    ) -> Mapping[str, float]:
        """Scores from 0 to 1 by name, best first; by meaning alone where there are no ``terms``."""
        if not self._names:
            return {}
        scores: Scores = np.array([alike.get(key, 0.0) for key in self._keys]).clip(0, 1)
        if terms and self._keywords:
            fields = [_relative(keywords.scores(terms)) for keywords in self._keywords]
            wording = sum(fields[1:], start=fields[0]) / len(fields)
            scores = (1 - _WORDING) * scores + _WORDING * wording
        if neighbours:
            means = np.bincount(self._schema, weights=scores) / np.bincount(self._schema)
            scores = (scores + neighbours * means[self._schema]) / (1 + neighbours)
        order = np.argsort(-scores, kind="stable")
        return {self._names[i]: float(scores[i]) for i in order}


def _relative(scores: Vector) -> Scores:
    return scores.astype(np.float64) / (float(scores.max(initial=0.0)) or 1.0)


def build_index(
    catalog: Catalog,
    embeddings: Embeddings,
    folder: Path,
    *,
    model: str = "embedded",
    server: str = "",
    weights: Weights | None = WEIGHTS,
    on_progress: OnProgress | None = None,
) -> Index:
    """Make or renew the index in ``folder`` (or at a Chroma ``server``) and open it.

    ``model`` names the embedding model: another one gets vectors of its own. ``weights`` rank
    lakes with many schemas. Raises ``IndexNotReady`` when Chroma cannot be used, and what
    ``embeddings`` raises.
    """
    docs = documents(catalog)
    store = (
        ChromaVectors.at_server(server, model)
        if server
        else ChromaVectors.in_folder(folder / _CHROMA, model)
    )
    missing = store.missing([doc.key for doc in docs])
    new = tuple({doc.key: doc for doc in docs if doc.key in missing}.values())
    report = on_progress or (lambda _text, _share: None)
    report(f"{len(new)} of {len(docs)} texts to embed", 0.0)
    for start in range(0, len(new), _BATCH):
        batch = new[start : start + _BATCH]
        matrix = np.asarray(
            embeddings.embed_documents([doc.text for doc in batch]), dtype=np.float32
        )
        store.add([doc.key for doc in batch], matrix)
        done = start + len(batch)
        report(f"{done} of {len(new)} texts embedded", done / len(new))
    store.keep_only([doc.key for doc in docs])
    if server:
        return Index(docs, store, embeddings, weights)
    snapshot = store.snapshot()
    snapshot.write(_snapshot(folder, model))
    return Index(docs, snapshot, embeddings, weights)


def open_index(
    catalog: Catalog,
    embeddings: Embeddings,
    folder: Path,
    *,
    model: str = "embedded",
    server: str = "",
) -> Index:
    """Open the index for ``catalog``; raises ``IndexNotReady`` when it lacks any of its texts."""
    docs = documents(catalog)
    vectors: Vectors = (
        ChromaVectors.at_server(server, model)
        if server
        else Snapshot.read(_snapshot(folder, model))
    )
    if missing := vectors.missing([doc.key for doc in docs]):
        raise IndexNotReady(
            f"The search index lacks {len(missing)} of the catalog's {len(docs)} texts: the "
            "catalog has changed since it was built.",
            hint="Run: nlq index build",
        )
    return Index(docs, vectors, embeddings)


def _snapshot(folder: Path, model: str) -> Path:
    return folder / f"{collection_name(model)}.npz"
