from __future__ import annotations

import hashlib
from datetime import datetime
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from nlq.catalog.catalog import Catalog
from nlq.catalog.yaml_docs import YamlDocs
from nlq.retrieval.index import build_index
from nlq.retrieval.lexicon import Lexicon
from nlq.retrieval.retriever import Retriever
from nlq.retrieval.words import search_terms
from nlq.types import Clock

SIZE = 512


class HashedWords(Embeddings):
    """Texts are alike where they share words; counts what it was asked for."""

    def __init__(self) -> None:
        self.documents = 0
        self.calls = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.calls += 1
        self.documents += len(texts)
        return [self._vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        self.calls += 1
        return self._vector(text)

    def _vector(self, text: str) -> list[float]:
        counts = np.zeros(SIZE)
        for word in search_terms(text):
            counts[int(hashlib.md5(word.encode()).hexdigest(), 16) % SIZE] += 1
        return [float(count) for count in counts]


class WordCounter:
    """One token a word."""

    def count(self, text: str) -> int:
        return len(text.split())


@pytest.fixture(scope="session")
def clock() -> Clock:
    return Clock(datetime(2026, 7, 15, 9, 30, tzinfo=ZoneInfo("UTC")), ZoneInfo("UTC"))


@pytest.fixture(scope="session")
def sample() -> Catalog:
    return YamlDocs(Path(str(resources.files("nlq.sample"))) / "docs").load()


@pytest.fixture(scope="session")
def sample_lexicon(sample: Catalog) -> Lexicon:
    return Lexicon(sample)


@pytest.fixture
def embeddings() -> HashedWords:
    return HashedWords()


@pytest.fixture
def counter() -> WordCounter:
    return WordCounter()


BUDGET = 700
"""Words that the sample's retriever may pack."""


@pytest.fixture(scope="session")
def retriever(tmp_path_factory: pytest.TempPathFactory, sample: Catalog) -> Retriever:
    index = build_index(sample, HashedWords(), tmp_path_factory.mktemp("index"))
    return Retriever(sample, index, token_counter=WordCounter(), budget_tokens=BUDGET)
