"""The glossary's entries that a question is about: entries and a text go in, the closest leave."""

from __future__ import annotations

from collections.abc import Sequence

import bm25s
import numpy as np

from nlq.retrieval.words import search_terms

_MOST = 4
_SHARE = 0.4
"""Share of the best entry's score that another one must have."""


def relevant_rules(glossary: Sequence[str], text: str) -> tuple[str, ...]:
    """Entries that share the text's rarer words, best first; none where nothing is shared."""
    asked = list(dict.fromkeys(search_terms(text)))
    if not glossary or not asked:
        return ()
    corpus = [list(search_terms(entry)) for entry in glossary]
    known = {term for terms in corpus for term in terms}
    asked = [term for term in asked if term in known]
    if not asked:
        return ()
    index = bm25s.BM25()
    index.index(corpus, show_progress=False)
    scores = index.get_scores(asked)
    order = np.argsort(-scores, kind="stable")[:_MOST]
    best = float(scores[order[0]])
    return tuple(glossary[i] for i in order if scores[i] > 0 and scores[i] >= best * _SHARE)
