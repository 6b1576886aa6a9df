"""Full-text scores: documents go in once, a BM25 score for each of them leaves a question."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlq.retrieval.words import search_terms


class Keywords:
    """BM25 over the documents' stems. Kept in memory: building it takes milliseconds."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG
        self._size = len(texts)
        self._bm25: Any = bm25s.BM25()
        if texts:
            self._bm25.index([search_terms(text) for text in texts], show_progress=False)

    def scores(self, terms: Sequence[str]) -> NDArray[np.float32]:
        """A score of 0 or more for each document, in their order; takes stems."""
        known = self._bm25.get_tokens_ids(terms) if self._size else []
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        scores: NDArray[np.float32] = self._bm25.get_scores_from_ids(known)
        return scores
