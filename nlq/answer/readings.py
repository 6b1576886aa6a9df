"""Readings: checked queries for one question go in, words that tell them apart leave.

Steps that all of them do are left out: whoever has to choose looks for what differs.
"""

from __future__ import annotations

from collections.abc import Sequence

from nlq.answer.how import how_computed
from nlq.answer.lineage import Lineage
from nlq.catalog.catalog import Catalog
from nlq.sql.guarded import GuardedQuery


def told_apart(queries: Sequence[GuardedQuery], catalog: Catalog) -> tuple[str, ...]:
    """Each query in words; all of its steps where none is its own."""
    steps = [how_computed(Lineage(query.tree(), catalog)) for query in queries]
    shared = set.intersection(*map(set, steps)) if steps[1:] else set[str]()
    return tuple(" ".join([step for step in told if step not in shared] or told) for told in steps)
