"""Whether the data that a person may see can answer a question at all: rules before the model."""

from __future__ import annotations

from nlq.types import Context, Refusal

WEAK_MATCH = 0.3
"""Score of the best table below which nothing in the lake is about the question. Measured on the
sample lake: what it answers scores 0.41 and above, small talk and general knowledge 0.22 and
below."""

SURE_MATCH = 0.65
"""Score of the best table from which a word that no doc knows may be a mere manner of speaking."""


def out_of_scope(context: Context) -> Refusal | None:
    """A refusal when the question is outside the rights or outside the data, else None."""
    if context.restricted:
        return Refusal(
            "forbidden", "This question needs data that you do not have the rights to see."
        )
    if any(hit.phrase for hit in context.metrics):
        return None
    best = max((hit.score for hit in context.tables), default=0.0)
    if best < WEAK_MATCH:
        return Refusal("unanswerable", "Nothing in the data that you may see is about this.")
    if context.unmatched and best < SURE_MATCH:
        words = ", ".join(f"\u201c{word}\u201d" for word in context.unmatched)
        return Refusal("unanswerable", f"Nothing in the data that you may see explains {words}.")
    return None
