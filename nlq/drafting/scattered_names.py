"""Metrics whose names stand in a question in pieces: "customers churned", "deals did we win"."""

from __future__ import annotations

from nlq.catalog.catalog import Catalog
from nlq.retrieval.words import STOP_WORDS, singular, stem, tokens, words
from nlq.types import Context, MetricDoc

_PAST = {
    "won": "win", "lost": "lose", "sent": "send", "spent": "spend", "sold": "sell", "paid": "pay",
    "bought": "buy", "left": "leave", "got": "get", "made": "make", "closing": "close",
}  # fmt: skip


def scattered_metric(
    context: Context, catalog: Catalog
) -> tuple[MetricDoc, tuple[str, ...]] | None:
    """The one metric all of whose name's words are in the question, in whatever order.

    Gives the metric and those words as the question has them. A name of more words beats one of
    fewer; None where two metrics are named equally well, or none is.
    """
    said = {_root(token.text): token.text for token in tokens(context.standalone)}
    found: dict[str, set[str]] = {}
    for metric in catalog.metrics.values():
        for name in (metric.label, *metric.synonyms):
            roots = {_root(word) for word in words(name) if word not in STOP_WORDS}
            if (
                len(roots) > 1
                and roots <= said.keys()
                and len(roots) > len(found.get(metric.name, ()))
            ):
                found[metric.name] = roots
    if not found:
        return None
    most = max(len(roots) for roots in found.values())
    best = [name for name, roots in found.items() if len(roots) == most]
    if len(best) > 1:
        return None
    return catalog.metrics[best[0]], tuple(said[root] for root in sorted(found[best[0]]))


def _root(word: str) -> str:
    return stem(_PAST.get(singular(word), singular(word)))
