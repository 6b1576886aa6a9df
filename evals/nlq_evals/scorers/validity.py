"""Valid SQL: outcomes in, how often SQL was written, ran, and ran at the first try, out."""

from __future__ import annotations

from collections.abc import Sequence

from nlq_evals.outcome import Outcome
from nlq_evals.scorers.accuracy import Share, share


def ran(outcomes: Sequence[Outcome]) -> Share:
    """Of the answerable cases, those whose SQL passed the guard and ran, right or wrong."""
    return share([o.kind == "answer" for o in outcomes if o.expect == "answer"])


def ran_at_once(outcomes: Sequence[Outcome]) -> Share:
    """The same, without any repair."""
    return share([o.kind == "answer" and not o.repairs for o in outcomes if o.expect == "answer"])


def by_confidence(outcomes: Sequence[Outcome]) -> dict[str, Share]:
    """Execution accuracy by how sure the model was, of what it drafted."""
    marks: dict[str, list[bool]] = {}
    for outcome in outcomes:
        if outcome.expect == "answer" and outcome.confidence:
            marks.setdefault(outcome.confidence, []).append(outcome.right)
    return {confidence: share(found) for confidence, found in sorted(marks.items())}


def by_source(outcomes: Sequence[Outcome]) -> dict[str, Share]:
    """Execution accuracy by where the SQL came from (metric, verified, model)."""
    marks: dict[str, list[bool]] = {}
    for outcome in outcomes:
        if outcome.expect == "answer" and outcome.kind == "answer":
            marks.setdefault(outcome.source or "unknown", []).append(outcome.right)
    return {source: share(found) for source, found in sorted(marks.items())}
