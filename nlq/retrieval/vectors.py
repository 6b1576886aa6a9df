"""Vectors: kept in Chroma (in process or a server), keyed by the text they stand for.

Keys are hashes of texts, so a collection only ever gains what is new, a build that stops half way
harms nothing, and several catalogs can share one. Importing Chroma and opening a collection take
about two seconds; a process that only searches therefore reads a snapshot (``NAME.npz``), which a
build leaves beside the in-process collection, and does not load Chroma at all.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from nlq.errors import IndexNotReady

Matrix = NDArray[np.float32]

_PAGE = 1000
_NEAREST = 300
"""How many neighbours a server is asked for; the rest count as unlike the question."""


def collection_name(model: str) -> str:
    """What the vectors of an embedding model are kept under."""
    return "nlq-" + hashlib.sha1(model.encode(), usedforsecurity=False).hexdigest()[:12]


class Vectors(Protocol):
    """Finds the texts whose vectors are like a given one."""

    def missing(self, keys: Sequence[str]) -> set[str]:
        """Those keys that have no vector."""

    def similar(self, vector: NDArray[np.float32]) -> Mapping[str, float]:
        """Cosine similarity by key; keys left out are unlike."""


class Snapshot:
    """Vectors in memory, read from one file that replaces itself whole."""

    def __init__(self, keys: Sequence[str], matrix: Matrix) -> None:
        self._keys = list(keys)
        self._matrix = _unit(matrix)

    @classmethod
    def read(cls, path: Path) -> Snapshot:
        """Raises ``IndexNotReady`` when there is none or it cannot be read."""
        try:
            with np.load(path, allow_pickle=False) as stored:
                return cls([str(key) for key in stored["keys"]], stored["matrix"])
        except FileNotFoundError as exc:
            raise IndexNotReady(
                f"There is no search index at {path.parent}.", hint="Run: nlq index build"
            ) from exc
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as exc:
            raise IndexNotReady(
                f"The search index at {path} is damaged.", hint="Run: nlq index build"
            ) from exc

    def write(self, path: Path) -> None:
        """Put it at ``path`` in one step."""
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        with unfinished.open("wb") as file:
            np.savez(file, keys=np.array(self._keys), matrix=self._matrix)
        os.replace(unfinished, path)

    def missing(self, keys: Sequence[str]) -> set[str]:
        """Those keys that have no vector."""
        return set(keys) - set(self._keys)

    def similar(self, vector: NDArray[np.float32]) -> Mapping[str, float]:
        """Cosine similarity of every key."""
        if not self._keys:
            return {}
        return dict(zip(self._keys, (self._matrix @ _unit(vector)).tolist(), strict=True))


class ChromaVectors:
    """A Chroma collection for the vectors of one embedding model.

    Every method raises ``IndexNotReady`` when Chroma fails.
    """

    def __init__(self, client: Any, model: str) -> None:
        self._client = client
        self._collection = client.get_or_create_collection(
            collection_name(model),
            metadata={"hnsw:space": "cosine", "model": model},
            embedding_function=None,
        )

    @classmethod
    def in_folder(cls, folder: Path, model: str) -> ChromaVectors:
        """Open or make the collection in a folder of this machine."""
        import chromadb
        from chromadb.config import Settings

        try:
            folder.mkdir(parents=True, exist_ok=True)
            client = chromadb.PersistentClient(
                str(folder), settings=Settings(anonymized_telemetry=False)
            )
            return cls(client, model)
        except Exception as exc:  # Chroma raises many kinds, pyo3 panics among them
            raise IndexNotReady(
                f"The search index at {folder} cannot be opened: {exc}",
                hint="Check the folder's permissions and free space, or delete it and run: "
                "nlq index build",
            ) from exc

    @classmethod
    def at_server(cls, address: str, model: str) -> ChromaVectors:
        """Open or make the collection of a Chroma server (``http://host:8000``)."""
        import chromadb
        from chromadb.config import Settings

        parts = urlsplit(address if "//" in address else f"http://{address}")
        try:
            client = chromadb.HttpClient(
                host=parts.hostname or "localhost",
                port=parts.port or (443 if parts.scheme == "https" else 8000),
                ssl=parts.scheme == "https",
                settings=Settings(anonymized_telemetry=False),
            )
            return cls(client, model)
        except Exception as exc:  # one kind for "down", others for what a proxy answers
            raise IndexNotReady(
                f"The Chroma server at {address} cannot be reached: {exc}",
                hint="Check index.server, or leave it empty to keep the index on this machine.",
            ) from exc

    def missing(self, keys: Sequence[str]) -> set[str]:
        """Those keys that have no vector."""
        wanted = sorted(set(keys))
        found: set[str] = set()
        with _translated():
            for start in range(0, len(wanted), _PAGE):
                page = wanted[start : start + _PAGE]
                found.update(self._collection.get(ids=page, include=[])["ids"])
        return set(wanted) - found

    def similar(self, vector: NDArray[np.float32]) -> Mapping[str, float]:
        """Cosine similarity of the nearest keys."""
        with _translated():
            answer = self._collection.query(
                query_embeddings=[vector.tolist()], n_results=_NEAREST, include=["distances"]
            )
        return {
            key: 1.0 - float(distance)
            for key, distance in zip(answer["ids"][0], answer["distances"][0], strict=True)
        }

    def add(self, keys: Sequence[str], matrix: Matrix) -> None:
        """Keep vectors for keys; known keys are overwritten."""
        with _translated():
            self._collection.upsert(ids=list(keys), embeddings=matrix)

    def keep_only(self, keys: Sequence[str]) -> None:
        """Drop every other key."""
        with _translated():
            stale = sorted(set(self._collection.get(include=[])["ids"]) - set(keys))
            for start in range(0, len(stale), _PAGE):
                self._collection.delete(ids=stale[start : start + _PAGE])

    def snapshot(self) -> Snapshot:
        """Everything in it, for searching without Chroma."""
        keys: list[str] = []
        pages: list[Matrix] = []
        while True:
            with _translated():
                page = self._collection.get(limit=_PAGE, offset=len(keys), include=["embeddings"])
            if not page["ids"]:
                break
            keys += page["ids"]
            pages.append(np.asarray(page["embeddings"], dtype=np.float32))
        return Snapshot(keys, np.concatenate(pages) if pages else np.zeros((0, 0), np.float32))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Exception as exc:  # Chroma raises many kinds, its HTTP client others
        raise IndexNotReady(
            f"The search index's Chroma failed: {exc}",
            hint="Check that the Chroma server runs, or the index folder's free space.",
        ) from exc


def _unit(vectors: Matrix) -> Matrix:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(length == 0, 1, length), dtype=np.float32)
