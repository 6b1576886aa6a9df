"""The search index: built once from a catalog, then asked which of its things a question is about.

``build_index`` embeds only texts that are new; ``open_index`` raises ``IndexNotReady`` when a text
of the catalog has no vector yet. Both take any LangChain ``Embeddings``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlq.catalog.catalog import Catalog
from nlq.errors import IndexNotReady
from nlq.retrieval.documents import Document, Kind, documents
from nlq.retrieval.keywords import Keywords
from nlq.retrieval.vectors import ChromaVectors, Snapshot, Vectors

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

OnProgress = Callable[[str, float | None], None]
"""Called with plain words and a share from 0 to 1."""

_SNAPSHOT = "snapshot.npz"
_CHROMA = "chroma"
_BATCH = 64
_VECTOR_SHARE = 0.7
"""Weight of meaning against wording in a score; docs/retrieval.md has the measurements."""


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

    def __init__(self, docs: Sequence[Document], vectors: Vectors, embeddings: Embeddings) -> None:
        self._docs = tuple(docs)
        self._keys = tuple(doc.key for doc in docs)
        self._vectors = vectors
        self._embeddings = embeddings
        self._keywords = Keywords([doc.text for doc in docs])

    def search(self, text: str, masked: str = "") -> Found:
        """Score everything against a question; the model is called once.

        ``masked`` is the question without its particulars, for verified queries.
        """
        plain, shape = self._embed((text, masked or text))
        meaning = self._similarities(plain)
        wording = self._keywords.scores(text)
        top = float(wording.max(initial=0.0)) or 1.0
        fused = _VECTOR_SHARE * meaning + (1 - _VECTOR_SHARE) * wording / top
        shapes = self._similarities(shape) if masked and masked != text else meaning
        return Found(
            self._best("table", fused),
            self._best("metric", fused),
            self._best("dimension", fused),
            self._best("verified", shapes),
        )

    def _embed(self, texts: tuple[str, str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if texts[0] == texts[1]:
            vector = np.asarray(self._embeddings.embed_query(texts[0]), dtype=np.float32)
            return vector, vector
        first, second = self._embeddings.embed_documents(list(texts))
        return np.asarray(first, dtype=np.float32), np.asarray(second, dtype=np.float32)

    def _similarities(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        by_key = self._vectors.similar(vector)
        found = np.array([by_key.get(key, 0.0) for key in self._keys], dtype=np.float32)
        return np.asarray(found.clip(0, 1), dtype=np.float32)

    def _best(self, kind: Kind, scores: NDArray[np.float32]) -> Mapping[str, float]:
        best: dict[str, float] = {}
        for doc, score in zip(self._docs, scores.tolist(), strict=True):
            if doc.kind == kind:
                best[doc.name] = max(score, best.get(doc.name, 0.0))
        return dict(sorted(best.items(), key=lambda item: -item[1]))


def build_index(
    catalog: Catalog,
    embeddings: Embeddings,
    folder: Path,
    *,
    model: str = "embedded",
    server: str = "",
    on_progress: OnProgress | None = None,
) -> Index:
    """Make or renew the index in ``folder`` (or at a Chroma ``server``) and open it.

    ``model`` names the embedding model: another one gets vectors of its own. Raises
    ``IndexNotReady`` when Chroma cannot be used, and what ``embeddings`` raises.
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
        return Index(docs, store, embeddings)
    snapshot = store.snapshot()
    snapshot.write(folder / _SNAPSHOT)
    return Index(docs, snapshot, embeddings)


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
        ChromaVectors.at_server(server, model) if server else Snapshot.read(folder / _SNAPSHOT)
    )
    if missing := vectors.missing([doc.key for doc in docs]):
        raise IndexNotReady(
            f"The search index lacks {len(missing)} of the catalog's {len(docs)} texts: the "
            "catalog has changed since it was built.",
            hint="Run: nlq index build",
        )
    return Index(docs, vectors, embeddings)
