"""Whether the data that a person may see can answer a question at all: rules before the model."""

from __future__ import annotations

from nlq.types import Context, Refusal

WEAK_MATCH = 0.3
"""Score of the best table below which nothing in the lake is about the question. Measured on the
sample lake: what it answers scores 0.41 and above, small talk and general knowledge 0.22 and
below."""


def out_of_scope(context: Context) -> Refusal | None:
    """A refusal when the question is outside the rights or outside the data, else None."""
    if context.restricted:
        return Refusal(
            "forbidden", "This question needs data that you do not have the rights to see."
        )
    named = any(hit.phrase for hit in context.metrics)
    best = max((hit.score for hit in context.tables), default=0.0)
    if not named and best < WEAK_MATCH:
        return Refusal("unanswerable", "Nothing in the data that you may see is about this.")
    return None
