"""Money: outcomes and prices in, what the model's tokens cost out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlq_evals.outcome import Outcome
from nlq_evals.suite import SuiteError


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a million tokens ``read`` and ``written``, in whatever currency."""

    read: float
    written: float


def parse_prices(text: str) -> Prices | None:
    """``"0.4,1.6"`` as prices, nothing as None; raises ``SuiteError``."""
    if not text.strip():
        return None
    try:
        read, written = (float(part) for part in text.split(","))
    except ValueError:
        raise SuiteError(
            f"{text!r} are no prices: give two numbers, of a million tokens read and written, "
            "like 0.4,1.6."
        ) from None
    return Prices(read, written)


def cost_of(outcomes: Sequence[Outcome], prices: Prices) -> float:
    """Of all tokens together, whether they were replayed or not."""
    read = sum(outcome.tokens_read for outcome in outcomes)
    written = sum(outcome.tokens_written for outcome in outcomes)
    return (read * prices.read + written * prices.written) / 1e6
