"""Time and tokens: outcomes in, median and 95th percentile out.

Calls of the model that a recorder replayed count with the seconds that they took when first asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlq_evals.outcome import Outcome

_ELSEWHERE = frozenset({"draft", "estimate", "run"})
"""Stages whose time is the model's or the engine's."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 95th percentile of ``count`` figures (seconds, or tokens)."""

    median: float
    p95: float
    count: int


def spread(figures: Sequence[float]) -> Spread | None:
    """Of some figures; None of none."""
    if not figures:
        return None
    median, p95 = np.percentile(figures, [50, 95])
    return Spread(float(median), float(p95), len(figures))


def seconds_by_stage(outcomes: Sequence[Outcome]) -> dict[str, Spread]:
    """Seconds of each stage over the questions that reached it; repeats in one question add up."""
    stages: dict[str, list[float]] = {}
    for outcome in outcomes:
        for stage, seconds in _summed(outcome).items():
            stages.setdefault(stage, []).append(seconds)
    return {stage: found for stage, all_ in stages.items() if (found := spread(all_))}


def seconds_in_all(outcomes: Sequence[Outcome]) -> Spread | None:
    """Seconds of whole questions."""
    return spread([outcome.seconds + outcome.saved for outcome in outcomes])


def seconds_of_our_own(outcomes: Sequence[Outcome]) -> Spread | None:
    """Seconds of all stages but those that wait for the model or the engine."""
    return spread(
        [
            sum(seconds for stage, seconds in _summed(o).items() if stage not in _ELSEWHERE)
            for o in outcomes
            if o.timings
        ]
    )


def model_seconds(outcomes: Sequence[Outcome]) -> Spread | None:
    """Seconds of the model as first measured, over the questions whose calls were recorded."""
    return spread([o.model_seconds for o in outcomes if o.model_seconds])


def tokens(outcomes: Sequence[Outcome]) -> dict[str, Spread]:
    """Tokens read and written by the model, over the questions that asked it."""
    asked = [outcome for outcome in outcomes if outcome.model_calls]
    figures = {
        "read": spread([o.tokens_read for o in asked]),
        "written": spread([o.tokens_written for o in asked]),
    }
    return {name: found for name, found in figures.items() if found}


def _summed(outcome: Outcome) -> dict[str, float]:
    sums: dict[str, float] = {}
    for stage, seconds in outcome.timings:
        sums[stage] = sums.get(stage, 0.0) + seconds
    if outcome.saved:
        sums["draft"] = sums.get("draft", 0.0) + outcome.saved
    return sums
