"""Replays: outcomes in, how many of the model's calls were not asked of it out."""

from __future__ import annotations

from collections.abc import Sequence

from nlq_evals.outcome import Outcome


def told(outcomes: Sequence[Outcome]) -> str:
    """``"N of M calls"``, or nothing where none was replayed."""
    replayed = sum(outcome.replayed for outcome in outcomes)
    calls = sum(max(outcome.model_calls, outcome.replayed) for outcome in outcomes)
    return f"{replayed} of {calls} calls" if replayed else ""
