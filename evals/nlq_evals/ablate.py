"""Ablation: each technique of drafting switched over alone, and what that changes, as a table.

Techniques are the boolean settings of the section ``drafting``. Runs share a recorder, so that a
technique that leaves a prompt as it was costs no model call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from nlq.settings import Settings
from nlq_evals.compare import Difference, compare
from nlq_evals.measure import Measured, Order, measure
from nlq_evals.outcome import Outcome
from nlq_evals.runner import OnOutcome
from nlq_evals.scorers import accuracy, cost
from nlq_evals.suite import SuiteError

Run = Callable[[Order, Settings, OnOutcome], Measured]

_SECTION = "drafting"


@dataclass(frozen=True, slots=True)
class Variant:
    """The system with one technique switched over: ``on`` says whether it is on in it."""

    technique: str
    on: bool
    measured: Measured

    @property
    def name(self) -> str:
        """``"without X"`` or ``"with X"``."""
        return _name(self.technique, on=self.on)


def techniques(settings: Settings) -> dict[str, bool]:
    """Every technique that can be switched, and whether it is on."""
    section = getattr(settings, _SECTION, None)
    if not isinstance(section, BaseModel):
        return {}
    values = {name: getattr(section, name) for name in type(section).model_fields}
    return {name: value for name, value in values.items() if isinstance(value, bool)}


def switched(settings: Settings, technique: str, *, on: bool) -> Settings:
    """The settings with that technique on or off."""
    section = getattr(settings, _SECTION).model_copy(update={technique: on})
    return settings.model_copy(update={_SECTION: section})


def ablate(
    order: Order,
    settings: Settings,
    names: Sequence[str],
    on_outcome: OnOutcome,
    run: Run = measure,
) -> tuple[Measured, tuple[Variant, ...]]:
    """Run the system as it is set, then once for each of ``names`` (all where there is none).

    Logs go to folders below ``order.out``. Raises ``SuiteError`` for an unknown technique.
    """
    known = techniques(settings)
    if unknown := [name for name in names if name not in known]:
        raise SuiteError(
            f"There is no technique {', '.join(unknown)}; use {', '.join(known) or 'none'}."
        )
    if not known:
        raise SuiteError("The settings have no technique that could be switched off.")
    out = order.out
    # The lakes of plain runs beside this one: made anew, they would stand at another time.
    order = replace(
        order,
        replies=order.replies or out / "replies",
        lakes=order.lakes or out.parent / "lakes",
    )
    full = run(replace(order, out=out / "full"), settings, on_outcome)
    variants = []
    for name in names or known:
        on = not known[name]
        called = _name(name, on=on)
        one = replace(order, out=out / called.replace(" ", "-"), called=f"{order.system} {called}")
        changed = switched(settings, name, on=on)
        variants.append(Variant(name, on, run(one, changed, on_outcome)))
    return full, tuple(variants)


def table(full: Measured, variants: Sequence[Variant]) -> Iterator[str]:
    """A Markdown table: the system as it is set, then each variant against it."""
    yield (
        "| system | execution accuracy | change, 95 % interval | by chance | won | lost | "
        "model calls | tokens read | tokens written | median, s | 95th percentile, s |"
    )
    yield "|---" * 11 + "|"
    yield f"| as set | {_accuracy(full.outcomes)} |  |  |  |  | {_spent(full.outcomes)} |"
    for variant in variants:
        found = compare(full.outcomes, variant.measured.outcomes)
        cells = _change(found[0]) if found else "no case in common |  |  | "
        outcomes = variant.measured.outcomes
        yield f"| {variant.name} | {_accuracy(outcomes)} | {cells} | {_spent(outcomes)} |"
    yield ""
    yield (
        "Change is against the system as it is set, over the same cases, paired; an interval that "
        "holds 0 is noise. Tokens are means a case. Seconds are of whole questions; replayed "
        "calls count as they were first measured."
    )


def _name(technique: str, *, on: bool) -> str:
    return f"{'with' if on else 'without'} {technique}"


def _accuracy(outcomes: Sequence[Outcome]) -> str:
    found = accuracy.execution_accuracy(outcomes)
    return "none" if found.value is None else f"{found.right}/{found.total} = {found.value:.1%}"


def _change(d: Difference) -> str:
    low, high = d.interval
    change = f"{d.change:+.1%} ({low:+.0%} to {high:+.0%})"
    return f"{change} | {d.chance:.2f} | {len(d.won)} | {len(d.lost)}"


def _spent(outcomes: Sequence[Outcome]) -> str:
    cases = max(1, len(outcomes))
    calls = sum(o.model_calls for o in outcomes)
    read = sum(o.tokens_read for o in outcomes) / cases
    written = sum(o.tokens_written for o in outcomes) / cases
    time = cost.seconds_in_all(outcomes)
    seconds = f"{time.median:.1f} | {time.p95:.1f}" if time else " | "
    return f"{calls} | {read:.0f} | {written:.0f} | {seconds}"
