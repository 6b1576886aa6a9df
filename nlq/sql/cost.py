"""What a query may cost its principal: estimates and the policy's limits enter, a decision leaves.

Up to ``confirm_above_bytes`` a query runs unasked, from there to ``max_bytes`` once the person has
confirmed it, above that never. An unknown size is let through: the same limits are watched while
the query runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nlq.answer.formats import format_bytes
from nlq.errors import TooCostly
from nlq.sql.limits import Limits
from nlq.types import Estimate, RunLimits


def check_cost(
    limits: Limits, estimate: Estimate, *, confirmed: bool, hint: Callable[[], str]
) -> None:
    """Raise ``TooCostly`` where the estimate is above the limits; ``hint`` says how to narrow."""
    size, most, unasked = estimate.size_bytes, limits.max_bytes, limits.confirm_above_bytes
    if size is None:
        return
    if most is not None and size > most:
        raise TooCostly(
            f"This would read about {format_bytes(size)}, {_times(size / most)} the "
            f"{format_bytes(most)} that one query may read.",
            hint=hint(),
        )
    if unasked is not None and size > unasked and not confirmed:
        raise TooCostly(
            f"This would read about {format_bytes(size)}, {_times(size / unasked)} the "
            f"{format_bytes(unasked)} above which you are asked first.",
            hint=hint(),
            may_confirm=True,
        )


def run_limits(own: RunLimits, limits: Limits, *, confirmed: bool) -> RunLimits:
    """The limits of a run: those of the settings, or tighter ones of the policy."""
    unasked = None if confirmed else limits.confirm_above_bytes
    caps = [cap for cap in (own.read_bytes, limits.max_bytes, unasked) if cap is not None]
    return replace(
        own,
        seconds=min(own.seconds, limits.max_seconds or own.seconds),
        read_bytes=min(caps, default=None),
    )


def _times(factor: float) -> str:
    """How many times as much.

    >>> _times(1.26), _times(40.2)
    ('1.3 times', '40 times')
    """
    return f"{factor:.1f} times" if factor < 10 else f"{factor:,.0f} times"
