"""How an answer was computed, in plain words taken from the checked tree, step by step."""

from __future__ import annotations

from nlq.answer.lineage import Lineage


def how_computed(lineage: Lineage) -> tuple[str, ...]:
    """One sentence a step, in the order in which they are done."""
    return ()
