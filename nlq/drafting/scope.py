"""Whether the data that a person may see can answer a question at all: rules before the model."""

from __future__ import annotations

from nlq.types import Context, Refusal

FOREIGN_SHARE = 0.5
"""Share of a question's content words that nothing in the catalog explains, at which it is taken
to be about something else."""

WEAK_MATCH = 0.25
"""Score of the best table below which nothing in the lake is about the question."""


def out_of_scope(context: Context) -> Refusal | None:
    """A refusal when the question is outside the rights or outside the data, else None."""
    if context.restricted:
        return Refusal(
            "forbidden", "This question needs data that you do not have the rights to see."
        )
    if not context.tables and not context.metrics:
        return Refusal("unanswerable", "Nothing in the data that you may see is about this.")
    return None
