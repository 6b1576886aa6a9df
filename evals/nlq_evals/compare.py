"""Two runs of the same cases, side by side: outcomes in, differences with their noise out.

Cases are paired, so that what is easy or hard for both cancels out. The interval is the bootstrap
of the mean difference over cases (Efron, 1979); the probability that both are alike is the exact
sign test over the cases in which they differ (McNemar, 1947).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from nlq_evals.outcome import Outcome

_RESAMPLES = 10_000
_SEED = 7


@dataclass(frozen=True, slots=True)
class Difference:
    """Shares from 0 to 1 of ``cases`` cases; ``won`` are right in the second run alone.

    ``interval`` is the 95 % bootstrap interval of ``after - before``, ``chance`` the probability
    of differences as uneven as these if both runs were equally good.
    """

    name: str
    cases: int
    before: float
    after: float
    won: tuple[str, ...]
    lost: tuple[str, ...]
    interval: tuple[float, float]
    chance: float

    @property
    def change(self) -> float:
        """How much better the second run is."""
        return self.after - self.before

    @property
    def is_loss(self) -> bool:
        """Whether the second run is worse by more than the noise."""
        return self.interval[1] < 0


def compare(before: Sequence[Outcome], after: Sequence[Outcome]) -> tuple[Difference, ...]:
    """The differences over the cases that both runs have, alike in all that decides the score.

    The first is over the answerable cases, then all cases, then each category.
    """
    earlier = {(o.id, o.fingerprint): o for o in before}
    pairs = [(earlier[key], o) for o in after if (key := (o.id, o.fingerprint)) in earlier]
    groups: dict[str, list[tuple[Outcome, Outcome]]] = {
        "answerable": [pair for pair in pairs if pair[1].expect == "answer"],
        "all": pairs,
    }
    for pair in pairs:
        groups.setdefault(pair[1].category, []).append(pair)
    return tuple(_difference(name, found) for name, found in groups.items() if found)


def _difference(name: str, pairs: Sequence[tuple[Outcome, Outcome]]) -> Difference:
    first = np.array([before.right for before, _ in pairs], float)
    second = np.array([after.right for _, after in pairs], float)
    change = second - first
    picks = np.random.default_rng(_SEED).integers(0, len(pairs), (_RESAMPLES, len(pairs)))
    low, high = np.percentile(change[picks].mean(axis=1), [2.5, 97.5])
    won = tuple(b.id for a, b in pairs if b.right and not a.right)
    lost = tuple(b.id for a, b in pairs if a.right and not b.right)
    return Difference(
        name,
        len(pairs),
        float(first.mean()),
        float(second.mean()),
        won,
        lost,
        (float(low), float(high)),
        _sign_test(len(won), len(lost)),
    )


def _sign_test(won: int, lost: int) -> float:
    """The two-sided probability of a split at least as uneven, of fair coins.

    >>> _sign_test(5, 5), _sign_test(6, 0)
    (1.0, 0.03125)
    """
    tosses = won + lost
    tail = sum(comb(tosses, k) for k in range(min(won, lost) + 1)) / 2**tosses
    return min(1.0, 2 * tail)


def table(found: Sequence[Difference]) -> Iterator[str]:
    """The differences as a Markdown table, then the cases won and lost."""
    yield "| cases | number | first | second | change, 95 % interval | by chance | won | lost |"
    yield "|---" * 8 + "|"
    for d in found:
        low, high = d.interval
        yield (
            f"| {d.name} | {d.cases} | {d.before:.1%} | {d.after:.1%} | "
            f"{d.change:+.1%} ({low:+.0%} to {high:+.0%}) | {d.chance:.2f} | {len(d.won)} | "
            f"{len(d.lost)} |"
        )
    whole = next((d for d in found if d.name == "all"), found[0])
    yield ""
    yield f"Won: {', '.join(whole.won) or 'none'}."
    yield f"Lost: {', '.join(whole.lost) or 'none'}."
